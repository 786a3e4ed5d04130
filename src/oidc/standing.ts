import type { Core } from '../domain/core.ts';
import type { Fact } from '../domain/factors.ts';
import { digest } from '../domain/keys.ts';
import { accountTag } from '../domain/limits.ts';
import { type Json, key } from '../ports/store.ts';

/** What was proved in a session of the provider, and when the session was last used (SES-01, SES-02). */
export interface Standing {
  facts: Fact[];
  lastSeen: number;
}

/** A session that is not used for so long has nothing left that counts. */
const KEPT = 15 * 86_400_000;

const standingKey = (accountId: string, sessionUid: string) =>
  key(accountTag(accountId), 'standing', digest(`session ${sessionUid}`));

/** The record is under the account's tag: another account in the same session finds nothing (SES-02). */
export async function readStanding(
  core: Core,
  accountId: string,
  sessionUid: string,
): Promise<Standing | undefined> {
  const record = await core.store.get(standingKey(accountId, sessionUid), core.clock.now());
  return record as unknown as Standing | undefined;
}

export async function saveStanding(
  core: Core,
  accountId: string,
  sessionUid: string,
  standing: Standing,
): Promise<void> {
  await core.store.put(
    standingKey(accountId, sessionUid),
    standing as unknown as Json,
    standing.lastSeen + KEPT,
    core.clock.now(),
  );
}
