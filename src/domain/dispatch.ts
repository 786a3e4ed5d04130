import { setImmediate } from 'node:timers/promises';
import { usualCarrier } from './carrier.ts';
import type { Core } from './core.ts';
import type { Way } from './exchange.ts';
import { begin, type Handed, handOver, type Letter, NOBODY, note, tellFinished } from './hand-over.ts';
import { UNSENT } from './limits.ts';
import { stopSms } from './opt-out.ts';
import { type Turn, takeTurn, waitForTurn } from './pace.ts';
import { hasFailed } from './receipt.ts';
import { isTroubled } from './timing.ts';

/**
 * Hands a code over after the response went out (THR-06): the page never waits for a vendor. The challenge is on record
 * already, so nothing is sent that nobody counted (OPS-01). One gateway after the other is asked until one takes it, says
 * something final, or leaves it open; only a plain refusal of its own leads to the next (GWY-05).
 */
export function dispatch(core: Core, letter: Letter): void {
  core.background('dispatch', async () => {
    // The answer to the person is made in one turn and written in the next; the vendor comes after both (THR-06).
    await setImmediate();
    await setImmediate();
    let begun = false;
    const asked: Handed[] = [];
    try {
      const carrier = await usualCarrier(core, letter.phone.e164);
      const ways = await sortedWays(core, letter, carrier);
      const hand = async (way: Way) => {
        const known = await begin(core, way.gateway, letter, carrier);
        begun = true;
        const handed = await handOver(core, way, letter, known);
        asked.push(handed);
        return handed;
      };
      const { last, busy } = await tryGroups(core, ways, hand);
      // A refusal is the last word only where all were asked: who was too busy might have taken it.
      if (!asked.some(mayHaveLeft)) await letter.release(UNSENT);
      await finish(core, letter, last && (last.done || !busy) ? last : await nobody(core, letter));
    } catch (error) {
      // Nothing left, so the page should not say that it is on its way.
      if (!begun) await nobody(core, letter);
      throw error;
    }
  });
}

/** How asking went: what the one asked last said, and whether somebody could not be asked. */
interface Asked {
  last: Handed | undefined;
  busy: boolean;
}

/** Who is only busy is waited for before the code goes through somebody who is broken. */
async function tryGroups(
  core: Core,
  { good, bad }: { good: readonly Way[]; bad: readonly Way[] },
  hand: (way: Way) => Promise<Handed>,
): Promise<Asked> {
  const first = await tryAll(core, good, hand);
  if (first.last?.done) return first;
  const second = await tryAll(core, bad, hand);
  return { last: second.last ?? first.last, busy: first.busy || second.busy };
}

/** Asks who has a turn, then waits for the others. Where the last one is not `done`, the next group may try. */
async function tryAll(core: Core, ways: readonly Way[], hand: (way: Way) => Promise<Handed>): Promise<Asked> {
  const waiting: Way[] = [];
  let last: Handed | undefined;
  let busy = false;
  for (const way of ways) {
    const turn = await takeTurn(core, way.gateway);
    if (!turn) waiting.push(way);
    else last = await inTurn(turn, () => hand(way));
    if (last?.done) return { last, busy };
  }
  for (const way of waiting) {
    const turn = await waitForTurn(core, way.gateway);
    if (turn) last = await inTurn(turn, () => hand(way));
    else busy = true;
    if (last?.done) return { last, busy };
  }
  return { last, busy };
}

async function inTurn<T>(turn: Turn, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } finally {
    turn.end();
  }
}

/** Ways that work come first: a closed circuit, and no trouble with the network of this phone as far as receipts tell. */
async function sortedWays(
  core: Core,
  { phone, channel, avoid = [] }: Letter,
  carrier: string | undefined,
): Promise<{ good: Way[]; bad: Way[] }> {
  const all = core.exchange.waysTo(phone, channel);
  const fresh = all.filter(({ gateway }) => !avoid.includes(gateway.name));
  const ways = fresh.length > 0 ? fresh : all;
  if (ways.length < 2) return { good: ways, bad: [] };
  const now = core.clock.now();
  const marks = await Promise.all(
    ways.map(async (way) => ({
      way,
      // The circuit is asked last: who may try whether a gateway is back must also get to try.
      bad:
        (await isTroubled(core, way.gateway.name, carrier)) ||
        !core.exchange.breaker(way.gateway).allows(now),
    })),
  );
  const those = (wanted: boolean) => marks.flatMap(({ way, bad }) => (bad === wanted ? [way] : []));
  return { good: those(false), bad: those(true) };
}

/** Also where a vendor refused without saying why: a message that leaves must never be one that does not count (THR-03). */
const mayHaveLeft = ({ done, message }: Handed): boolean => done || message.class === 'unknown';

/** Every gateway was too busy, or none is left that serves the number. */
async function nobody(core: Core, letter: Letter): Promise<Handed> {
  const refused = { outcome: 'rejected', class: 'throttled' } as const;
  const known = await begin(core, undefined, letter, undefined);
  tellFinished(core, letter, known.id, NOBODY, refused);
  const message = await note(core, known, refused);
  return { known, message, done: true };
}

/**
 * While a message is on its way its receipts start nothing; what they said is acted on here, once. What no gateway was
 * asked about is left to the person: our own rates must not become calls.
 */
async function finish(core: Core, { channel }: Letter, { known, message }: Handed): Promise<void> {
  if (message.class === 'opt-out' && channel === 'sms') await stopSms(core, known.e164);
  if (hasFailed(message.state) && message.gateway !== NOBODY) await core.undelivered(known, message);
}
