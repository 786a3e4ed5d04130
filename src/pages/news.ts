import type { MessageState } from '../domain/receipt.ts';
import { helpFor, type Phone } from './help.ts';
import type { DeliveryNews } from './model.ts';
import type { Progress } from './progress.ts';

type Say = (key: string, values?: Record<string, string | number>) => string;

/** Puts the progress of a message into words; none of them holds a number or a code. */
export function tellNews(progress: Progress, phone: Phone, say: Say): Omit<DeliveryNews, 'offer'> {
  const { state, channel, reason, late, fellBack, follow, failed, helpIn } = progress;
  const doubtful = late || state === 'unknown';
  const helpOpen = failed || doubtful || helpIn === 0;
  return {
    ...{ state, channel, reason, late, fellBack, follow, helpOpen },
    tone: toneOf(progress, doubtful),
    text: textOf(progress, say),
    help: helpFor(progress, phone).map((key) => say(key)),
    tell: wordOf(progress),
  };
}

function toneOf({ arrived, failed }: Progress, doubtful: boolean): DeliveryNews['tone'] {
  if (failed) return 'bad';
  if (arrived) return 'good';
  return doubtful ? 'care' : 'wait';
}

/** During a call a screen reader is quiet: the person listens to the code. */
function wordOf({ state, channel, late, fellBack, arrived, failed }: Progress): string {
  if (failed || state === 'unknown') return state;
  if (late) return 'late';
  if (arrived) return channel === 'sms' ? state : '';
  return fellBack && !LIVE.has(state) ? `instead-${channel}` : '';
}

/** Telling the switch to another way already says that something is on its way. */
const LIVE: ReadonlySet<MessageState> = new Set(['ringing', 'answered']);
const ADDS: ReadonlySet<MessageState> = new Set([...LIVE, 'ambiguous']);

function textOf(progress: Progress, say: Say): string {
  const { state, channel, fellBack, late, arrived, failed } = progress;
  const news = say(`delivery.${channel}_${nameOf(progress)}`);
  // Why there was a call at all is not forgotten: both ways failed, and both can be helped.
  if (fellBack !== null && failed && channel === 'voice')
    return say(`delivery.${fellBack}_call_failed`, { news });
  if (fellBack === null || late || arrived || failed || state === 'unknown') return news;
  return say(`delivery.${fellBack}_${channel}`, { news: ADDS.has(state) ? news : '' }).trimEnd();
}

/** Receipts of one channel that have a name on the other. */
const AS_CALL: Partial<Record<MessageState, string>> = {
  sent: 'accepted',
  delivered: 'heard',
  undelivered: 'failed',
  expired: 'failed',
};
const AS_SMS: Partial<Record<MessageState, string>> = {
  ringing: 'sent',
  answered: 'sent',
  heard: 'delivered',
  busy: 'undelivered',
  'no-answer': 'undelivered',
  machine: 'undelivered',
  unheard: 'undelivered',
  failed: 'undelivered',
};

function nameOf({ state, channel, reason, late }: Progress): string {
  if (late) return 'late';
  if (channel === 'sms' && reason !== null && reason !== 'temporary') return reason.replace('-', '_');
  const names = channel === 'sms' ? AS_SMS : AS_CALL;
  return names[state] ?? state.replace('-', '_');
}
