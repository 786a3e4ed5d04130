import type { RequestHandler } from 'express';
import type { Health } from '../sekisho/health.ts';
import type { Sekisho } from '../sekisho.ts';

/** Anybody may ask, and each look writes to the store: one look serves whoever asks within this time. */
const LOOK_SERVES_MS = 1000;

/**
 * `/ready`: whether people should be sent here. What the store lacks, an operator has to confirm first; while another server
 * has just taken it over, sign-ins go on.
 *
 * @param isDraining Whether the server was told to stop.
 */
export function createReady({ health }: Pick<Sekisho, 'health'>, isDraining: () => boolean): RequestHandler {
  let look: Promise<Health> | undefined;
  let lookedAt = 0;
  const recent = () => {
    if (look === undefined || performance.now() - lookedAt > LOOK_SERVES_MS) {
      lookedAt = performance.now();
      look = health();
    }
    return look;
  };
  return async (_req, res) => {
    const { store, clock, advice } = await recent();
    const mayServe = (store === 'ok' || store === 'settling') && clock !== 'refusing';
    const waiting = mayServe ? 'ready' : 'waiting';
    const status = isDraining() ? 'stopping' : waiting;
    res.status(status === 'ready' ? 200 : 503).json({ status, store, clock, advice });
  };
}
