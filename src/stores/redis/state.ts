import { randomUUID } from 'node:crypto';
import { key, type StoreDoubt } from '../../ports/store.ts';
import type { Link } from './link.ts';
import { NOTE_LOST, READ_STATE } from './state-scripts.ts';

export const STATE_KEY = key('clock', 'time');

/** After a change of master: long enough for every process to find it, and to look for what it had written. */
const SETTLING_MS = 15_000;

interface State {
  time: number;
  changedAt: number;
  lost: boolean;
}

/** Reads the state, and goes by its term from now on. */
export async function readState({ run, guard }: Link): Promise<State> {
  const reply = await run(READ_STATE, [STATE_KEY], [randomUUID()]);
  const [time, term, changedAt, lost] = reply as [number, string, number, string];
  guard.term = term;
  return { time, changedAt, lost: lost !== '' };
}

export async function doubtOf(link: Link): Promise<StoreDoubt | undefined> {
  const { time, changedAt, lost } = await readState(link);
  if (lost) return 'lost';
  return time - changedAt < SETTLING_MS ? 'settling' : undefined;
}

export async function confirmState({ run }: Link): Promise<void> {
  await run(NOTE_LOST, [STATE_KEY], ['']);
}
