import type { z } from 'zod';
import { nearest } from './nearest.ts';

/** What is wrong at one place of what an operator wrote. No value is quoted: it may be a secret. */
export interface Found {
  path: readonly PropertyKey[];
  reason: string;
  /** What to do, where it is known. */
  fix?: string;
  /** Nobody knows the field at `path`. */
  unknown?: true;
}

type Issue = z.core.$ZodIssue;
type Raw = z.core.$ZodRawIssue;

/**
 * Reads what an operator wrote; what is wrong is told in plain words, every field at once.
 *
 * @param what What a field is called that nobody knows.
 */
export function readInput<S extends z.ZodType>(
  schema: S,
  input: unknown,
  what: 'option' | 'setting' = 'setting',
): { data: z.output<S>; found?: never } | { data?: never; found: Found[] } {
  const parsed = schema.safeParse(input, { error: inWords });
  return parsed.success
    ? { data: parsed.data }
    : { found: parsed.error.issues.flatMap((issue) => explain(issue, what)) };
}

/** For `safeParse` in a schema of ours that is read inside another one. */
export const inWords = (issue: Raw): string => WORDS[issue.code](issue as never);

type Words = { [C in Issue['code']]: (issue: Extract<Raw, { code: C }>) => string };

const WORDS: Words = {
  invalid_type: ({ input, expected }) =>
    input === undefined ? MISSING : `must be ${kindOf(expected)}, not ${kindIn(input)}`,
  invalid_value: ({ input, values }) =>
    input === undefined ? MISSING : `must be ${oneOf(values.map(String))}`,
  invalid_union: (issue) => (discriminatorOf(issue) === undefined ? MISSING : unionWords(issue)),
  invalid_format: ({ format, prefix }) => {
    if (format === 'url') return 'must be an address that begins with http:// or https://';
    return format === 'starts_with' ? `must begin with ${prefix}` : 'is not written as it has to be';
  },
  too_small: ({ origin, minimum, inclusive }) => {
    if (origin === 'string') return minimum === 1 ? 'is empty' : `must have at least ${minimum} characters`;
    if (origin === 'array') return minimum === 1 ? 'is an empty list' : `must hold at least ${minimum}`;
    return inclusive === false ? `must be more than ${minimum}` : `must be at least ${minimum}`;
  },
  too_big: ({ origin, maximum }) => {
    if (origin === 'string') return `must have at most ${maximum} characters`;
    return origin === 'array' ? `must hold at most ${maximum}` : `must be at most ${maximum}`;
  },
  // A line for each of them; `explain` takes them apart again.
  unrecognized_keys: ({ keys, inst }) => keys.map((key) => nearest(key, knownTo(inst)) ?? '').join('\n'),
  invalid_key: ({ issues }) => `is no name that may stand here: ${issues[0]?.message ?? 'see the README'}`,
  invalid_element: () => UNUSABLE,
  not_multiple_of: ({ divisor }) => `must be a multiple of ${divisor}`,
  custom: () => UNUSABLE,
};

const MISSING = 'is missing';
const UNUSABLE = 'is not usable';

const KINDS: Readonly<Record<string, string>> = {
  string: 'a text in quotes',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
  function: 'a function',
};
const kindOf = (expected: string): string => KINDS[expected] ?? expected;

function kindIn(input: unknown): string {
  if (input === null) return 'null';
  if (Array.isArray(input)) return 'a list';
  if (typeof input === 'string') return 'a text';
  if (typeof input === 'number' && !Number.isInteger(input)) return 'a number with a fraction';
  return typeof input === 'boolean' ? String(input) : (KINDS[typeof input] ?? typeof input);
}

const oneOf = (words: readonly string[]): string =>
  words.length < 2 ? words.join('') : `one of ${words.join(', ')}`;

const knownTo = (schema: unknown): string[] =>
  Object.keys((schema as { def?: { shape?: object } } | undefined)?.def?.shape ?? {});

/** What tells the forms apart: a field of the input, or all of it. */
const discriminatorOf = ({ input, discriminator }: { input?: unknown; discriminator?: string }): unknown =>
  discriminator === undefined ? input : (input as Record<string, unknown>)[discriminator];

type Union = { errors?: readonly (readonly Issue[])[]; options?: readonly unknown[] };

function unionWords({ errors = [], options }: Union): string {
  if (options) return `must be ${oneOf(options.map(String))}`;
  const kinds = errors.flatMap(([first]) => (first?.code === 'invalid_type' ? [kindOf(first.expected)] : []));
  const values = errors.flatMap(([first]) =>
    first?.code === 'invalid_value' ? first.values.map(String) : [],
  );
  const all = [...new Set([...values, ...kinds])];
  return all.length === 0 ? UNUSABLE : `must be ${all.join(' or ')}`;
}

function explain(issue: Issue, what: string): Found[] {
  const { path, message } = issue;
  if (issue.code === 'unrecognized_keys') {
    const near = message.split('\n');
    return issue.keys.map((key, at) => ({
      path: [...path, key],
      reason: `is not ${what === 'option' ? 'an' : 'a'} ${what}`,
      fix: near[at] ? `Did you mean ${near[at]}?` : 'Remove it, or check the spelling',
      unknown: true,
    }));
  }
  // Where a schema says in its own words what it wants, these are the better ones.
  if (issue.code === 'invalid_union' && message === unionWords(issue as Union)) {
    const meant = meantBy(issue.errors);
    if (meant) {
      const inside = meant.flatMap((one) => explain(one, what));
      return inside.map((found) => ({ ...found, path: [...path, ...found.path] }));
    }
  }
  const fix = issue.code === 'custom' ? (issue.params?.['fix'] as string | undefined) : undefined;
  return [{ path, reason: message, ...(fix === undefined ? {} : { fix }) }];
}

/** Of several forms the one that was meant: it is of the right kind, and the least is wrong with it. */
function meantBy(errors: readonly (readonly Issue[])[]): readonly Issue[] | undefined {
  const isOtherKind = ({ path, code }: Issue) =>
    path.length === 0 && (code === 'invalid_type' || code === 'invalid_value');
  return errors
    .filter((issues) => !issues.some(isOtherKind))
    .sort((one, other) => one.length - other.length)[0];
}
