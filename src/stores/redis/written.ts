/** What this process wrote lately to stay, such as the number of an account: gone means lost. */
export interface Written {
  note(name: string): void;
  forget(name: string): void;
  anyMissing(): Promise<boolean>;
}

/** Longer than replicas lag. */
const REMEMBERED_MS = 600_000;
const MOST_REMEMBERED = 10_000;

/** @param exists How many of these keys are there. */
export function rememberWritten(exists: (name: string) => Promise<number>): Written {
  const times = new Map<string, number>();
  const prune = () => {
    const old = performance.now() - REMEMBERED_MS;
    for (const [name, time] of times) {
      if (time > old && times.size <= MOST_REMEMBERED) break;
      times.delete(name);
    }
  };
  return {
    note(name) {
      times.delete(name);
      times.set(name, performance.now());
      prune();
    },
    forget: (name) => void times.delete(name),
    async anyMissing() {
      prune();
      const counts = await Promise.all([...times.keys()].map(exists));
      return counts.includes(0);
    },
  };
}
