import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { Session } from 'node:inspector/promises';
import type { AddressInfo } from 'node:net';
import type { Application } from './hosts/application.ts';
import type { ServerSettings } from './setting.ts';

// A process of its own for each server. The parent asks through the IPC channel; nothing of that is going on while
// sign-ins are counted.

/** What the parent may ask. */
export type Question = { ask: 'usage' | 'collect' | 'stop' | 'profile' } | { ask: 'profiled'; file: string };
export interface Usage {
  /** Milliseconds of CPU since the start, of all threads. */
  cpu: number;
  /** Resident memory in bytes. */
  rss: number;
  /** What the program holds of it, in bytes: a leak shows here, and not what the collector keeps for later. */
  heap: number;
}

const settings = JSON.parse(process.argv[2]!) as ServerSettings;
const server = createServer();
server.listen(0, '127.0.0.1');
await once(server, 'listening');
const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
const application = await start();
server.on('request', application.listener);
process.on('message', (question: Question) => void answer(question).then((reply) => process.send!(reply)));
process.on('disconnect', () => process.exit(1));
process.send!({ issuer });

/** Loads only the system that is measured, so that neither pays for the modules of the other. */
async function start(): Promise<Application> {
  if (settings.kind === 'bare') return (await import('./hosts/bare.ts')).startBare(issuer, settings);
  return (await import('./hosts/sekisho.ts')).startSekisho(issuer, settings);
}

let profiling: Session | undefined;

async function answer(question: Question): Promise<Usage> {
  if (question.ask === 'collect') await collect();
  if (question.ask === 'profile') {
    profiling = new Session();
    profiling.connect();
    await profiling.post('Profiler.enable');
    await profiling.post('Profiler.setSamplingInterval', { interval: 200 });
    await profiling.post('Profiler.start');
  }
  if (question.ask === 'profiled') {
    const { profile } = await profiling!.post('Profiler.stop');
    await writeFile(question.file, JSON.stringify(profile));
  }
  if (question.ask === 'stop') await stop();
  const { user, system } = process.cpuUsage();
  const { rss, heapUsed } = process.memoryUsage();
  return { cpu: (user + system) / 1000, rss, heap: heapUsed };
}

async function collect(): Promise<void> {
  for (let round = 0; round < 3; round += 1) {
    globalThis.gc?.();
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function stop(): Promise<void> {
  server.closeAllConnections();
  server.close();
  await application.close();
  setImmediate(() => process.disconnect());
}
