import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { spread, told } from './figures.ts';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const PORT = 20_000 + (process.pid % 10_000) * 2;

/** How long `sekisho demo` takes until it is ready, as it says itself. */
export async function benchStart(quick: boolean): Promise<void> {
  console.log('## Start of `sekisho demo`\n');
  const data = await mkdtemp(join(tmpdir(), 'sekisho-demo-'));
  try {
    const first = await readyAfter(data);
    const later: number[] = [];
    for (let round = 0; round < (quick ? 2 : 7); round += 1) later.push(await readyAfter(data));
    console.log(`ready in ${first} ms with an empty folder, then in ${told(spread(later), 0)} ms\n`);
  } finally {
    await rm(data, { recursive: true, force: true });
  }
}

async function readyAfter(data: string): Promise<number> {
  // It keeps compiled code at a place of its own, which is part of what is measured.
  const { NODE_COMPILE_CACHE: _, NODE_ENV: __, ...env } = process.env;
  const words = ['bin/sekisho.js', 'demo', '--port', `${PORT}`, '--data', data];
  const child = spawn(process.execPath, words, { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = once(child, 'exit');
  try {
    return await said(child.stdout, child.stderr);
  } finally {
    child.kill('SIGTERM');
    await ended;
  }
}

async function said(...streams: readonly AsyncIterable<Buffer>[]): Promise<number> {
  let text = '';
  const found = streams.map(async (stream) => {
    for await (const chunk of stream) {
      text += chunk;
      const ready = /ready in (\d+) ms/.exec(text)?.[1];
      if (ready !== undefined) return Number(ready);
    }
    throw new Error(`the demo did not start: ${text}`);
  });
  return Promise.any(found);
}
