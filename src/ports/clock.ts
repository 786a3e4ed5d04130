/** Where Sekisho reads the time. Tests and hosts inject their own; nothing else in the code asks for the time. */
export interface Clock {
  /** Milliseconds since the Unix epoch (OPS-03: server clocks only, never a time from a request). */
  now(): number;
}

/** The clock of the machine. */
export const systemClock: Clock = { now: () => Date.now() };
