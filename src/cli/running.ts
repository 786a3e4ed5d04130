/** Milliseconds since the process began. */
export const sinceStart = (): number => Math.round(performance.now());

/** Stops in good order at the first signal (OPS-04), and at once at the second. */
export function untilStopped(close: () => Promise<void>): Promise<number> {
  return new Promise((resolve, reject) => {
    let stopping = false;
    const stop = () => {
      if (stopping) process.exit(130);
      stopping = true;
      close().then(() => resolve(0), reject);
    };
    process.on('SIGTERM', stop);
    process.on('SIGINT', stop);
  });
}
