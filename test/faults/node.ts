import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const BIN = fileURLToPath(new URL('../../bin/sekisho.js', import.meta.url));

/** A line of the log of a node, as far as tests look at it. */
export interface Logged {
  type?: string;
  flow?: string;
  msg?: string;
  outcome?: string;
  gateway?: string;
  [field: string]: unknown;
}

/** One `sekisho serve`, a process of its own. */
export interface ServerNode {
  port: number;
  logged: Logged[];
  /** Resolves when it answers. */
  start(): Promise<void>;
  /** Ends it and waits for that: in good order with SIGTERM, at once with SIGKILL. */
  stop(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>;
}

const running = new Set<ChildProcess>();
// A test process that dies takes its nodes with it.
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

export function createNode(folder: string, port: number, config: object): ServerNode {
  const file = join(folder, `node-${port}.json`);
  writeFileSync(file, JSON.stringify({ ...config, port }));
  const logged: Logged[] = [];
  let child: ChildProcess | undefined;
  return {
    port,
    logged,
    async start() {
      const { PATH = '', HOME = '' } = process.env;
      const started = spawn(process.execPath, [BIN, 'serve', '--config', file], {
        env: { PATH, HOME },
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      child = started;
      running.add(started);
      started.once('exit', () => running.delete(started));
      await new Promise<void>((resolve, reject) => {
        createInterface(started.stdout!).on('line', (line) => {
          if (line.startsWith('{')) logged.push(JSON.parse(line) as Logged);
          else if (line.startsWith('ready in')) resolve();
        });
        started.once('exit', (code) => reject(new Error(`the node on ${port} ended with ${code}`)));
      });
    },
    async stop(signal) {
      if (!child || child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill(signal);
      await ended;
    },
  };
}
