import { randomInt } from 'node:crypto';
import type { Gateway } from '../ports/gateway.ts';
import { type Key, key } from '../ports/store.ts';
import type { Core } from './core.ts';
import { digest } from './keys.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
/** Milliseconds that a busy gateway is waited for. */
const MAX_WAIT_MS = 10 * SECOND;

/** Milliseconds after which a message was handed to somebody or refused, or the process it waited in ended (fault H.11). */
export const longestWait = (gateways: readonly Gateway[]): number => gateways.length * MAX_WAIT_MS + SECOND;
/** Sends under way at a gateway in this process, where neither the gateway nor `concurrency` says less. */
const DEFAULT_CONCURRENCY = 100;

/** A message's turn at a gateway. It holds a place there until `end` is called. */
export interface Turn {
  end(): void;
}

/** How busy a gateway is in this process. */
interface Load {
  underWay: number;
  /** The end of the line of those who wait for it. */
  line?: Promise<unknown> | undefined;
  /** Called when a place becomes free; only the first in line waits for that. */
  freed?: (() => void) | undefined;
  /** When each limit was last reported. */
  reportedAt: Map<BusyLimit, number>;
}
type BusyLimit = 'rates' | 'concurrency';
const loads = new WeakMap<Gateway, Load>();

function loadOf(gateway: Gateway): Load {
  const known = loads.get(gateway);
  if (known) return known;
  const load: Load = { underWay: 0, reportedAt: new Map() };
  loads.set(gateway, load);
  return load;
}

/**
 * Takes a turn at a gateway that takes only so many messages a second from all processes together (`rates`), and has only
 * so many under way in this one (`concurrency`). Who comes while others wait for it gets none: theirs is the next.
 *
 * @returns the turn; undefined where the gateway is busy.
 */
export async function takeTurn(core: Core, gateway: Gateway): Promise<Turn | undefined> {
  if (loadOf(gateway).line) return undefined;
  const answer = await askForTurn(core, gateway);
  return 'end' in answer ? answer : undefined;
}

/**
 * The same for a gateway that is worth waiting for: up to ten seconds, one after the other in this process. What waits here
 * has not left, so the time a gateway has to answer does not run yet (fault H.5).
 */
export async function waitForTurn(core: Core, gateway: Gateway): Promise<Turn | undefined> {
  const until = performance.now() + MAX_WAIT_MS;
  const load = loadOf(gateway);
  const before = load.line?.catch(() => {}) ?? Promise.resolve();
  const mine = before.then(() => waitInFront(core, gateway, until));
  load.line = mine;
  try {
    return await mine;
  } finally {
    if (load.line === mine) load.line = undefined;
  }
}

async function waitInFront(core: Core, gateway: Gateway, until: number): Promise<Turn | undefined> {
  for (let left = until - performance.now(); left > 0; left = until - performance.now()) {
    const answer = await askForTurn(core, gateway);
    if ('end' in answer) return answer;
    await untilFree(core, gateway, answer, left);
  }
  return undefined;
}

/** Waits for room: until a moment that is known, or until a message that is under way ends. */
function untilFree(core: Core, gateway: Gateway, { freeAt }: Busy, left: number): Promise<void> {
  const load = loadOf(gateway);
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      load.freed = undefined;
      resolve();
    };
    // Not all processes at the first moment of it.
    const until = freeAt && Math.min(Math.max(0, freeAt - core.clock.now()), SECOND) + randomInt(SECOND / 4);
    const timer = setTimeout(end, until ?? left);
    if (freeAt !== undefined) return;
    // One may have ended since it was asked for.
    if (load.underWay < concurrencyOf(core, gateway)) end();
    else load.freed = end;
  });
}

/** There is no turn now; `freeAt` says when there may be one, where that is known. */
interface Busy {
  freeAt: number | undefined;
}

async function askForTurn(core: Core, gateway: Gateway): Promise<Turn | Busy> {
  const load = loadOf(gateway);
  if (load.underWay >= concurrencyOf(core, gateway)) {
    reportBusy(core, gateway, 'concurrency');
    return { freeAt: undefined };
  }
  const turn = holdPlace(load); // before anything is awaited: those who ask at the same moment count too
  try {
    const freeAt = await busyUntil(core, gateway);
    if (freeAt === undefined) return turn;
    reportBusy(core, gateway, 'rates');
    turn.end();
    return { freeAt };
  } catch (error) {
    turn.end();
    throw error;
  }
}

function holdPlace(load: Load): Turn {
  load.underWay += 1;
  let ended = false;
  return {
    end() {
      if (ended) return;
      ended = true;
      load.underWay -= 1;
      load.freed?.();
    },
  };
}

/** A gateway that can have only so many under way would make the rest wait inside, with its time running. */
function concurrencyOf({ options }: Core, { name, concurrency }: Gateway): number {
  const wanted = Object.hasOwn(options.concurrency, name) ? options.concurrency[name] : undefined;
  return Math.min(wanted ?? DEFAULT_CONCURRENCY, concurrency ?? Number.POSITIVE_INFINITY);
}

/** Operators are told, though not for each message. */
function reportBusy(core: Core, gateway: Gateway, limit: BusyLimit): void {
  const { reportedAt } = loadOf(gateway);
  const now = core.clock.now();
  if (now - (reportedAt.get(limit) ?? Number.NEGATIVE_INFINITY) < MINUTE) return;
  reportedAt.set(limit, now);
  core.emit({ type: 'gateway.busy', gateway: gateway.name, limit });
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
