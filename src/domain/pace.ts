import { randomInt } from 'node:crypto';
import type { Gateway } from '../ports/gateway.ts';
import { key } from '../ports/store.ts';
import type { Core } from './core.ts';
import { digest } from './keys.ts';

const SECOND = 1000;
/** Milliseconds that a busy gateway is waited for. */
const PATIENCE = 10_000;

/**
 * Takes a turn at a gateway that may get only so many messages a second from all processes together (`rates`). Seconds are
 * counted one by one, so that a process whose clock is ahead takes nothing from the others.
 *
 * @returns whether the message may go there now.
 */
export async function takeTurn(core: Core, { name }: Gateway): Promise<boolean> {
  const { rates } = core.options;
  if (!Object.hasOwn(rates, name)) return true;
  const now = core.clock.now();
  const turn = await core.store.reserve({
    key: key(digest(`gateway ${name} ${Math.floor(now / SECOND)}`), 'pace'),
    now,
    windows: [{ window: SECOND, max: rates[name]! }],
    cooldown: [],
  });
  return turn.granted;
}

/** The same for a gateway that is worth waiting for: up to ten seconds. */
export async function waitForTurn(core: Core, gateway: Gateway): Promise<boolean> {
  const began = performance.now();
  while (performance.now() - began < PATIENCE) {
    // To the next second, and not all at its first moment.
    const rest = SECOND - (core.clock.now() % SECOND);
    await new Promise((resolve) => setTimeout(resolve, rest + randomInt(SECOND / 4)));
    if (await takeTurn(core, gateway)) return true;
  }
  return false;
}
