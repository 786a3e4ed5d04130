/** Failures within the window that open a circuit, and how long it stays open (GWY-02). */
const FAILURES = 5;
const WINDOW = 30_000;
const OPEN_FOR = 30_000;
const LONGEST_PAUSE = 60_000;

/** Keeps a gateway that fails out of the way, and lets one message at a time try whether it is back. */
export interface Breaker {
  /** False while the circuit is open. Once the pause is over one caller gets `true`, the others wait for its result. */
  allows(now: number): boolean;
  /** The vendor wants to be left alone until then (Retry-After); at most a minute is granted. */
  pause(now: number, milliseconds: number): void;
  /** @returns what changed, for the journal. */
  report(ok: boolean, now: number): 'opened' | 'closed' | undefined;
}

/**
 * One circuit. It lives in the process: each one notices within five messages, and a store that every message had to ask
 * would be one more thing that can fail.
 */
export function createBreaker(): Breaker {
  let failures: number[] = [];
  let openedAt: number | undefined;
  let probeAt: number | undefined;
  let pausedUntil = 0;
  return {
    pause(now, milliseconds) {
      pausedUntil = now + Math.min(milliseconds, LONGEST_PAUSE);
    },
    allows(now) {
      if (now < pausedUntil) return false;
      if (openedAt === undefined) return true;
      if (now - openedAt < OPEN_FOR) return false;
      if (probeAt !== undefined && now - probeAt < WINDOW) return false;
      probeAt = now;
      return true;
    },
    report(ok, now) {
      const wasOpen = openedAt !== undefined;
      if (ok) {
        failures = [];
        openedAt = probeAt = undefined;
        return wasOpen ? 'closed' : undefined;
      }
      failures = [...failures.filter((at) => now - at < WINDOW), now];
      if (!wasOpen && failures.length < FAILURES) return undefined;
      openedAt = now;
      probeAt = undefined;
      return wasOpen ? undefined : 'opened';
    },
  };
}
