import { key, type Versioned } from '../ports/store.ts';
import type { Core } from './core.ts';
import { digest } from './keys.ts';

/** What receipts told about one gateway on one network: when, whether it arrived, after how many seconds. */
type Sample = [at: number, arrived: 0 | 1, seconds: number];
type Timing = { rev: number; recent: Sample[] };

const MOST = 60;
const KEPT = 7 * 86_400_000;
/** Fewer samples say nothing about what is usual. */
const ENOUGH = 20;
/** Of the last ten minutes, at least so many, and at least half of them lost: there is trouble. */
const TROUBLE = { window: 600_000, least: 6, share: 0.5 };
/** Seconds; whatever the samples say. Nothing is sent by itself within 20 seconds of a message that may still come (GWY-05). */
const BOUNDS = { least: 20, most: 120 };

const timingKey = (gateway: string, carrier: string | undefined) =>
  key(digest(`timing ${gateway} ${carrier ?? 'any'}`), 'timing');

/** Learns from a receipt that ended a message. A sample lost to a race is no loss. */
export async function learnTiming(
  core: Core,
  {
    gateway,
    carrier,
    arrived,
    seconds,
  }: { gateway: string; carrier?: string; arrived: boolean; seconds: number },
): Promise<void> {
  const now = core.clock.now();
  const sample: Sample = [now, arrived ? 1 : 0, Math.round(seconds * 10) / 10];
  await Promise.all(
    [...new Set([carrier, undefined])].map(async (network) => {
      const name = timingKey(gateway, network);
      const known = await readTiming(core, gateway, network);
      const next = { rev: known.rev + 1, recent: [...known.recent, sample].slice(-MOST) } as Versioned;
      await (known.rev === 0
        ? core.store.add(name, next, now + KEPT, now)
        : core.store.replace(name, next, known.rev, now + KEPT, now));
    }),
  );
}

async function readTiming(core: Core, gateway: string, carrier: string | undefined): Promise<Timing> {
  const record = await core.store.get(timingKey(gateway, carrier), core.clock.now());
  return (record as unknown as Timing | undefined) ?? { rev: 0, recent: [] };
}

/**
 * Seconds after which a message by this gateway to this network is late: nineteen of twenty arrived sooner. Until enough
 * receipts are known it is `fallback.lateAfter`.
 */
export async function usualSeconds(
  core: Core,
  gateway: string,
  carrier: string | undefined,
): Promise<number> {
  const own = await readTiming(core, gateway, carrier);
  const { recent } =
    arrivals(own).length >= ENOUGH || carrier === undefined
      ? own
      : await readTiming(core, gateway, undefined);
  const sorted = arrivals({ recent });
  if (sorted.length < ENOUGH) return core.options.fallback.lateAfter;
  const usual = sorted[Math.ceil(sorted.length * 0.95) - 1]!;
  return Math.min(BOUNDS.most, Math.max(BOUNDS.least, Math.ceil(usual)));
}

const arrivals = ({ recent }: Pick<Timing, 'recent'>): number[] =>
  recent.flatMap(([, arrived, seconds]) => (arrived ? [seconds] : [])).sort((a, b) => a - b);

/** Whether receipts say that this gateway does not get through to this network just now: a circuit per carrier. */
export async function isTroubled(core: Core, gateway: string, carrier: string | undefined): Promise<boolean> {
  if (carrier === undefined) return false;
  const { recent } = await readTiming(core, gateway, carrier);
  const since = core.clock.now() - TROUBLE.window;
  const young = recent.filter(([at]) => at > since);
  const lost = young.filter(([, arrived]) => !arrived).length;
  return young.length >= TROUBLE.least && lost / young.length >= TROUBLE.share;
}
