import type { CodePage, PageBase, PageName, Pages } from './model.ts';

/** Every page there is. */
export const PAGE_NAMES = [
  'number',
  'code',
  'signup',
  'problem',
  'done',
] as const satisfies readonly PageName[];

/** A made-up page that shows everything; the texts are their keys. */
const full: PageBase = {
  lang: 'en',
  t: (key) => key,
  brand: {
    name: 'Sample',
    logo: 'data:image/png;base64,AA==',
    colour: '#1a4d8f',
    colourDark: '#8fb8ee',
    support: 'us',
  },
  nonce: 'AAAAAAAAAAAAAAAAAAAAAA==',
  css: '/sample.css',
  js: '/sample.js',
  here: '/sample',
  query: '?ui_locales=en',
  csrf: 'token',
  languages: [
    { tag: 'en', label: 'English', href: '?ui_locales=en', current: true },
    { tag: 'ja', label: '日本語', href: '?ui_locales=ja', current: false },
  ],
  error: { code: 'send_too_early', values: { seconds: 30 }, field: null },
  client: 'Sample application',
  alternative: { url: 'https://idp.example/other', label: 'Another way' },
};

/** The same with nothing that may be absent. */
const bare: PageBase = {
  ...full,
  brand: { name: 'Sample', colour: '#1a4d8f', colourDark: '#8fb8ee' },
  query: '',
  languages: [],
  error: null,
  client: '',
  alternative: null,
};

const code: Omit<CodePage, keyof PageBase> = {
  sent: true,
  number: '78',
  changeable: false,
  length: 6,
  secondsLeft: 300,
  channel: 'sms',
  delivery: 'accepted',
  channels: ['sms', 'voice'],
  sendWait: 30,
  tryWait: 30,
  trustDays: 30,
  status: 'status.sent_again',
};

const wrongField = (field: string): PageBase => ({ ...full, error: { code: 'internal', values: {}, field } });

const samples: { [N in PageName]: readonly Pages[N][] } = {
  number: [
    { ...full, value: '', example: '090-1234-5678', signUp: true },
    { ...bare, value: '', example: '090-1234-5678', signUp: false },
    { ...wrongField('phone'), value: '1', example: '', signUp: false },
  ],
  code: [
    { ...full, ...code },
    { ...wrongField('code'), ...code, changeable: true, channel: 'voice', delivery: 'rejected' },
    { ...bare, ...code, sent: false, sendWait: 0, tryWait: 0, trustDays: null, status: null },
    { ...bare, ...code, secondsLeft: 0, channels: [] },
    { ...bare, ...code, channels: [], channel: 'voice', delivery: 'sending' },
  ],
  signup: [
    { ...wrongField('login'), login: 'a', name: 'b' },
    { ...bare, login: '', name: '' },
  ],
  problem: (['return', 'restart', 'retry'] as const).flatMap((way) => [
    { ...full, code: 'internal', way },
    { ...bare, code: 'internal', way },
  ]),
  done: [
    { ...full, next: '/next', verified: true },
    { ...bare, next: '/next', verified: false },
  ],
};

/** Models that reach every branch of a view, to try views out at the start. */
export const samplesOf = <N extends PageName>(name: N): readonly Pages[N][] => samples[name];
