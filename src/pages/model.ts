import type { Malformation } from '../domain/code.ts';
import type { MessageState } from '../domain/receipt.ts';
import type { ErrorCode } from '../errors.ts';
import type { Brand } from '../options.ts';
import type { Channel } from '../ports/store.ts';

/** What every view gets. A host that replaces a view relies on these names. */
export interface PageBase {
  /** BCP 47 tag of the page. */
  lang: string;
  /** Says a text of `views/locales`; not escaped, so print it with `<%= %>`. */
  t(key: string, values?: Record<string, string | number>): string;
  brand: Brand;
  /** For `<script nonce>`; new for each response (WEB-01). */
  nonce: string;
  /** Addresses of the stylesheet and the script. */
  css: string;
  js: string;
  /** Address of this interaction, such as /sekisho/AbC; forms post to `here + '/code' + query`. */
  here: string;
  /** `?ui_locales=ja` when the person chose a language, else empty. */
  query: string;
  /** Goes into every form as `csrf` (WEB-08). */
  csrf: string;
  /** Every language there is, for a language switch made of links. */
  languages: { tag: string; label: string; href: string; current: boolean }[];
  /** What went wrong with the last entry; the view shows it above the form and ties it to the field. */
  error: PageError | null;
  /** Name of the relying party; untrusted text. */
  client: string;
  /** Another way to prove a second factor, of the host (RST-01). */
  alternative: { url: string; label: string } | null;
}

export interface PageError {
  /** Text key is `error.<code>`, or `error.code_malformed.<malformation>`. */
  code: ErrorCode;
  malformation?: Malformation;
  values: Record<string, string | number>;
  /** Name of the input it belongs to; null for an error of the page. */
  field: string | null;
}

/** A number is asked for: what SMS can and cannot do (RST-03), one input, one button. Posts `notice=read`, `phone`. */
export interface NumberPage extends PageBase {
  /** What was typed before. */
  value: string;
  /** Which numbers can be used, as a sentence: kinds and countries that a gateway reaches. */
  accepted: string;
  /** A number as people write it in the first country that is allowed. */
  example: string;
  signUp: boolean;
  /** A code for the number before is under way: `here` is the page that asks for it. */
  codeUnderWay: boolean;
  /** Seconds until this number may be sent to again; 0: now. Another number need not wait. */
  sendWait: number;
}

/**
 * A code is asked for, or the first one is still to be sent. Posts `code` and maybe `trust=yes` to /code; `channel` to
 * /send; nothing to /follow, /change and /cancel.
 */
export interface CodePage extends PageBase {
  /** False: nothing was sent yet; the page has a button that sends. GET never sends (WEB-10). */
  sent: boolean;
  /** Last two digits at sign-in, the whole number while it is being bound (A11-08, A11-10). */
  number: string;
  /** The person may correct the number (while it is being bound). */
  changeable: boolean;
  length: number;
  /** Seconds the code lives on; 0 when it has expired. */
  secondsLeft: number;
  /** How the last code went out. */
  channel: Channel;
  /** How that message or call gets on. */
  delivery: DeliveryNews;
  /** Seconds until the help opens by itself, half a minute after a send; 0: it is open, or a reload opens it. */
  helpWait: number;
  /**
   * Ways in which a code may be sent now or in `sendWait` seconds; empty when this challenge has had all its sends, or no
   * gateway reaches the number just now.
   */
  channels: readonly Channel[];
  /** This challenge has had all its sends. */
  sendsUsed: boolean;
  /** The person at this number said STOP: no SMS until START is sent to the number they came from; calls still work. */
  stopped: boolean;
  sendWait: number;
  /** After wrong codes none is sent for a while, because it could not be entered in time: until when. */
  paused: { time: string } | null;
  /** Seconds until an entry is looked at again; 0: now. */
  tryWait: number;
  /** Days for which the browser may be trusted; null when that is not offered. */
  trustDays: number | null;
  /** The person asked for that together with a code that was wrong. */
  trusting: boolean;
  /** What the last press set going, while it goes on (A11-06): text key, or null. */
  status: 'status.sending_again' | 'status.calling' | null;
}

/**
 * How the newest message or call gets on, as far as vendor and carrier told. It is a hint: what is delivered is not
 * verified, and what is not may still arrive. The same object, without anything that names number or code, comes as
 * server-sent events from `here + '/events' + query`, or as JSON where a GET accepts no event stream; 204 and the event
 * `end` mean that no more is coming.
 */
export interface DeliveryNews {
  /**
   * SMS: `sending` (no gateway has it yet), `ambiguous` (it left, no answer came), `accepted` (the vendor has it), `sent`
   * (the carrier has it), then `delivered`, or `undelivered`, `expired`, `rejected`, `unknown`. Calls: `sending`, `ambiguous`,
   * `accepted`, `ringing`, `answered`, then `heard`, or `busy`, `no-answer`, `machine`, `unheard`, `failed`, `rejected`.
   */
  state: MessageState;
  channel: Channel;
  /** Why it did not arrive, where that is known; `temporary` for whatever is not about the phone. */
  reason: 'unreachable' | 'blocked' | 'number' | 'opt-out' | 'recycled' | 'temporary' | null;
  /** The usual time has passed without news (30 seconds, until receipts teach better). */
  late: boolean;
  /** The code went this other way by itself, because the message before did not arrive or was late. */
  fellBack: 'undelivered' | 'late' | null;
  /** How it looks: nothing to do yet, it arrived, it may be in trouble, it failed. */
  tone: 'wait' | 'good' | 'care' | 'bad';
  /** All this as a sentence in the language of the page. Holds no number and no code. */
  text: string;
  /** What the person can check, as sentences, fitted to reason, channel and country; the likeliest first. */
  help: readonly string[];
  /** There is a failure, a delay, or half a minute has passed, so the help shows without being asked for. */
  helpOpen: boolean;
  /**
   * A word for changes a screen reader should tell; empty where it should not, as during a call. The same word again is no
   * news.
   */
  tell: string;
  /** The policy lets the page ask for another way by itself (`fallback.late`): post to /follow, once. */
  follow: boolean;
  /** A word for what may be sent; another one than on the page means that its buttons and waits are those of before. */
  offer: string;
}

/** Sign-up: name or e-mail and a password. Posts `login`, `name`, `password` to /signup. */
export interface SignUpPage extends PageBase {
  login: string;
  name: string;
}

/** Something ended or went wrong. Never a dead end: there is a way on wherever the interaction still lives. */
export interface ProblemPage extends PageBase {
  code: ErrorCode;
  /** `return`: a button posts to /cancel, which leads back to the relying party with an error. */
  way: 'return' | 'restart' | 'retry';
  /** Where the relying party of an interaction that is over begins (its `client_uri`), where that is known. */
  home: string | null;
}

/** All is done; the page moves on to `next` by itself, also without JavaScript. */
export interface DonePage extends PageBase {
  next: string;
  /** False after the person gave up: the page says that it leads back, not that all went well. */
  verified: boolean;
}

export interface Pages {
  number: NumberPage;
  code: CodePage;
  signup: SignUpPage;
  problem: ProblemPage;
  done: DonePage;
}
export type PageName = keyof Pages;
