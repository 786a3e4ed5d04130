import { randomInt } from 'node:crypto';
import type { Gateway } from '../ports/gateway.ts';
import { type Key, key } from '../ports/store.ts';
import type { Core } from './core.ts';
import { digest } from './keys.ts';

const SECOND = 1000;
/** Milliseconds that a busy gateway is waited for. */
const PATIENCE = 10_000;

/** The end of the line of those who wait for a gateway in this process. */
const lines = new WeakMap<Gateway, Promise<boolean>>();

/**
 * Takes a turn at a gateway that may get only so many messages in any second from all processes together (`rates`). Who
 * comes while others wait for it gets none: theirs is the next.
 *
 * @returns whether the message may go there now.
 */
export async function takeTurn(core: Core, gateway: Gateway): Promise<boolean> {
  return !lines.has(gateway) && (await busyUntil(core, gateway)) === undefined;
}

/** The same for a gateway that is worth waiting for: up to ten seconds, one after the other in this process. */
export async function waitForTurn(core: Core, gateway: Gateway): Promise<boolean> {
  const until = performance.now() + PATIENCE;
  const before = lines.get(gateway)?.catch(() => false) ?? Promise.resolve(false);
  const mine = before.then(() => waitInFront(core, gateway, until));
  lines.set(gateway, mine);
  try {
    return await mine;
  } finally {
    if (lines.get(gateway) === mine) lines.delete(gateway);
  }
}

async function waitInFront(core: Core, gateway: Gateway, until: number): Promise<boolean> {
  while (performance.now() < until) {
    const busy = await busyUntil(core, gateway);
    if (busy === undefined) return true;
    // Until there is room, and not all processes at the first moment of it.
    const rest = Math.min(Math.max(0, busy - core.clock.now()), SECOND);
    await new Promise((resolve) => setTimeout(resolve, rest + randomInt(SECOND / 4)));
  }
  return false;
}

/** Takes a turn. Where there is none, answers when there may be one. */
async function busyUntil(core: Core, { name }: Gateway): Promise<number | undefined> {
  const { rates } = core.options;
  if (!Object.hasOwn(rates, name)) return undefined;
  const now = core.clock.now();
  const taken: Key[] = [];
  for (const span of spansAt(name, now)) {
    const turn = await core.store.reserve({
      ...{ key: span, now },
      windows: [{ window: SECOND, max: rates[name]! }],
      cooldown: [],
    });
    if (!turn.granted) {
      await Promise.all(taken.map((one) => core.store.release(one, now)));
      return turn.retryAt;
    }
    taken.push(span);
  }
  return undefined;
}

/**
 * Uses are counted in spans of two seconds that overlap by one: every second lies whole in one of them, so none has more
 * than the rate, and a process whose clock is far ahead takes nothing from the others. The span that began earlier comes
 * first: it has seen all of the last second, so the other one hardly ever refuses.
 */
function spansAt(name: string, now: number): readonly Key[] {
  const second = Math.floor(now / SECOND);
  return [second - 1, second].map((begins) => key(digest(`gateway ${name} ${begins}`), 'pace'));
}
