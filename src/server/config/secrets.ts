import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
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
 * gateway or notifier, so that a configuration file holds no secret.
 *
 * @param field Path of the settings, for messages.
 * @throws ConfigurationError naming each variable that is not set and each file that cannot be read; never their content.
 */
export function readSecrets(settings: object, field: string, sources: SecretSources): object {
  const problems: Problem[] = [];
  const whole = replace(settings, field, sources, problems) as object;
  if (problems.length > 0) throw new ConfigurationError(problems);
  return whole;
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
