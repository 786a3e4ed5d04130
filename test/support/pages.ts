import { fileURLToPath } from 'node:url';
import type { CodePage, DeliveryNews, PageBase, PageName, Pages } from '../../src/pages/model.ts';
import { tellNews } from '../../src/pages/news.ts';
import { NOTHING_YET, type Progress } from '../../src/pages/progress.ts';
import { loadTexts } from '../../src/texts.ts';

export const LOCALES = fileURLToPath(new URL('../../views/locales', import.meta.url));
export const texts = loadTexts(LOCALES);
export const BRAND = {
  name: 'みらい銀行',
  names: {},
  colour: '#1a4d8f',
  colourDark: '#8fb8ee',
  support: '0120-000-000',
};

/** How a message gets on, in the words of that language; `country` is that of the number. */
export function newsIn(lang: string, own: Partial<Progress> = {}, country = 'JP'): DeliveryNews {
  const progress: Progress = { ...NOTHING_YET, state: 'accepted', ...own };
  const phone = { country, changeable: false, channels: ['sms', 'voice'] as const };
  const said = tellNews(progress, phone, (key, values) => texts.say(lang, key, values));
  return { ...said, offer: '1 sms voice' };
}

/** A page as a test wants to see it: the model of `page`, in real words. */
interface Example {
  page: PageName;
  /** Whether an error belongs to one of its fields. */
  wrong?: boolean;
  /** How the message gets on. */
  progress?: Partial<Progress>;
  own: Partial<CodePage> & Record<string, unknown>;
}

const problem = (code: string, way: string, own = {}): Example => ({
  page: 'problem',
  own: { code, way, ...own },
});
const wrong = (page: PageName, field: string, code: string, own = {}): Example => ({
  page,
  wrong: true,
  own: { error: { code: code as never, values: { triesLeft: 3, seconds: 30 }, field }, ...own },
});

/** Wrong codes in a row: neither a code nor a send for a while. */
const paused = { paused: { time: '17:32 JST' }, sendWait: 481, tryWait: 481 };

const waiting = (progress: Partial<Progress>, own: Partial<CodePage> = {}): Example => ({
  page: 'code',
  progress,
  own: { channel: progress.channel ?? 'sms', ...own },
});

/** Every state of every page. */
export const EXAMPLES: Readonly<Record<string, Example>> = {
  number: { page: 'number', own: { sendWait: 0 } },
  'number-changed': {
    page: 'number',
    own: { value: '090-1234-5678', codeUnderWay: true, sendWait: 0 },
  },
  'number-early': wrong('number', 'phone', 'send_too_early', {
    ...{ value: '090-1234-5678', codeUnderWay: true, sendWait: 27 },
  }),
  'number-wrong': wrong('number', 'phone', 'number_invalid', { value: '090-123', sendWait: 0 }),
  code: { page: 'code', own: {} },
  'code-wrong': wrong('code', 'code', 'code_wrong', { tryWait: 30 }),
  'code-early': wrong('code', 'channel', 'send_too_early'),
  'code-bind': {
    page: 'code',
    own: { changeable: true, number: '090-1234-5678', status: 'status.sending_again' },
  },
  'code-voice': waiting(
    { state: 'rejected', channel: 'voice', failed: true, final: true },
    { channels: [], sendsUsed: true },
  ),
  'code-paused': { page: 'code', own: paused },
  'code-paused-first': { page: 'code', own: { ...paused, sent: false } },
  'code-paused-pressed': wrong('code', 'channel', 'codes_paused', { ...paused, sent: false }),
  'code-first': { page: 'code', own: { sent: false, sendWait: 0 } },
  'code-stopped': { page: 'code', own: { sent: false, sendWait: 0, stopped: true, channels: ['voice'] } },
  'code-stopped-dead': {
    page: 'code',
    own: { sent: false, sendWait: 0, stopped: true, channels: [], alternative: null },
  },
  'code-no-way': { page: 'code', own: { sent: false, sendWait: 0, channels: [] } },
  'code-no-more': { page: 'code', own: { sendWait: 0, channels: [], sendsUsed: true } },
  'code-over': { page: 'code', own: { secondsLeft: 0, sendWait: 0, channels: [], sendsUsed: true } },
  'code-delivered': waiting({ state: 'delivered', arrived: true, final: true }),
  'code-late': waiting({ state: 'sent', late: true, follow: true }),
  'code-refused': waiting({ state: 'undelivered', reason: 'blocked', failed: true, final: true }),
  'code-called': waiting({ state: 'ringing', channel: 'voice', fellBack: 'undelivered' }),
  'code-opt-out': waiting(
    { state: 'rejected', reason: 'opt-out', failed: true, final: true },
    { stopped: true, channels: ['voice'] },
  ),
  'code-expired': wrong('code', 'code', 'code_expired', { secondsLeft: 0, sendWait: 0 }),
  signup: { page: 'signup', own: {} },
  'signup-wrong': wrong('signup', 'password', 'password_common', { login: 'a@b.example', name: '関 所子' }),
  'signup-busy': wrong('signup', '', 'busy', { login: 'a@b.example', name: '関 所子' }),
  'signup-names': wrong('signup', 'login', 'names_used_up', { login: 'a@b.example', name: '関 所子' }),
  'problem-return': problem('code_exhausted', 'return'),
  'problem-restart': problem('interaction_gone', 'restart', {
    ...{ here: '', client: '', alternative: null, home: 'https://app.example/' },
  }),
  'problem-retry': problem('store_unavailable', 'retry'),
  done: { page: 'done', own: {} },
  back: { page: 'done', own: { verified: false } },
};

/** What the examples have in common; each page takes the fields it knows. */
export function pageModel(lang: string, own: object = {}): Pages[PageName] & Record<string, unknown> {
  const base: PageBase = {
    lang,
    t: (key, values) => texts.say(lang, key, values),
    brand: BRAND,
    nonce: 'MDEyMzQ1Njc4OWFiY2RlZg==',
    css: '/sekisho/assets/style.css',
    js: '/sekisho/assets/script.js',
    here: '/sekisho/AbCdEfGhIj',
    query: '?ui_locales=ja',
    csrf: 'form-token',
    languages: texts.locales.map((tag) => ({
      tag,
      label: texts.say(tag, 'language.name'),
      href: `/sekisho/AbCdEfGhIj?ui_locales=${tag}`,
      current: tag === lang,
    })),
    error: null,
    client: 'みらい証券オンライン',
    alternative: { url: 'https://idp.example/passkey', label: 'Passkey' },
  };
  const pages = {
    value: '',
    accepted: texts.say(lang, 'number.accepted', {
      kinds: lang === 'ja' ? '携帯電話（日本）' : 'mobile phone numbers (Japan)',
    }),
    example: '090-1234-5678',
    signUp: false,
    codeUnderWay: false,
    sent: true,
    number: '78',
    changeable: false,
    length: 6,
    secondsLeft: 272,
    channel: 'sms',
    delivery: newsIn(lang),
    helpWait: 30,
    ...{ channels: ['sms', 'voice'], sendsUsed: false, stopped: false },
    sendWait: 27,
    tryWait: 0,
    ...{ trustDays: 30, trusting: false },
    status: null,
    login: '',
    name: '',
    next: '/auth/AbCdEfGhIj',
    verified: true,
    home: null,
  };
  return { ...base, ...pages, ...own } as never;
}

/** The model of one of the examples. */
export function exampleModel(name: string, lang: string, own: object = {}): ReturnType<typeof pageModel> {
  const example = EXAMPLES[name]!;
  const news = example.progress ? { delivery: newsIn(lang, example.progress) } : {};
  return pageModel(lang, { ...news, ...example.own, ...own });
}
