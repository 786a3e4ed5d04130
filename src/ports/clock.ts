/** Where Sekisho reads the time. Tests and hosts inject their own; nothing else in the code asks for the time. */
export interface Clock {
  /** Milliseconds since the Unix epoch (OPS-03: server clocks only, never a time from a request). */
  now(): number;
  /**
   * Milliseconds by which the clock of this machine is ahead of this one. Only the clock of a store says so; where a host
   * brings its own clock, the host is the judge of time.
   */
  drift?(): number;
}

/**
 * Milliseconds by which a recorded time may lie ahead of now. What lies further ahead was written while a clock was wrong,
 * and is bounded: it must neither keep a code alive nor make anybody wait for ever (attack 17).
 */
export const CLOCK_TOLERANCE_MS = 5000;

/** Whether a time on record was written by a clock that was ahead of this one. */
export const isFromFuture = (time: number, now: number): boolean => time > now + CLOCK_TOLERANCE_MS;

/** The clock of the machine. */
export const systemClock: Clock = { now: () => Date.now() };
