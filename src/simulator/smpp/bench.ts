import type { Pdu, SmppSession } from '../../gateways/smpp/library.ts';
import type { SmscPdu } from '../smpp.ts';

/** One ESME. */
export interface Connection {
  session: SmppSession;
  /** How it is bound; undefined until it is. */
  bind?: string;
}

/** What a test sees of the SMSC, and what it can do to it. */
export interface Bench {
  add(connection: Connection): void;
  remove(connection: Connection): void;
  connections(): readonly Connection[];
  keep(pdu: Pdu): void;
  /** Counts a submit_sm as waiting; its answer goes out by `answer`, at once unless paused. */
  wait(connection: Connection): { answer(send: () => void): void };
  /** How many of one connection wait. */
  waitingOf(connection: Connection): number;
  binds(): readonly string[];
  received(): readonly SmscPdu[];
  waiting(): { now: number; most: number };
  pause(): void;
  resume(): void;
  cut(): void;
}

const MOST = 10_000;

export function createBench(): Bench {
  const connections = new Set<Connection>();
  const received: SmscPdu[] = [];
  const waiting = new Map<Connection, number>();
  const held: (() => void)[] = [];
  let most = 0;
  let isPaused = false;
  const all = () => [...waiting.values()].reduce((sum, count) => sum + count, 0);
  const count = (connection: Connection, by: number) =>
    waiting.set(connection, (waiting.get(connection) ?? 0) + by);
  return {
    add: (connection) => void connections.add(connection),
    remove(connection) {
      connections.delete(connection);
      waiting.delete(connection);
    },
    connections: () => [...connections],
    keep(pdu) {
      received.push({ ...pdu });
      if (received.length > MOST) received.shift();
    },
    wait(connection) {
      count(connection, 1);
      most = Math.max(most, all());
      const go = (send: () => void) => {
        if (!connections.has(connection)) return;
        count(connection, -1);
        send();
      };
      return { answer: (send) => (isPaused ? void held.push(() => go(send)) : go(send)) };
    },
    waitingOf: (connection) => waiting.get(connection) ?? 0,
    binds: () => [...connections].flatMap(({ bind }) => bind ?? []),
    received: () => [...received],
    waiting: () => ({ now: all(), most }),
    pause() {
      isPaused = true;
    },
    resume() {
      isPaused = false;
      for (const go of held.splice(0)) go();
    },
    cut() {
      for (const { session } of connections) session.destroy();
    },
  };
}
