import type { Server } from './child.ts';
import { bar, printTable } from './figures.ts';
import { createLoad } from './load.ts';
import { type StoreName, startPair } from './place.ts';
import type { Kind } from './setting.ts';

/** Resident megabytes as the process stands, and after its garbage was collected. */
interface Reading {
  before: number;
  after: number;
  /** Megabytes the program holds after the collection. */
  heap: number;
}
interface Readings {
  start: Reading;
  first: Reading;
  later: Reading;
}

const AT_ONCE = 8;

/** Memory of the server processes after so many sign-ins, and after more. */
export async function benchMemory(quick: boolean): Promise<void> {
  const [first, more]: [number, number] = quick ? [300, 300] : [1000, 5000];
  console.log(
    `## Resident memory of the server, MB as it stands / after garbage collection (held by the program)\n`,
  );
  const rows: string[][] = [];
  for (const store of quick ? (['sqlite'] as const) : (['sqlite', 'redis'] as const)) {
    const { bare, sekisho } = await readBoth(store, first, more);
    rows.push([`${store}, bare`, print(bare.start), print(bare.first), print(bare.later)]);
    rows.push([`${store}, Sekisho`, print(sekisho.start), print(sekisho.first), print(sekisho.later)]);
    judge(store, [first, more], bare, sekisho);
  }
  console.log();
  printTable(['server', 'at the start', `after ${first}`, `after ${more} more`], rows);
}

async function readBoth(store: StoreName, first: number, more: number): Promise<Record<Kind, Readings>> {
  const pair = await startPair(store);
  try {
    return {
      bare: await readOne('bare', pair.servers.bare, first, more),
      sekisho: await readOne('sekisho', pair.servers.sekisho, first, more),
    };
  } finally {
    await pair.stop();
  }
}

async function readOne(kind: Kind, server: Server, first: number, more: number): Promise<Readings> {
  const load = createLoad(kind, server);
  const start = await read(server);
  await load.until(first, AT_ONCE);
  const early = await read(server);
  await load.until(more, AT_ONCE);
  return { start, first: early, later: await read(server) };
}

async function read(server: Server): Promise<Reading> {
  const before = await server.ask({ ask: 'usage' });
  const after = await server.ask({ ask: 'collect' });
  return { before: before.rss / 1e6, after: after.rss / 1e6, heap: after.heap / 1e6 };
}

const print = ({ before, after, heap }: Reading): string =>
  `${before.toFixed(0)} / ${after.toFixed(0)} (${heap.toFixed(1)})`;

function judge(store: string, [first, more]: [number, number], bare: Readings, sekisho: Readings): void {
  const times = sekisho.first.after / bare.first.after;
  bar(
    `${store}: at most 1.3 times the memory of the bare provider after ${first} sign-ins`,
    times <= 1.3,
    `${times.toFixed(2)} (${(sekisho.first.before / bare.first.before).toFixed(2)} before collection)`,
  );
  const growth = ({ first: early, later }: Readings) => later.after / early.after;
  const held = sekisho.later.heap - sekisho.first.heap;
  bar(
    `${store}: resident memory grows no more than 10 % over ${more} more, or no more than that of the bare provider`,
    growth(sekisho) <= Math.max(1.1, growth(bare)),
    `${percent(growth(sekisho))} (bare ${percent(growth(bare))})`,
  );
  bar(
    `${store}: the program holds no more than 1 MB more after ${more} more`,
    held <= 1,
    `${held.toFixed(2)} MB`,
  );
}

const percent = (times: number): string => `${(100 * (times - 1)).toFixed(1)} %`;
