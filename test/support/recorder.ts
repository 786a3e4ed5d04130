import type { Store } from '../../src/ports/store.ts';

/** Longest life of each kind of record that was written, in seconds; null where a record stays until it is deleted. */
export type Lives = Map<string, number | null>;

/** A store that notes for how long what is written is kept. */
export function recordLives(store: Store, lives: Lives): Store {
  const note = (key: string, expiresAt: number | null) => {
    const kind = /^\{[^}]*\}([^:]*)/.exec(key)?.[1] ?? key;
    const life = expiresAt === null ? null : Math.ceil((expiresAt - Date.now()) / 1000);
    const known = lives.get(kind);
    lives.set(kind, known === null || life === null ? null : Math.max(known ?? 0, life));
  };
  return {
    ...store,
    put(key, value, expiresAt, now) {
      note(key, expiresAt);
      return store.put(key, value, expiresAt, now);
    },
    add(key, value, expiresAt, now) {
      note(key, expiresAt);
      return store.add(key, value, expiresAt, now);
    },
    replace(key, value, rev, expiresAt, now) {
      note(key, expiresAt);
      return store.replace(key, value, rev, expiresAt, now);
    },
    join(key, member, cap, expiresAt, now) {
      note(key, expiresAt);
      return store.join(key, member, cap, expiresAt, now);
    },
    reserve(request) {
      note(request.key, request.now + Math.max(...request.windows.map(({ window }) => window)));
      return store.reserve(request);
    },
    openChallenge(key, challenge) {
      note(key, challenge.keepUntil);
      return store.openChallenge(key, challenge);
    },
    attempt(request) {
      note(request.tally, request.tallyExpiresAt);
      return store.attempt(request);
    },
  };
}
