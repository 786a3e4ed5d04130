import type { Problem } from '../errors.ts';
import type { Typed } from './commands.ts';
import { UsageError } from './usage.ts';

/** The value of an option, where it was given. */
export const textOf = (value: Typed['options'][string]): string | undefined =>
  typeof value === 'string' ? value : undefined;

/** The values of an option that can come again and again. */
export const textsOf = (value: Typed['options'][string]): string[] =>
  Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];

/** A problem as one sentence or two; a fix that asks ends as it is. */
export function sentenceOf({ field, reason, fix }: Problem): string {
  const text = fix === '' ? `${field} ${reason}` : `${field} ${reason}. ${fix}`;
  return /[.?!]$/.test(text) ? text : `${text}.`;
}

/** @throws UsageError */
export function noMoreWords(words: readonly string[]): void {
  if (words.length > 0) throw new UsageError(`"${words[0]}" means nothing here. See: sekisho --help`);
}

/** @throws UsageError */
export function portOf(value: Typed['options'][string], otherwise: number): number {
  if (value === undefined) return otherwise;
  const port = Number(value);
  if (Number.isInteger(port) && port > 0 && port < 65_535) return port;
  throw new UsageError('--port must be a number from 1 to 65534: the application takes the port above');
}

/**
 * The configuration file; undefined when everything is in the environment.
 *
 * @throws UsageError when there is neither.
 */
export function configFileOf({ options }: Typed): string | undefined {
  const file = textOf(options['config']);
  if (file === undefined && process.env['SEKISHO_ISSUER'] === undefined) {
    throw new UsageError('name a configuration with --config FILE, or give all of it in SEKISHO_ variables');
  }
  return file;
}
