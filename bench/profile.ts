import { mkdtemp, readFile, rm } from 'node:fs/promises';
import type { Profiler } from 'node:inspector';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { printTable } from './figures.ts';
import { createLoad, WARM } from './load.ts';
import { startPair } from './place.ts';
import type { Kind } from './setting.ts';

const AT_ONCE = 8;
const MOST_ROWS = 22;

/** Where the time of the server's one thread goes, on Redis with 8 sign-ins at once. */
export async function benchProfile(quick: boolean): Promise<void> {
  for (const kind of ['bare', 'sekisho'] as const) {
    const { profile, done } = await record(kind, quick);
    const owners = ownersOf(profile);
    const busy = owners.filter(({ self }) => self !== IDLE).reduce((sum, { ms }) => sum + ms, 0);
    console.log(`## ${kind}: ${done} sign-ins, ${(busy / done).toFixed(2)} ms of the main thread each\n`);
    for (const by of ['self', 'behalf'] as const) {
      const title = by === 'self' ? 'code that ran' : 'package on whose behalf it ran';
      printTable([title, 'ms per sign-in', '%'], rows(owners, by, busy, done));
    }
    printTable(['function', 'ms per sign-in', '%'], rows(owners, 'place', busy, done));
  }
}

async function record(kind: Kind, quick: boolean) {
  const folder = await mkdtemp(join(tmpdir(), 'sekisho-profile-'));
  const pair = await startPair('redis');
  try {
    const load = createLoad(kind, pair.servers[kind]);
    await load.until(quick ? 300 : WARM, AT_ONCE);
    const file = join(folder, 'profile.json');
    await pair.servers[kind].ask({ ask: 'profile' });
    const { done } = await load.until(quick ? 300 : 1500, AT_ONCE);
    await pair.servers[kind].ask({ ask: 'profiled', file });
    return { profile: JSON.parse(await readFile(file, 'utf8')) as Profiler.Profile, done };
  } finally {
    await pair.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/** A node of the call tree, with the time that ran in it. */
interface Owner {
  /** The package or the part of Node whose code ran. */
  self: string;
  /** The nearest package up the stack; differs from `self` where Node did something for it. */
  behalf: string;
  place: string;
  ms: number;
}

const IDLE = '(idle)';

function ownersOf(profile: Profiler.Profile): Owner[] {
  const times = new Map<number, number>();
  profile.samples!.forEach((id, at) => {
    times.set(id, (times.get(id) ?? 0) + profile.timeDeltas![at]! / 1000);
  });
  const parents = new Map(
    profile.nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id])),
  );
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]));
  const known = new Map<number, Omit<Owner, 'ms'>>();
  const ownerOf = (id: number): Omit<Owner, 'ms'> => {
    const found = known.get(id);
    if (found) return found;
    const { callFrame } = nodes.get(id)!;
    const parent = parents.get(id);
    const above = parent === undefined ? ROOT : ownerOf(parent);
    const self = partOf(callFrame) ?? above.self;
    const owner = {
      self,
      behalf: self.startsWith('node ') ? above.behalf : self,
      place: `${callFrame.functionName || '(anonymous)'} ${self} ${callFrame.url.split('/').at(-1)}:${callFrame.lineNumber + 1}`,
    };
    known.set(id, owner);
    return owner;
  };
  return profile.nodes.map(({ id }) => ({ ...ownerOf(id), ms: times.get(id) ?? 0 }));
}

const ROOT = { self: '(program)', behalf: 'node itself', place: '' };

/** Undefined for native functions, which count for whoever called them. */
function partOf({ url, functionName }: { url: string; functionName: string }): string | undefined {
  if (url === '')
    return functionName.startsWith('(') && functionName !== '(anonymous)' ? functionName : undefined;
  if (url.startsWith('node:')) return `node ${nodePart(url)}`;
  const packages = [...url.matchAll(/node_modules\/((?:@[^/]+\/)?[^/]+)/g)];
  if (packages.length > 0) return packages.at(-1)![1]!;
  return /\/((?:src|views|bench)(?:\/[a-z]+)?)/.exec(url)?.[1] ?? 'other';
}

const NODE_PARTS: readonly [RegExp, string][] = [
  [/crypto/, 'crypto'],
  [/http|_http/, 'http'],
  [/stream|net|socket|tls/, 'net and streams'],
  [/async|task_queues|timers|promises/, 'timers and promises'],
  [/url|querystring/, 'url'],
  [/buffer|string_decoder/, 'buffer'],
  [/events/, 'events'],
];
const nodePart = (url: string): string => NODE_PARTS.find(([pattern]) => pattern.test(url))?.[1] ?? 'other';

function rows(
  owners: readonly Owner[],
  by: 'self' | 'behalf' | 'place',
  busy: number,
  done: number,
): string[][] {
  const sums = new Map<string, number>();
  for (const owner of owners) {
    if (owner.self !== IDLE) sums.set(owner[by], (sums.get(owner[by]) ?? 0) + owner.ms);
  }
  return [...sums]
    .toSorted(([, a], [, b]) => b - a)
    .slice(0, MOST_ROWS)
    .map(([name, ms]) => [name, (ms / done).toFixed(3), ((100 * ms) / busy).toFixed(1)]);
}
