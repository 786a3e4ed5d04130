import { loadConfig } from '../server/config.ts';
import type { Typed } from './commands.ts';
import { createDemoLog, printDemo } from './demo-output.ts';
import { configFileOf, noMoreWords, portOf, textOf } from './typed.ts';

/** `sekisho serve`: runs until it is told to stop. */
export async function serve(typed: Typed): Promise<number> {
  noMoreWords(typed.words);
  const config = loadConfig(configFileOf(typed));
  const { startServer } = await import('../server/server.ts');
  const server = await startServer(config);
  process.stdout.write(
    `ready in ${sinceStart()} ms at ${server.url}, listening on ${config.host}:${server.port}\n`,
  );
  typed.launch.ready();
  return untilStopped(server.close);
}

/** `sekisho demo` */
export async function demo({ options, words, launch }: Typed): Promise<number> {
  noMoreWords(words);
  const { startDemo } = await import('../server/demo.ts');
  const log = createDemoLog();
  const running = await startDemo({
    port: portOf(options['port'], 3000),
    data: textOf(options['data']) ?? './data',
    log,
  });
  printDemo(running, sinceStart(), textOf(options['data']) ?? './data');
  log.begin();
  launch.ready();
  return untilStopped(running.close);
}

/** Milliseconds since the process began. */
const sinceStart = (): number => Math.round(performance.now());

/** Stops in good order at the first signal (OPS-04), and at once at the second. */
function untilStopped(close: () => Promise<void>): Promise<number> {
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
