import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Question, Usage } from './server.ts';
import type { ServerSettings } from './setting.ts';

/** A server in a process of its own. */
export interface Server {
  issuer: string;
  ask(question: Question): Promise<Usage>;
  stop(): Promise<void>;
}

const FILE = fileURLToPath(new URL('server.ts', import.meta.url));
const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

export async function startServer(settings: ServerSettings): Promise<Server> {
  const child = fork(FILE, [JSON.stringify(settings)], {
    execArgv: ['--conditions=source', '--expose-gc', '--disable-warning=ExperimentalWarning'],
    env: { ...process.env, NODE_ENV: 'production' },
    // Both systems say once that the issuer is not https; nothing else is expected, and failures end the run.
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  running.add(child);
  const said: string[] = [];
  child.stderr!.on('data', (chunk) => said.push(String(chunk)));
  const ended = once(child, 'exit').then(() => {
    running.delete(child);
    throw new Error(`a ${settings.kind} server ended: ${said.join('')}`);
  });
  ended.catch(() => {});
  const reply = async () => (await Promise.race([once(child, 'message'), ended]))[0];
  const { issuer } = (await reply()) as { issuer: string };
  const ask = async (question: Question) => {
    const answered = reply();
    child.send(question);
    return (await answered) as Usage;
  };
  return {
    issuer,
    ask,
    async stop() {
      await ask({ ask: 'stop' });
      await ended.catch(() => {});
    },
  };
}
