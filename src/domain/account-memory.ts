import type { AccountMemory, ProvedSignIn } from '../ports/signal.ts';
import { key, type Versioned } from '../ports/store.ts';
import type { Core } from './core.ts';
import { findAuthenticator } from './enrolment.ts';
import { digest } from './keys.ts';
import { accountTag } from './limits.ts';
import { isStillKnown, type Remedies, readRemedies } from './remedies.ts';

/** Something a signal learnt about an account. */
interface Learnt {
  signal: string;
  /** Digest of what was learnt. */
  item: string;
  /** The authenticator that was proved; without it nothing counts (BND-05). */
  authenticator: string;
  /** When it was proved last, and until when it is known; milliseconds since the epoch. */
  at: number;
  until: number;
}
type MemoryRecord = Versioned & { learnt: Learnt[] };

const DAY = 86_400_000;
/** Per signal. Who comes after them takes the place of the one that was not seen for longest. */
const MAX_LEARNT = 30;
const MAX_ROUNDS = 5;

const memoryKey = (accountId: string) => key(accountTag(accountId), 'known');

/**
 * What signals may remember about accounts. They have no other way to, so that none of it outlives a remedy (fault A.1): each
 * thing names the authenticator and the time it rests on, and is looked at together with what was ended since.
 *
 * @param signalName Name of the signal it is for.
 */
export function accountMemory(core: Core, signalName: () => string): AccountMemory {
  return {
    async knows(accountId, item) {
      const signal = signalName();
      const name = digest(`${signal} ${item}`);
      const learnt = await readLearnt(core, accountId);
      return learnt.some((one) => one.signal === signal && one.item === name);
    },
    async learn(signIn, item, days) {
      const { authenticator, provedAt: at } = signIn;
      const signal = signalName();
      const name = digest(`${signal} ${item}`);
      const entry = { signal, item: name, authenticator, at, until: at + days * DAY };
      await writeLearnt(core, signIn, entry);
    },
  };
}

/** What still counts: of the authenticator that is bound, proved after the last remedy, and not expired. */
export async function readLearnt(core: Core, accountId: string): Promise<Learnt[]> {
  const now = core.clock.now();
  const [record, bound, remedies] = await Promise.all([
    core.store.get(memoryKey(accountId), now),
    findAuthenticator(core, accountId),
    readRemedies(core, accountId),
  ]);
  return stillLearnt((record as MemoryRecord | undefined)?.learnt ?? [], bound?.id, remedies, now);
}

const stillLearnt = (
  learnt: readonly Learnt[],
  authenticator: string | undefined,
  remedies: Remedies,
  now: number,
): Learnt[] =>
  learnt.filter(
    (one) => one.authenticator === authenticator && one.until > now && isStillKnown(remedies, one.at),
  );

async function writeLearnt(core: Core, { accountId }: ProvedSignIn, entry: Learnt): Promise<void> {
  const { store, clock } = core;
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const now = clock.now();
    const [there, remedies] = await Promise.all([
      store.get(memoryKey(accountId), now),
      readRemedies(core, accountId),
    ]);
    const before = there as MemoryRecord | undefined;
    const learnt = withEntry(before?.learnt ?? [], entry, remedies, now);
    if (!learnt.includes(entry)) return;
    const record: MemoryRecord = { rev: (before?.rev ?? 0) + 1, learnt: learnt as never };
    const until = Math.max(...learnt.map((one) => one.until));
    const written = before
      ? await store.replace(memoryKey(accountId), record, before.rev, until, now)
      : await store.add(memoryKey(accountId), record, until, now);
    if (written) return;
  }
}

/**
 * The newest of each signal, those that others wrote meanwhile among them: this may be a late write, of a number that was
 * changed since. Only what a remedy ended, or time, is left out, and that may be the entry itself.
 */
function withEntry(learnt: readonly Learnt[], entry: Learnt, remedies: Remedies, now: number): Learnt[] {
  const lasting = [entry, ...learnt]
    .filter(({ at, until }) => until > now && isStillKnown(remedies, at))
    .toSorted((a, b) => b.at - a.at);
  const newest = lasting.filter((one, index) => lasting.findIndex((other) => isSame(one, other)) === index);
  const bySignal = Map.groupBy(newest, ({ signal }) => signal);
  return [...bySignal.values()].flatMap((all) => all.slice(0, MAX_LEARNT));
}

const isSame = (one: Learnt, other: Learnt): boolean =>
  one.signal === other.signal && one.item === other.item && one.authenticator === other.authenticator;

/** Erases what counts no more anyway (PRV-06). */
export async function eraseLearnt(core: Core, accountId: string): Promise<void> {
  await core.store.delete(memoryKey(accountId));
}
