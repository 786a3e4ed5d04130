import { hash, randomUUID } from 'node:crypto';
import { key, type Store } from '../../ports/store.ts';
import { within } from './failure.ts';
import { findings } from './findings.ts';
import type { Link } from './link.ts';
import { EPOCH, TIME } from './record-scripts.ts';

type LifecycleMethods = Pick<Store, 'epoch' | 'time' | 'refuseDrift' | 'ping' | 'findings' | 'close'>;

/** Marks that a cluster gets: enough that every master holds some, wherever the slots move. */
const CLUSTER_MARKS = 64;
/** Chooses the node of a cluster whose clock counts. */
const CLOCK_KEY = key('clock', 'time');
/** What the port allows a ping. */
const PING_MS = 1000;

/** Everything about Redis itself. */
export function lifecycle(link: Link): LifecycleMethods {
  return {
    epoch: () => epoch(link),
    time: async () => Number(await link.run(TIME, [CLOCK_KEY], [])),
    async refuseDrift(maximum) {
      link.guard.drift = maximum ?? 0;
    },
    async ping() {
      await within(PING_MS, Promise.all(link.masters().map((node) => node.ping())));
    },
    findings: () => findings(link),
    close: () => link.close(),
  };
}

/** One mark on a single node. On a cluster each master could be emptied alone, so the marks are spread over the slots. */
async function epoch({ isCluster, run }: Link): Promise<string> {
  const marks = Array.from({ length: isCluster ? CLUSTER_MARKS : 1 }, (_, index) =>
    key(`epoch${index}`, 'mark'),
  );
  const ids = await Promise.all(marks.map((mark) => run(EPOCH, [mark], [randomUUID()])));
  return ids.length === 1 ? String(ids[0]) : hash('sha256', ids.join(), 'base64url');
}
