import { z } from 'zod';

/** What stands at a path, or nothing: names are own properties only, so `constructor` finds nothing. */
export function readPath(value: unknown, path: string): unknown {
  let found = value;
  for (const step of stepsOf(path)) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, step)) return undefined;
    found = (found as Record<string, unknown>)[step];
  }
  return found;
}

const stepsOf = (path: string): string[] =>
  path === '$' ? [] : path.replaceAll('[', '.').replaceAll(']', '').split('.').filter(Boolean);

/** The value at a path as text; undefined where there is none, or where it is a list or an object. */
export function textAt(value: unknown, paths: string | readonly string[]): string | undefined {
  for (const path of typeof paths === 'string' ? [paths] : paths) {
    const text = asText(readPath(value, path));
    if (text !== undefined && text !== '') return text;
  }
  return undefined;
}

/** An XML element that has attributes keeps its text under `#text`. */
export function asText(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return typeof value === 'object' && value !== null && Object.hasOwn(value, '#text')
    ? asText((value as { '#text': unknown })['#text'])
    : undefined;
}

/** What a batch holds: a list's items, or the one thing that is no list (XML does not tell one from a list of one). */
export function itemsAt(value: unknown, path: string): readonly unknown[] {
  const found = readPath(value, path);
  if (found === undefined || found === null) return [];
  return (Array.isArray(found) ? found : [found]).slice(0, MOST_ITEMS);
}
const MOST_ITEMS = 500;

/** `data.to[0].status`, `list.0.id`, `Reply.Message.@id` for an XML attribute, `$` for all of it. */
export const pathSchema = z
  .string()
  .max(200)
  .regex(/^(\$|(\[\d{1,4}\]|[^.[\]\s]+)(\.[^.[\]\s]+|\[\d{1,4}\])*)$/, {
    error: 'must be a path such as data.items[0].status, or $ for all of it',
  });

/** One path, or several: the first one that leads to a value counts. */
export const pathsSchema = z.union([pathSchema, z.array(pathSchema).min(1)]);
