import { SekishoError } from '../errors.ts';
import { key, type Versioned } from '../ports/store.ts';
import type { Core } from './core.ts';
import { accountTag } from './limits.ts';

/**
 * What ends things an account is remembered by (BND-05, BND-08, SES-11, lesson 15); `docs/rules.md` says which ends what.
 *
 * `factor`: the number was taken off the account. `browsers`: no browser and no network is known any more. `sessions`: signed
 * out everywhere, after a changed password or a theft, or because the account was disabled.
 */
export type Remedy = 'factor' | 'browsers' | 'sessions';

/**
 * When each remedy was last applied: milliseconds since the epoch, 0 for never. What rests on a proof from that moment or
 * before counts no more, whoever writes it down and however late: a deletion alone would miss what is written just after it.
 */
export type Remedies = Readonly<Record<Remedy, number>>;

const NEVER: Remedies = { factor: 0, browsers: 0, sessions: 0 };
/** Longer than anything lives that a remedy ends: a browser stays known for 180 days. */
const REMEDY_RETENTION_MS = 400 * 86_400_000;
const MAX_ROUNDS = 10;

const remediesKey = (accountId: string) => key(accountTag(accountId), 'remedies');

type RemedyRecord = Versioned & Remedies;

export async function readRemedies(
  core: Pick<Core, 'store' | 'clock'>,
  accountId: string,
): Promise<Remedies> {
  return ((await readRecord(core, accountId)) as Remedies | undefined) ?? NEVER;
}

async function readRecord(
  { store, clock }: Pick<Core, 'store' | 'clock'>,
  accountId: string,
): Promise<RemedyRecord | undefined> {
  return (await store.get(remediesKey(accountId), clock.now())) as RemedyRecord | undefined;
}

/**
 * Writes down that remedies were applied now.
 *
 * @throws SekishoError `store_unavailable` when others kept changing the record: nothing was ended.
 */
export async function applyRemedies(
  core: Pick<Core, 'store' | 'clock'>,
  accountId: string,
  remedies: readonly Remedy[],
): Promise<void> {
  const { store, clock } = core;
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const before = await readRecord(core, accountId);
    const now = clock.now();
    // Never earlier than before: a clock that is behind must not bring anything back.
    const applied = Object.fromEntries(
      remedies.map((remedy) => [remedy, Math.max(now, before?.[remedy] ?? 0)]),
    );
    const record: RemedyRecord = { ...NEVER, ...before, ...applied, rev: (before?.rev ?? 0) + 1 };
    const until = now + REMEDY_RETENTION_MS;
    const written = before
      ? await store.replace(remediesKey(accountId), record, before.rev, until, now)
      : await store.add(remediesKey(accountId), record, until, now);
    if (written) return;
  }
  throw new SekishoError('store_unavailable', 'Others kept changing what was ended for this account');
}

/**
 * Makes what was ended as safe as a bound number is, once all of it was written: a store that can waits for its replicas, and
 * notices at a fail-over where it is gone. Both go by records without an end, so the record has none from then on.
 *
 * @throws SekishoError `store_unavailable`: it is ended, and a fail-over may bring it back.
 */
export async function secureRemedies(core: Pick<Core, 'store' | 'clock'>, accountId: string): Promise<void> {
  const { store, clock } = core;
  const record = await readRecord(core, accountId);
  if (!record) throw new SekishoError('store_unavailable', 'What was ended is not on record');
  // Where that fails somebody was quicker with another remedy, and does the same.
  await store.replace(
    remediesKey(accountId),
    { ...record, rev: record.rev + 1 },
    record.rev,
    null,
    clock.now(),
  );
}

/** Whether a browser or network that was proved at this time may still be known. */
export const isStillKnown = ({ factor, browsers, sessions }: Remedies, provedAt: number): boolean =>
  provedAt > Math.max(factor, browsers, sessions);
