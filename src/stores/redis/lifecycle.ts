import { hash, randomUUID } from 'node:crypto';
import { key, type Store } from '../../ports/store.ts';
import { within } from './failure.ts';
import { findings } from './findings.ts';
import type { Link } from './link.ts';
import { lookForMasters } from './masters.ts';
import { EPOCH } from './record-scripts.ts';
import { confirmState, doubtOf, readState } from './state.ts';

type LifecycleMethods = Pick<
  Store,
  'epoch' | 'time' | 'refuseDrift' | 'doubt' | 'confirm' | 'ping' | 'findings' | 'close'
>;

/** Marks that a cluster gets: enough that every master holds some, wherever the slots move. */
const CLUSTER_MARKS = 64;
/** What the port allows a ping. */
const PING_MS = 1000;

/** Everything about Redis itself. */
export function lifecycle(link: Link): LifecycleMethods {
  return {
    epoch: () => epoch(link),
    time: async () => (await readState(link)).time,
    async doubt() {
      await lookForMasters(link);
      return doubtOf(link);
    },
    confirm: () => confirmState(link),
    async refuseDrift(maximum) {
      link.guard.drift = maximum ?? 0;
    },
    async ping() {
      await within(PING_MS, probe(link));
    },
    findings: () => findings(link),
    close: () => link.close(),
  };
}

/** Marks lie on every master, so writing them says whether each takes writes. */
async function probe({ isCluster, masters, commands, name }: Link): Promise<void> {
  await Promise.all(masters().map((node) => node.ping()));
  await Promise.all(marks('probe', isCluster).map((mark) => commands.set(name(mark), '1', 'PX', 60_000)));
}

const marks = (kind: string, isCluster: boolean) =>
  Array.from({ length: isCluster ? CLUSTER_MARKS : 1 }, (_, index) => key(`epoch${index}`, kind));

/** One mark on a single node. On a cluster each master could be emptied alone, so the marks are spread over the slots. */
async function epoch({ isCluster, run }: Link): Promise<string> {
  const ids = await Promise.all(marks('mark', isCluster).map((mark) => run(EPOCH, [mark], [randomUUID()])));
  return ids.length === 1 ? String(ids[0]) : hash('sha256', ids.join(), 'base64url');
}
