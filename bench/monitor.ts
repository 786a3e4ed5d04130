import { Redis } from 'ioredis';

/** Names of commands that Redis got from its clients, and of those that scripts ran inside it. */
export interface Commands {
  sent: string[];
  inside: string[];
}

export interface Monitor {
  /** What came in since this was last asked. */
  take(): Promise<Commands>;
  close(): void;
}

/** Listens to everything a Redis does. */
export async function watchCommands(url: string): Promise<Monitor> {
  const client = new Redis(url);
  const monitor = await client.monitor();
  let seen: Commands = { sent: [], inside: [] };
  let marks = 0;
  let reached: { mark: string; done: () => void } | undefined;
  monitor.on('monitor', (_time: string, [name = '', ...args]: string[], source: string) => {
    if (name.toLowerCase() === 'echo' && args[0] === reached?.mark) return reached?.done();
    if (name.toLowerCase() !== 'echo') seen[source === 'lua' ? 'inside' : 'sent'].push(name.toUpperCase());
  });
  return {
    async take() {
      const mark = `mark ${++marks}`;
      const passed = new Promise<void>((done) => {
        reached = { mark, done };
      });
      await client.echo(mark);
      await passed;
      const taken = seen;
      seen = { sent: [], inside: [] };
      return taken;
    },
    close() {
      monitor.disconnect();
      client.disconnect();
    },
  };
}

/** `EVALSHA 2, GET 3`. */
export function counted(names: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const name of names.toSorted()) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].map(([name, count]) => `${name} ${count}`).join(', ');
}
