import { resolve } from 'node:path';
import { systemClock } from '../ports/clock.ts';
import { createKeyFile, keyFileIn, readKeyFile, writeKeyFile } from '../server/keys/file.ts';
import {
  generateKeys,
  type Keys,
  newSecret,
  rotateCookieKey,
  rotateSecret,
  rotateSigningKey,
} from '../server/keys.ts';
import type { Typed } from './commands.ts';
import { noMoreWords, textOf } from './typed.ts';
import { UsageError } from './usage.ts';

const ACTIONS: Readonly<Record<string, (file: string, words: readonly string[]) => Promise<string>>> = {
  generate,
  list,
  rotate,
  secret: async () => newSecret(),
};

/** `sekisho keys …`: prints what was done, never a private key. */
export async function keys({ options, words: [name = '', ...words] }: Typed): Promise<number> {
  const action = Object.hasOwn(ACTIONS, name) ? ACTIONS[name] : undefined;
  if (!action) throw new UsageError('keys takes generate, list, rotate or secret. See: sekisho --help');
  if (name !== 'rotate') noMoreWords(words);
  const file = keyFileIn(resolve(textOf(options['data']) ?? './data'));
  process.stdout.write(`${await action(file, words)}\n`);
  return 0;
}

async function generate(file: string): Promise<string> {
  const made = await createKeyFile(file, () => generateKeys(systemClock.now()));
  if (!made) throw new UsageError(`${file} is there already. For newer keys: sekisho keys rotate.`);
  return `Made ${file}. Keep a copy in a safe place: without its secrets no stored number can be read.`;
}

async function list(file: string): Promise<string> {
  const { signing, secrets, cookieKeys } = await readKeyFile(file);
  const lines = signing.map(({ kid, state, createdAt, publishedAt }) => {
    const published = publishedAt === null ? 'not published yet' : `published ${publishedAt}`;
    return `signing  ${state.padEnd(8)}  ${kid}  made ${createdAt}, ${published}`;
  });
  return [...lines, `secrets  ${secrets.length}`, `cookies  ${cookieKeys.length}`].join('\n');
}

async function rotate(file: string, [what = 'signing', ...more]: readonly string[]): Promise<string> {
  noMoreWords(more);
  const keys = await readKeyFile(file);
  if (what === 'signing') return rotateSigning(file, keys);
  const change = { secrets: rotateSecret, cookies: rotateCookieKey }[what];
  if (!change) throw new UsageError('keys rotate takes nothing, secrets or cookies. See: sekisho --help');
  await writeKeyFile(file, change(keys));
  return `A new one is first among ${what}. Restart the server to use it; the older ones still count.`;
}

async function rotateSigning(file: string, keys: Keys): Promise<string> {
  const rotation = await rotateSigningKey(keys, systemClock.now());
  const { kid, outcome } = rotation;
  if (outcome === 'too_early') {
    throw new UsageError(
      rotation.at === null
        ? `${kid} is not published yet. Restart the server, and rotate again 48 hours later.`
        : `${kid} may sign from ${new Date(rotation.at).toISOString()} on: relying parties keep the old keys for 48 hours.`,
    );
  }
  await writeKeyFile(file, rotation.keys);
  const dropped = rotation.dropped === 0 ? '' : ` ${rotation.dropped} that stopped signing went.`;
  if (outcome === 'promoted') return `${kid} signs after the next restart of the server.${dropped}`;
  return `${kid} is published after the next restart of the server. Rotate again 48 hours after that.${dropped}`;
}
