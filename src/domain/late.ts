import { readChallenge } from './challenge.ts';
import type { Core } from './core.ts';
import { newestOf, readDelivery } from './delivery.ts';
import { fallBack, mayFollowLate } from './fallback.ts';
import { eventsOf, type Flow, flowNumber } from './flow.ts';

/**
 * Lets the code go another way because its message is late, where `fallback.late` says so. For a waiting page, which has
 * nobody's press behind it: whatever it asks, nothing is sent before the time is up, nothing twice, and nothing while a
 * newer message is on its way (GWY-05).
 *
 * @returns whether something was sent.
 */
export async function followLate(core: Core, uid: string, flow: Flow, locale: string): Promise<boolean> {
  const { challengeId, tag } = flow;
  const e164 = flowNumber(core, uid, flow);
  if (challengeId === null || e164 === undefined) return false;
  const [{ messages }, challenge] = await Promise.all([
    readDelivery(core, tag, challengeId),
    readChallenge(core, flow),
  ]);
  const message = newestOf(messages);
  if (!message || message.send !== challenge?.sends) return false;
  if (!(await mayFollowLate(core, flow, message))) return false;
  const { id, gateway, channel, sentAt } = message;
  return fallBack(
    core,
    { id, gateway, channel, tag, challengeId, sentAt, uid, e164, locale, about: eventsOf(uid, flow) },
    message,
    'late',
  );
}
