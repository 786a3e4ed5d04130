import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { fileURLToPath } from 'node:url';
import { freePorts } from './free-ports.ts';

const BIN = fileURLToPath(new URL('../../bin/sekisho.js', import.meta.url));

export interface Outcome {
  code: number | null;
  out: string;
  err: string;
}

/** The command as a person runs it, in a folder that goes with the test file. */
export interface Command {
  folder: string;
  start(args: readonly string[], env?: Record<string, string>): ChildProcess;
  run(args: readonly string[], input?: string): Promise<Outcome>;
  /** Writes a file into the folder; answers its path. */
  write(name: string, content: unknown): string;
  /** The least a server needs, on a free port. */
  configuration(data: string): Promise<Record<string, unknown> & { issuer: string }>;
}

export function commandIn(name: string): Command {
  const folder = mkdtempSync(join(tmpdir(), name));
  after(() => rmSync(folder, { recursive: true }));
  const start: Command['start'] = (args, env = {}) => {
    const { PATH = '', HOME = '' } = process.env;
    return spawn(process.execPath, [BIN, ...args], { cwd: folder, env: { PATH, HOME, ...env } });
  };
  return {
    folder,
    start,
    run(args, input = '') {
      const child = start(args);
      child.stdin!.end(input);
      return outcomeOf(child);
    },
    write(file, content) {
      const path = join(folder, file);
      writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
      return path;
    },
    async configuration(data) {
      const port = await freePorts();
      return {
        issuer: `http://localhost:${port}`,
        port,
        data,
        drain: 0,
        gateway: { type: 'handset' },
        countries: ['JP'],
      };
    },
  };
}

/** What it said by its end. */
export async function outcomeOf(child: ChildProcess): Promise<Outcome> {
  let [out, err] = ['', ''];
  child.stdout!.on('data', (chunk) => {
    out += chunk;
  });
  child.stderr!.on('data', (chunk) => {
    err += chunk;
  });
  const [code] = await once(child, 'close');
  return { code: code as number | null, out, err };
}

/** Resolves when what stands on stdout matches. */
export function untilSaid(child: ChildProcess, pattern: RegExp): Promise<void> {
  return new Promise((resolve, reject) => {
    let out = '';
    child.stdout!.on('data', (chunk) => {
      out += chunk;
      if (pattern.test(out)) resolve();
    });
    child.once('close', () => reject(new Error(`ended after: ${out}`)));
  });
}

/** One line on stderr, nothing but that, no stack, and exit code 1. */
export async function assertRefused(outcome: Promise<Outcome>, reason: RegExp): Promise<void> {
  const { code, err } = await outcome;
  assert.equal(code, 1, err);
  assert.match(err, reason);
  assert.equal(err.trimEnd().split('\n').length, 1, err);
  assert.ok(err.startsWith('sekisho: '), err);
  assert.doesNotMatch(err, /\.ts:\d|^\s+at /m);
}
