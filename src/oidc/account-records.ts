import type { AdapterPayload } from 'oidc-provider';
import type { ProviderRecords } from '../domain/account-remedies.ts';
import { accountTag } from '../domain/limits.ts';
import type { Clock } from '../ports/clock.ts';
import { type Key, key, type Store } from '../ports/store.ts';

/** What the records of an account are found by when its sessions end: keys of its sessions and grants. */
const accountKey = (accountId: string): Key => key(accountTag(accountId), 'oidc-account');

/** Stands at the end of the key of a set that holds the keys of the tokens of a grant. */
const TOKENS_OF_GRANT = 'oidc-grant';

/** Lists a record under its account. Expired keys may stay on the list: they lead nowhere. */
export async function listUnderAccount(
  { store, now }: { store: Store; now: number },
  accountId: string,
  records: readonly Key[],
  expiresAt: number | null,
): Promise<void> {
  const name = accountKey(accountId);
  await Promise.all(
    records.map((record) => store.join(name, record, Number.MAX_SAFE_INTEGER, expiresAt, now)),
  );
}

/** The records of the provider in our store, by account (SES-11, fault A.8). */
export function providerRecords(store: Store, clock: Clock): ProviderRecords {
  const listed = (accountId: string) => store.members(accountKey(accountId), clock.now()) as Promise<Key[]>;
  const tokensOf = async (keys: readonly Key[]) => {
    const sets = keys.filter((name) => name.endsWith(`}${TOKENS_OF_GRANT}`));
    const tokens = await Promise.all(sets.map((set) => store.members(set, clock.now())));
    return tokens.flat() as Key[];
  };
  return {
    async endPhoneTokens(accountId) {
      const tokens = await tokensOf(await listed(accountId));
      const found = await Promise.all(tokens.map((token) => store.get(token, clock.now())));
      const phone = tokens.filter((_, at) =>
        restsOnPhone(found[at] as unknown as AdapterPayload | undefined),
      );
      await Promise.all(phone.map((token) => store.delete(token)));
    },
    async endAll(accountId) {
      const keys = await listed(accountId);
      const ended = await Promise.all(
        [...(await tokensOf(keys)), ...keys].map(
          async (name) => (await store.delete(name)) && isSession(name),
        ),
      );
      await store.delete(accountKey(accountId));
      return ended.filter(Boolean).length;
    },
  };
}

const isSession = (name: Key): boolean => name.endsWith('}oidc:Session');

/** Whether a token says that a code by SMS or call was entered (OID-01). */
export function restsOnPhone(token: { amr?: unknown; extra?: unknown } | undefined): boolean {
  const amr = token?.amr ?? (token?.extra as { amr?: unknown } | undefined)?.amr;
  return Array.isArray(amr) && amr.some((method) => method === 'sms' || method === 'tel');
}
