/** Lets in so many at once; the rest waits in line. */
export interface Window {
  /** @returns false where the signal ended the waiting; nobody has to leave then. */
  enter(signal: AbortSignal): Promise<boolean>;
  leave(): void;
}

/** SMSCs bound how many messages may wait for their answers (SMPP 3.4, 2.9), and throw out who sends more. */
export function createWindow(size: number): Window {
  let inside = 0;
  const line = new Set<() => void>();
  return {
    enter(signal) {
      if (signal.aborted) return Promise.resolve(false);
      if (inside < size) {
        inside += 1;
        return Promise.resolve(true);
      }
      return new Promise((resolve) => {
        const end = (entered: boolean) => {
          line.delete(admit);
          signal.removeEventListener('abort', giveUp);
          resolve(entered);
        };
        const admit = () => end(true);
        const giveUp = () => end(false);
        signal.addEventListener('abort', giveUp, { once: true });
        line.add(admit);
      });
    },
    leave() {
      const [next] = line;
      // The place goes to the next in line, and nobody slips in between.
      if (next) next();
      else inside -= 1;
    },
  };
}
