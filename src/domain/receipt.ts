import type { CallGuard, GatewayEvent } from '../ports/gateway.ts';

/**
 * How far a message or a call got.
 *
 *     sending ─► accepted ─► sent ─► delivered            (SMS)
 *        │  └──► ambiguous ┘   └───► undelivered, expired, unknown
 *        └─────► rejected
 *     sending ─► accepted ─► ringing ─► answered ─► heard  (call)
 *                                └────► busy, no-answer, machine, unheard, failed
 */
export type MessageState =
  | 'sending'
  | 'ambiguous'
  | 'accepted'
  | 'sent'
  | 'delivered'
  | 'undelivered'
  | 'expired'
  | 'unknown'
  | 'rejected'
  | 'ringing'
  | 'answered'
  | 'heard'
  | 'busy'
  | 'no-answer'
  | 'machine'
  | 'unheard'
  | 'failed';

/** How far along; what ends a message is 9. */
const RANK: Record<MessageState, number> = {
  sending: 0,
  ambiguous: 1,
  accepted: 2,
  sent: 3,
  ringing: 3,
  answered: 4,
  delivered: 9,
  undelivered: 9,
  expired: 9,
  unknown: 9,
  rejected: 9,
  heard: 9,
  busy: 9,
  'no-answer': 9,
  machine: 9,
  unheard: 9,
  failed: 9,
};

export const isFinal = (state: MessageState): boolean => RANK[state] === 9;
export const hasArrived = (state: MessageState): boolean => state === 'delivered' || state === 'heard';
/** It is known that nobody got it. */
export const hasFailed = (state: MessageState): boolean =>
  isFinal(state) && !hasArrived(state) && state !== 'unknown';

/**
 * Moves a message forward (GWY-04): a state further on wins over one before it, the first end wins over any other, and only
 * `unknown` and `unheard` can still turn into the arrival that was meant. A refusal wins over nothing but silence: of what a
 * receipt was about, something left (GWY-05).
 */
export function advance(known: MessageState, told: MessageState): MessageState {
  if (told === 'rejected' && known !== 'sending') return known;
  if (known === 'unknown' && told === 'delivered') return told;
  if (known === 'unheard' && told === 'heard') return told;
  return RANK[told] > RANK[known] ? told : known;
}

/** What an event says about a message; undefined for one that says nothing new. */
export function stateTold(
  event: Exclude<GatewayEvent, { type: 'inbound' }>,
  known: MessageState,
  guard: CallGuard | undefined,
): MessageState {
  if (event.type === 'receipt') return event.state;
  // Without a key press nobody can say whether a person listened; having been answered is all there is. The two may come
  // the wrong way round.
  if (guard !== 'key-press' && event.state === 'completed' && known === 'answered') return 'heard';
  if (guard !== 'key-press' && event.state === 'answered' && known === 'unheard') return 'heard';
  return event.state === 'completed' ? 'unheard' : event.state;
}
