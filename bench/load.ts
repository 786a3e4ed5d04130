import { createPool } from './browser.ts';
import type { Server } from './child.ts';
import type { Hashing, Kind } from './setting.ts';
import { demandProof, signIn } from './sign-in.ts';

/** Sign-ins after which the code that matters is compiled and the heap has its size. */
export const WARM = 1000;

/** What one stretch of sign-ins took. */
export interface Stretch {
  done: number;
  /** Sign-ins per second. */
  rate: number;
  /** Milliseconds of server CPU for one sign-in. */
  cpu: number;
}

/** Signs people in at one server, one person after the other. */
export interface Load {
  /** Goes on for so many milliseconds, with so many at once. */
  during(milliseconds: number, atOnce: number, hashing: Hashing): Promise<Stretch>;
  /** Goes on until so many are done, without hashing. */
  until(done: number, atOnce: number): Promise<Stretch>;
}

export function createLoad(kind: Kind, server: Server): Load {
  let next = 0;
  const run = async (
    atOnce: number,
    hashing: Hashing,
    goOn: (begun: number) => boolean,
  ): Promise<Stretch> => {
    const pool = createPool(atOnce);
    demandProof(kind, await signIn(server.issuer, pool, kind, next++, hashing));
    let [begun, done] = [0, 0];
    const before = await server.ask({ ask: 'usage' });
    const start = performance.now();
    const worker = async () => {
      while (goOn(begun)) {
        begun += 1;
        await signIn(server.issuer, pool, kind, next++, hashing);
        done += 1;
      }
    };
    await Promise.all(Array.from({ length: atOnce }, worker));
    const seconds = (performance.now() - start) / 1000;
    const after = await server.ask({ ask: 'usage' });
    pool.destroy();
    return { done, rate: done / seconds, cpu: (after.cpu - before.cpu) / done };
  };
  return {
    during(milliseconds, atOnce, hashing) {
      const end = performance.now() + milliseconds;
      return run(atOnce, hashing, () => performance.now() < end);
    },
    until: (count, atOnce) => run(atOnce, 'none', (begun) => begun < count),
  };
}
