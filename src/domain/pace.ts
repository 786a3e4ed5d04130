import type { Gateway } from '../ports/gateway.ts';
import { key } from '../ports/store.ts';
import type { Core } from './core.ts';
import { digest } from './keys.ts';

const SECOND = 1000;
/** How often the last gateway there is may be waited for. */
const ROUNDS = 3;

/**
 * Takes a turn at a gateway that may get only so many messages a second from all processes together (`rates`). Where it is
 * somebody else's turn the next gateway is asked; the last one is waited for, up to three seconds.
 *
 * @returns whether the message may go there now.
 */
export async function takeTurn(core: Core, { name }: Gateway, isLast: boolean): Promise<boolean> {
  const max = core.options.rates[name];
  if (max === undefined) return true;
  for (let round = 0; round < ROUNDS; round += 1) {
    const now = core.clock.now();
    const turn = await core.store.reserve({
      key: key(digest(`gateway ${name}`), 'pace'),
      now,
      windows: [{ window: SECOND, max }],
      cooldown: [],
    });
    if (turn.granted) return true;
    if (!isLast) return false;
    await new Promise((resolve) => setTimeout(resolve, Math.min(SECOND, Math.max(1, turn.retryAt - now))));
  }
  return false;
}
