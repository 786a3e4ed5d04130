import type { Core } from '../domain/core.ts';
import { type Message, newestOf } from '../domain/delivery.ts';
import { lateAt, mayFollowLate } from '../domain/fallback.ts';
import type { Flow } from '../domain/flow.ts';
import { longestSend } from '../domain/hand-over.ts';
import { longestWait } from '../domain/pace.ts';
import { hasArrived, hasFailed, isFinal, type MessageState } from '../domain/receipt.ts';
import type { RejectionClass } from '../ports/gateway.ts';
import type { ChallengeState } from '../ports/store.ts';
import type { DeliveryNews } from './model.ts';

/** How the newest message of a challenge gets on, before it is put into words. */
export interface Progress
  extends Pick<DeliveryNews, 'state' | 'channel' | 'reason' | 'late' | 'fellBack' | 'follow'> {
  arrived: boolean;
  failed: boolean;
  /** Seconds until a person who still waits is helped, however it gets on; 0: now. */
  helpIn: number;
  /** Nothing further is expected of this message. */
  final: boolean;
}

/** What a page shows before anything was sent. */
export const NOTHING_YET: Progress = {
  ...{ state: 'sending', channel: 'sms', reason: null, late: false, fellBack: null, follow: false },
  ...{ arrived: false, failed: false, helpIn: 30, final: false },
};

/** States in which silence means something; a telephone that rings is news enough. */
const SILENT: ReadonlySet<MessageState> = new Set(['sending', 'ambiguous', 'accepted', 'sent']);

/** Milliseconds; nothing counts as late before, so nobody has to look up how long is usual. */
const NEVER_LATE = 10_000;

/** Milliseconds after a send; whoever still waits then is helped, whatever is usual and whatever receipts say. */
const HELP_AFTER = 30_000;

/**
 * Puts together what is on record. A send counts before its message is handed over, so the newest one may still be on its
 * way, whatever became of the one before.
 */
export async function progressOf(
  core: Core,
  flow: Flow,
  challenge: ChallengeState,
  messages: readonly Message[],
): Promise<Progress> {
  const last = newestOf(messages);
  const message = last?.send === challenge.sends ? last : undefined;
  const recorded = message?.state ?? 'sending';
  // A process that died says nothing more; what it had begun may have left.
  const state = recorded === 'sending' && isOver(core, challenge, message) ? 'ambiguous' : recorded;
  const channel = message?.channel ?? challenge.channel;
  const late = SILENT.has(state) && (await isLate(core, challenge, message));
  return {
    state,
    channel,
    reason: reasonOf(message),
    late,
    fellBack: message?.cause ?? null,
    follow: late && channel === 'sms' && (await mayFollowLate(core, flow, message)),
    arrived: hasArrived(state),
    failed: hasFailed(state),
    helpIn: secondsUntil((message?.sentAt ?? challenge.sentAt) + HELP_AFTER, core.clock.now()),
    final: isFinal(state),
  };
}

/** Whole seconds from now; 0 when it is over. */
export const secondsUntil = (time: number, now: number): number =>
  Math.max(0, Math.ceil((time - now) / 1000));

/** Whether a send has taken as long as one can take. */
function isOver({ exchange, clock }: Core, challenge: ChallengeState, message: Message | undefined): boolean {
  const until = message
    ? message.sentAt + longestSend(exchange.find(message.gateway))
    : challenge.sentAt + longestWait(exchange.gateways);
  return clock.now() >= until;
}

/** Before a gateway was asked there is no message yet. */
async function isLate(core: Core, challenge: ChallengeState, message: Message | undefined): Promise<boolean> {
  const now = core.clock.now();
  if (!message) return now >= challenge.sentAt + core.options.fallback.lateAfter * 1000;
  if (now - message.sentAt < NEVER_LATE) return false;
  const at = await lateAt(core, message);
  return at !== undefined && now >= at;
}

const ABOUT_THE_PHONE: Partial<Record<RejectionClass, DeliveryNews['reason']>> = {
  unreachable: 'unreachable',
  blocked: 'blocked',
  number: 'number',
  'opt-out': 'opt-out',
  recycled: 'recycled',
};

function reasonOf(message: Message | undefined): DeliveryNews['reason'] {
  if (message?.class === undefined || !hasFailed(message.state)) return null;
  return ABOUT_THE_PHONE[message.class] ?? 'temporary';
}
