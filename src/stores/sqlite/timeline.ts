import { randomUUID } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';

/** What time callers said it was, over restarts too. */
export interface Timeline {
  /** Notes the time of a write, within its transaction. */
  pass(now: number): void;
  /** Codes of another term are void: the time stepped back since they were issued (attack 17). */
  term(): string;
  /** What ended before this may be swept. */
  horizon(): number;
  /** Forgets what a transaction that failed has noted. */
  reload(): void;
}

/** Requests under way may bring an older time along; beyond this the clock was set back. */
const STEP_BACK_MS = 30_000;
const NOTED_EVERY_MS = 1000;
/** A row stays this long after its end, so that a clock that is a little ahead removes nothing early. */
const SLACK_MS = 60_000;
/** How much of a jump ahead one write believes: a clock that is ahead for a moment must not empty the store. */
const BELIEVED_MS = 3_600_000;

export function createTimeline(database: DatabaseSync): Timeline {
  const select = database.prepare('SELECT value FROM meta WHERE name = ?');
  const upsert = database.prepare(
    'INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value',
  );
  const read = (name: string) => select.get(name)?.['value'] as string | undefined;
  const load = () => ({ latest: Number(read('latest') ?? 0), term: read('term') ?? '' });
  let { latest, term } = load();
  let horizon = latest;

  const note = (now: number) => {
    latest = now;
    upsert.run('latest', String(now));
  };
  return {
    pass(now) {
      if (now < latest - STEP_BACK_MS) {
        term = randomUUID();
        upsert.run('term', term);
        note(now);
      } else if (now > latest + NOTED_EVERY_MS) note(now);
      horizon = Math.min(now - SLACK_MS, (horizon || now) + BELIEVED_MS);
    },
    term: () => term,
    horizon: () => horizon,
    reload() {
      ({ latest, term } = load());
    },
  };
}
