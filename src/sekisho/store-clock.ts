import { CLOCK_TOLERANCE_MS, type Clock } from '../ports/clock.ts';
import type { Store } from '../ports/store.ts';

/** A clock that shows the store's time, whatever the machine's clock does. */
export interface StoreClock extends Clock {
  drift(): number;
  /** Asks the store anew; keeps what it has where the store does not answer. */
  sync(): Promise<void>;
}

/** The two clocks of a machine. */
export interface Machine {
  /** Milliseconds since the epoch; may step whenever somebody sets it. */
  wall(): number;
  /** Milliseconds since some moment; only ever grows, and stands still while the machine sleeps. */
  elapsed(): number;
}

const thisMachine: Machine = { wall: () => Date.now(), elapsed: () => performance.now() };

const SYNC_INTERVAL_MS = 10_000;
/** An answer that took longer says too little about when it was given. */
const SLOWEST_ANSWER_MS = 2000;
/** A machine that slept or was set shows it by its two clocks; crystals differ by far less. */
const STEP_MS = 1000;

interface Reading {
  /** What the store said, and what the machine's clocks said then. */
  store: number;
  wall: number;
  elapsed: number;
}

/**
 * Makes the store the judge of time (OPS-03, attack 17): what it said last, and the time that passed since. A step of the
 * machine's clock moves nothing, and all processes on one store agree. There is no timer: the clock is set again while it
 * is in use. What a stale one decides is refused by the store.
 *
 * @throws SekishoError `store_unavailable`
 */
export async function followStore(store: Store, machine: Machine = thisMachine): Promise<StoreClock> {
  let reading = await read(store, machine);
  await store.refuseDrift(CLOCK_TOLERANCE_MS);
  let asked = machine.elapsed();
  let asking: Promise<void> | undefined;

  const sync = async () => {
    asked = machine.elapsed();
    const next = await read(store, machine).catch(() => undefined);
    if (next && machine.elapsed() - asked <= SLOWEST_ANSWER_MS) reading = next;
  };
  const syncOnce = () => {
    asking ??= sync().finally(() => {
      asking = undefined;
    });
    return asking;
  };
  const now = () => {
    const elapsed = machine.elapsed();
    const passed = elapsed - reading.elapsed;
    const stepped = Math.abs(machine.wall() - reading.wall - passed) > STEP_MS;
    if (elapsed - asked > (stepped ? STEP_MS : SYNC_INTERVAL_MS)) void syncOnce();
    return Math.floor(reading.store + passed);
  };
  return { now, drift: () => machine.wall() - now(), sync: syncOnce };
}

async function read(store: Store, machine: Machine): Promise<Reading> {
  const before = machine.elapsed();
  const time = await store.time();
  const after = machine.elapsed();
  return { store: time, wall: machine.wall(), elapsed: (before + after) / 2 };
}
