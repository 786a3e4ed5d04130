import type { Channel } from '../ports/store.ts';
import type { Progress } from './progress.ts';

/** Whose phone is to be helped. */
export interface Phone {
  /** ISO 3166 code of the number; carriers of other countries have other settings. */
  country: string | undefined;
  /** The number may still be corrected (A11-10). */
  changeable: boolean;
  /** Ways in which the code can be sent again. */
  channels: readonly Channel[];
}

/** Texts `help.<topic>`; the ones about carriers also as `help.<topic>_jp`, for numbers of Japan. */
type Topic =
  | 'number'
  | 'reach'
  | 'filter'
  | 'arrived'
  | 'listen'
  | 'contract'
  | 'full'
  | 'newest'
  | 'again'
  | 'start'
  | 'support'
  | 'callers'
  | 'keys'
  | 'machine'
  | 'busy';
const JAPANESE: ReadonlySet<Topic> = new Set(['filter', 'arrived', 'contract', 'callers']);

const SMS: readonly Topic[] = ['number', 'reach', 'filter', 'contract', 'full', 'newest'];
const CALL: readonly Topic[] = ['number', 'reach', 'callers', 'keys'];

type Reason = Exclude<NonNullable<Progress['reason']>, 'temporary'>;
/** By why the message did not arrive. */
const SMS_REASONS: Readonly<Record<Reason, readonly Topic[]>> = {
  unreachable: ['reach', 'full', 'again'],
  blocked: ['filter', 'again'],
  number: ['number', 'contract', 'support'],
  'opt-out': ['start'],
  recycled: ['number', 'support'],
};
const CALL_REASONS: Readonly<Record<Reason, readonly Topic[]>> = {
  unreachable: ['reach', 'again'],
  blocked: ['callers', 'again'],
  number: ['number', 'support'],
  'opt-out': ['support'],
  recycled: ['number', 'support'],
};
/** By how far it got, where no reason is known; what arrived may still not be found. */
const SMS_STATES: Partial<Record<Progress['state'], readonly Topic[]>> = {
  expired: ['reach', 'full', 'filter', 'again'],
  rejected: ['again'],
  delivered: ['number', 'arrived', 'newest', 'again'],
};
const CALL_STATES: Partial<Record<Progress['state'], readonly Topic[]>> = {
  busy: ['busy'],
  'no-answer': ['callers', 'reach'],
  machine: ['machine'],
  unheard: ['keys'],
  rejected: ['again'],
  heard: ['listen', 'newest'],
};

/** What is proposed here is another call. */
const CALLS_AGAIN: ReadonlySet<Topic> = new Set(['busy', 'machine', 'listen']);

/** Of a text message that a call was placed for; why it failed is not known any more. */
const BEFORE_CALL: readonly Topic[] = ['filter', 'contract'];

/** Keys of the texts that help most, the likeliest cause first; never none. */
export function helpFor(progress: Progress, { country, changeable, channels }: Phone): string[] {
  const makesSense = (topic: Topic) =>
    (topic !== 'number' || changeable) &&
    (topic !== 'support' || !changeable) &&
    (topic !== 'again' || channels.length > 0) &&
    (!CALLS_AGAIN.has(topic) || channels.includes('voice'));
  const fitting = topicsOf(progress).filter(makesSense);
  const topics = fitting.length > 0 ? fitting : generalOf(progress).filter(makesSense);
  return topics.map((topic) =>
    country === 'JP' && JAPANESE.has(topic) ? `help.${topic}_jp` : `help.${topic}`,
  );
}

const generalOf = ({ channel }: Progress): readonly Topic[] => (channel === 'sms' ? SMS : CALL);

function topicsOf(progress: Progress): readonly Topic[] {
  const { channel, state, reason, failed, arrived, fellBack } = progress;
  if (!failed && !arrived) return generalOf(progress);
  const [reasons, states] = channel === 'sms' ? [SMS_REASONS, SMS_STATES] : [CALL_REASONS, CALL_STATES];
  const known = reason === null || reason === 'temporary' ? undefined : reasons[reason];
  const topics = known ?? states[state] ?? generalOf(progress);
  return channel === 'voice' && failed && fellBack !== null ? [...topics, ...BEFORE_CALL] : topics;
}
