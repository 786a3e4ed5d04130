import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import { refusedAs } from './failure.ts';
import type { Link } from './link.ts';
import { readState, STATE_KEY } from './state.ts';
import { NOTE_LOST, NOTE_MASTERS } from './state-scripts.ts';

/** A server that takes writes, as it calls itself. */
interface Master {
  /** Of its data: another one after a promotion, and after a start. */
  replicationId: string;
  /** Of the data it had as a replica; zeroes where it never was one. */
  previousId: string;
  /** Of the process. */
  runId: string;
  /** It flushes what it acknowledges, so a start loses nothing. */
  flushes: boolean;
}

const NEVER_A_REPLICA = /^0+$/;
const MOST_ROUNDS = 5;

/**
 * Finds out which masters there are and whether that is news (fault H.1). A replica that was promoted may lack what the old
 * master had acknowledged last, and a server that crashed may lack its last second: then a new term voids the codes on their
 * way, and what this process wrote lately is looked for. Several processes do so at once; one of them notes it.
 */
export async function noteMasters(link: Link): Promise<void> {
  const known = link.guard.masters;
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    const masters = await Promise.all(link.masters().map(masterOf));
    const found = masters.filter((master) => master !== undefined);
    // One that may not be asked is not watched; the findings say so.
    if (found.length < masters.length) return;
    const now = found
      .map(({ replicationId, runId }) => `${replicationId}@${runId}`)
      .sort()
      .join();
    const before = (await link.commands.hmget(link.name(STATE_KEY), 'masters'))[0] ?? '';
    const mayLack = before !== '' && found.some((master) => isNews(before, master));
    const isNoted = await link.run(NOTE_MASTERS, [STATE_KEY], [before, now, mayLack ? randomUUID() : '']);
    if (isNoted !== 1) continue;
    await readState(link);
    if (known !== '' && known !== now && (await link.written.anyMissing())) {
      await link.run(NOTE_LOST, [STATE_KEY], ['1']);
    }
    link.guard.masters = now;
    return;
  }
  throw new Error('the masters of Redis change all the time');
}

/**
 * Notes other masters before a deciding step meets them. A step meets one master, and on a cluster it may be the next one
 * that is new; a process that serves nobody takes no step, and may be the only one that knows what is missing.
 */
export async function lookForMasters(link: Link): Promise<void> {
  const { masters } = link.guard;
  if (masters === '') return;
  const ids = await Promise.all(link.masters().map(replicationIdOf));
  if (ids.some((id) => !masters.includes(`${id}@`))) await noteMasters(link);
}

const replicationIdOf = async (node: Redis): Promise<string> =>
  fieldOf(await node.info('replication'), 'master_replid');

function isNews(before: string, { replicationId, previousId, runId, flushes }: Master): boolean {
  if (before.includes(`${replicationId}@`)) return false;
  if (!NEVER_A_REPLICA.test(previousId)) return true;
  // Without replicas a master takes another id after an hour, and goes on as before.
  return !before.includes(`@${runId}`) && !flushes;
}

async function masterOf(node: Redis): Promise<Master | undefined> {
  const [info, fsync] = await Promise.all([
    refusedAs(undefined, node.info()),
    refusedAs(undefined, node.config('GET', 'appendfsync') as Promise<string[]>),
  ]);
  const field = (name: string) => fieldOf(info, name);
  const [replicationId, runId] = [field('master_replid'), field('run_id')];
  if (replicationId === '' || runId === '') return undefined;
  const flushes = field('aof_enabled') === '1' && fsync?.[1] === 'always';
  return { replicationId, previousId: field('master_replid2') || '0', runId, flushes };
}

const fieldOf = (info: string | undefined, name: string): string =>
  info?.match(new RegExp(`^${name}:(.*?)\\r?$`, 'm'))?.[1] ?? '';
