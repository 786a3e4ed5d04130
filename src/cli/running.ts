/** Milliseconds since the process began. */
export const sinceStart = (): number => Math.round(performance.now());

/** Stops in good order at the first signal (OPS-04), and at once at the second. */
export function untilStopped(close: (how: { drain: boolean }) => Promise<void>): Promise<number> {
  return new Promise((resolve, reject) => {
    let stopping = false;
    const stop = (signal: NodeJS.Signals) => {
      if (stopping) process.exit(130);
      stopping = true;
      // Who stops it at a keyboard waits for no balancer to move on.
      close({ drain: signal === 'SIGTERM' }).then(() => resolve(0), reject);
    };
    process.on('SIGTERM', stop);
    process.on('SIGINT', stop);
  });
}
