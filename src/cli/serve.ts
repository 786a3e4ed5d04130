import { loadConfig } from '../server/config.ts';
import type { Typed } from './commands.ts';
import { createDemoLog, printDemo } from './demo-output.ts';
import { sinceStart, untilStopped } from './running.ts';
import { configFileOf, noMoreWords, portOf, textOf } from './typed.ts';

/** `sekisho serve`: runs until it is told to stop. */
export async function serve(typed: Typed): Promise<number> {
  noMoreWords(typed.words);
  const config = loadConfig(configFileOf(typed));
  const { startServer } = await import('../server/server.ts');
  const server = await startServer(config);
  // Before it says that it is ready: who is told so may stop it at once.
  const stopped = untilStopped(server.close);
  process.stdout.write(
    `ready in ${sinceStart()} ms at ${server.url}, listening on ${config.host}:${server.port}\n`,
  );
  typed.launch.ready();
  return stopped;
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
