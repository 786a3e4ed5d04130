import type { MessageState } from '../domain/receipt.ts';
import type { Channel } from '../ports/store.ts';
import type { CodePage, DeliveryNews, NumberPage, PageBase, PageName, Pages } from './model.ts';

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
    names: {},
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
  brand: { name: 'Sample', names: {}, colour: '#1a4d8f', colourDark: '#8fb8ee' },
  query: '',
  languages: [],
  error: null,
  client: '',
  alternative: null,
};

/** Every state, so that a view that has an own word for each is tried out with all of them. */
const STATES: Readonly<Record<Channel, readonly MessageState[]>> = {
  sms: [
    'sending',
    'ambiguous',
    'accepted',
    'sent',
    'delivered',
    'undelivered',
    'expired',
    'unknown',
    'rejected',
  ],
  voice: [
    ...(['sending', 'ambiguous', 'accepted', 'ringing', 'answered', 'heard', 'busy', 'no-answer'] as const),
    ...(['machine', 'unheard', 'failed', 'rejected'] as const),
  ],
};

const news = (own: Partial<DeliveryNews> = {}): DeliveryNews => ({
  ...{ state: 'accepted', channel: 'sms', reason: null, late: false, fellBack: null, follow: false },
  ...{ offer: '1 sms voice' },
  ...{ tone: 'wait', text: 'news', help: ['help'], helpOpen: false, tell: '' },
  ...own,
});
const inTrouble = news({
  ...{ state: 'undelivered', reason: 'blocked', tone: 'bad', helpOpen: true },
  ...{ late: true, fellBack: 'late', follow: true },
});

const code: Omit<CodePage, keyof PageBase> = {
  sent: true,
  number: '78',
  changeable: false,
  length: 6,
  secondsLeft: 300,
  channel: 'sms',
  delivery: news(),
  helpWait: 30,
  channels: ['sms', 'voice'],
  sendsUsed: false,
  stopped: false,
  sendWait: 30,
  paused: { time: '5:32 PM UTC' },
  tryWait: 30,
  trustDays: 30,
  trusting: true,
  status: 'status.sending_again',
};

const number: Omit<NumberPage, keyof PageBase> = {
  value: '',
  accepted: 'Mobile phones',
  example: '090-1234-5678',
  signUp: true,
  codeUnderWay: true,
  sendWait: 30,
};

const wrongField = (field: string): PageBase => ({ ...full, error: { code: 'internal', values: {}, field } });

const samples: { [N in PageName]: readonly Pages[N][] } = {
  number: [
    { ...full, ...number },
    { ...bare, ...number, accepted: '', signUp: false, codeUnderWay: false, sendWait: 0 },
    { ...wrongField('phone'), ...number, value: '1', example: '' },
  ],
  code: [
    { ...full, ...code },
    { ...wrongField('code'), ...code, changeable: true, channel: 'voice', delivery: inTrouble },
    { ...bare, ...code, sent: false, sendWait: 0, tryWait: 0, trustDays: null, status: null },
    { ...bare, ...code, secondsLeft: 0, channels: [], sendsUsed: true },
    { ...bare, ...code, channels: [], sendsUsed: true },
    { ...bare, ...code, sent: false, channels: [] },
    { ...bare, ...code, sent: false, stopped: true, channels: ['voice'] },
    { ...full, ...code, stopped: true, channels: [] },
    {
      ...full,
      ...code,
      delivery: news({ late: true, follow: true, tone: 'care', helpOpen: true }),
      helpWait: 0,
    },
    ...(['sms', 'voice'] as const).flatMap((channel) =>
      STATES[channel].map((state) => ({ ...bare, ...code, channel, delivery: news({ state, channel }) })),
    ),
  ],
  signup: [
    { ...wrongField('login'), login: 'a', name: 'b' },
    { ...bare, login: '', name: '' },
  ],
  problem: (['return', 'restart', 'retry'] as const).flatMap((way) => [
    { ...full, code: 'internal', way, home: 'https://app.example/' },
    { ...bare, code: 'interaction_gone', way, home: null },
  ]),
  done: [
    { ...full, next: '/next', verified: true },
    { ...bare, next: '/next', verified: false },
  ],
};

/** Models that reach every branch of a view, to try views out at the start. */
export const samplesOf = <N extends PageName>(name: N): readonly Pages[N][] => samples[name];
