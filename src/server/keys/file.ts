import { randomBytes } from 'node:crypto';
import { link, mkdir, open, readFile, rename, stat, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ConfigurationError } from '../../errors.ts';
import { parseJson } from '../config/json-text.ts';
import { generateKeys, isWhole, type Keys, keysSchema, notePublished } from '../keys.ts';

/** Where the keys lie in a data folder. */
export const keyFileIn = (data: string): string => join(data, 'keys.json');

/**
 * Reads a key file.
 *
 * @throws ConfigurationError when it is missing, readable by others, or not what we wrote. Nothing of it is repeated in
 *   the message (GWY-06).
 */
export async function readKeyFile(file: string): Promise<Keys> {
  const found = await stat(file).catch((error: NodeJS.ErrnoException) => error);
  if (found instanceof Error)
    throw found.code === 'ENOENT' ? missing(file) : refuse(file, `cannot be read (${found.code})`);
  if (process.platform !== 'win32' && (found.mode & 0o077) !== 0) {
    throw refuse(file, 'can be read by other users of this computer', `Run: chmod 600 ${file}`);
  }
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw refuse(file, `cannot be read (${error.code})`, 'Start as the user that owns it');
  });
  return parseKeys(text, file);
}

const missing = (file: string) =>
  refuse(
    file,
    'is missing',
    `Make it once with: npx sekisho keys generate --data ${dirname(file)}, or set SEKISHO_KEYS`,
  );

function refuse(
  file: string,
  reason: string,
  fix = 'Check the path and who may read it',
): ConfigurationError {
  return new ConfigurationError([{ field: file, reason, fix }]);
}

/** @param name File or variable the text comes from, for messages. @throws ConfigurationError */
export function parseKeys(text: string, name: string): Keys {
  const parsed = keysSchema.safeParse(parseJson(text, name));
  const field = parsed.error?.issues[0]?.path.join('.');
  if (!parsed.success) {
    throw refuse(
      name,
      `is no key file: ${field || 'its content'} is not usable`,
      'Put a backup back, or make new keys',
    );
  }
  const broken = parsed.data.signing.find((key) => !isWhole(key));
  if (broken) throw refuse(name, `has a damaged signing key ${broken.kid.slice(0, 8)}`, 'Put a backup back');
  return parsed.data;
}

/**
 * The keys of a server: from `text` where it is given whole, else from the file in the data folder. Also notes in the
 * file that its keys are published from now on.
 *
 * @param make Whether missing keys are made.
 * @throws ConfigurationError
 */
export async function loadKeys(
  data: string,
  { text, make, demo = false, now }: { text: string | undefined; make: boolean; demo?: boolean; now: number },
): Promise<Keys> {
  if (text !== undefined) return parseKeys(text, 'SEKISHO_KEYS');
  const file = keyFileIn(data);
  if (make) await orRefused(data, () => createKeyFile(file, () => generateKeys(now, demo)));
  const keys = await readKeyFile(file);
  const published = notePublished(keys, now);
  if (published !== keys) await orRefused(data, () => writeKeyFile(file, published));
  return published;
}

/** What the system says about a folder is told as what is wrong with the setting that names it. */
async function orRefused<T>(data: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (typeof code !== 'string') throw error;
    throw new ConfigurationError([
      {
        field: 'data',
        reason: `names the folder ${data}, where the key file cannot be written (${code})`,
        fix: 'Give it to the user that runs this (chown), or name another folder in data',
      },
    ]);
  }
}

/** Makes the file unless there is one, also when two processes try at once; says whether it did. */
export async function createKeyFile(file: string, make: () => Promise<Keys>): Promise<boolean> {
  const exists = await stat(file).then(
    () => true,
    () => false,
  );
  if (exists) return false;
  const draft = await writeDraft(file, await make());
  try {
    await link(draft, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    await unlink(draft);
  }
}

/** Replaces the file in one step: after a power cut it is the old one or the new one, never half of either. */
export async function writeKeyFile(file: string, keys: Keys): Promise<void> {
  await rename(await writeDraft(file, keys), file);
  const folder = await open(dirname(file), 'r');
  await folder.sync();
  await folder.close();
}

async function writeDraft(file: string, keys: Keys): Promise<string> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const draft = `${file}.${randomBytes(6).toString('hex')}`;
  const handle = await open(draft, 'wx', 0o600);
  try {
    await handle.writeFile(`${JSON.stringify(keys, null, 2)}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  return draft;
}
