import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { unfilled } from '../../errors/unfilled.ts';
import { ConfigurationError, type Problem } from '../../errors.ts';

/** Where secrets are looked for. */
export interface SecretSources {
  env: NodeJS.ProcessEnv;
  /** Folder that relative paths start from. */
  folder: string;
}

/**
 * Puts secrets in the place of what names them (GWY-06): `{ "env": "NAME" }` is a variable of the environment,
 * `{ "file": "PATH" }` the content of a file without the line break at its end. Works at any depth of the settings of a
 * gateway, a notifier or a store, so that a configuration file holds no secret.
 *
 * @param field Path of the settings, for messages.
 * @throws ConfigurationError naming each variable that is not set and each file that cannot be read; never their content.
 */
export function readSecrets(settings: object, field: string, sources: SecretSources): object {
  const problems: Problem[] = [];
  // The settings themselves are never a secret, also where a setting of that name is their only one.
  const whole = Object.entries(settings).map(([name, value]) => [
    name,
    replace(value, `${field}.${name}`, sources, problems),
  ]);
  if (problems.length > 0) throw new ConfigurationError(problems);
  return Object.fromEntries(whole);
}

/**
 * The same where nobody else looks at what came out: the fields that hold secrets are refused where they were never filled
 * in, and so is the password in an address.
 */
export function readStoreSecrets(settings: object, sources: SecretSources): object {
  const whole = readSecrets(settings, 'store', sources) as Record<string, unknown>;
  const { url, password, sentinel } = whole;
  assertFilled([
    ['store.url', url],
    ['store.url', passwordIn(url)],
    ['store.password', password],
    ['store.sentinel.password', (sentinel as { password?: unknown } | undefined)?.password],
  ]);
  return whole;
}

/** Relying parties with their secrets; all that is wrong with any of them is told at once. */
export function readClientSecrets<C extends { client_secret?: unknown }>(
  clients: readonly C[],
  sources: SecretSources,
): C[] {
  const problems: Problem[] = [];
  const whole = clients.map((client, at) => ({
    ...client,
    ...(client.client_secret === undefined
      ? {}
      : { client_secret: replace(client.client_secret, `clients.${at}.client_secret`, sources, problems) }),
  }));
  if (problems.length > 0) throw new ConfigurationError(problems);
  assertFilled(whole.map((client, at) => [`clients.${at}.client_secret`, client.client_secret]));
  return whole;
}

function assertFilled(fields: readonly (readonly [field: string, value: unknown])[]): void {
  const problems = fields.flatMap(([field, value]) => {
    const wrong = typeof value === 'string' ? unfilled(value) : undefined;
    return wrong ? [{ field, ...wrong }] : [];
  });
  if (problems.length > 0) throw new ConfigurationError(problems);
}

function passwordIn(url: unknown): string | undefined {
  if (typeof url !== 'string' || !URL.canParse(url)) return undefined;
  try {
    return decodeURIComponent(new URL(url).password);
  } catch {
    return undefined;
  }
}

function replace(value: unknown, field: string, sources: SecretSources, problems: Problem[]): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((one, at) => replace(one, `${field}.${at}`, sources, problems));
  const entries = Object.entries(value);
  const [only] = entries;
  if (entries.length === 1 && typeof only![1] === 'string') {
    if (only![0] === 'env') return fromEnvironment(only![1], field, sources, problems);
    if (only![0] === 'file') return fromFile(only![1], field, sources, problems);
  }
  return Object.fromEntries(
    entries.map(([name, inner]) => [name, replace(inner, `${field}.${name}`, sources, problems)]),
  );
}

function fromEnvironment(name: string, field: string, { env }: SecretSources, problems: Problem[]): string {
  const found = Object.hasOwn(env, name) ? env[name] : undefined;
  if (found) return found;
  problems.push({
    field,
    reason: `names the variable ${name}, which is ${found === '' ? 'empty' : 'not set'}`,
    fix: `Set ${name} in the environment of the server`,
  });
  return '';
}

function fromFile(path: string, field: string, { folder }: SecretSources, problems: Problem[]): string {
  try {
    const text = readFileSync(resolve(folder, path), 'utf8').replace(/\r?\n$/, '');
    if (text !== '') return text;
    problems.push({
      field,
      reason: `names the file ${path}, which is empty`,
      fix: 'Write the secret into it',
    });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const reason = `names the file ${path}, which ${code === 'ENOENT' ? 'does not exist' : `cannot be read (${code})`}`;
    problems.push({ field, reason, fix: 'Name a file that the server may read' });
  }
  return '';
}
