import { isTimeFormat, writeTime } from './dates.ts';

/** JSON in which texts hold `{{placeholders}}`. */
export type Template = string | number | boolean | null | Template[] | { [name: string]: Template };

/** What a placeholder stands for; `lacks` is a word for why there is nothing, where leaving it out would be wrong. */
export type Value = string | { time: number } | { seconds: number } | { flag: boolean } | { lacks: string };
export type Values = Readonly<Record<string, Value | undefined>>;

/** A request that cannot be written: nothing has left, and nothing will. `code` is a word for logs. */
export class Unwritable extends Error {
  readonly code: string;
  constructor(code: string) {
    super(`the request cannot be written: ${code}`);
    this.name = 'Unwritable';
    this.code = code;
  }
}

const PLACEHOLDER = /\{\{\s*(\w+)\s*(?:\|\s*([^{}|]*[^{}|\s])\s*)?\}\}/g;

/**
 * Fills in a text, in one pass: what a value holds is data, and braces in it mean nothing (attack 13).
 *
 * @param write What is done to each value on its way in, such as percent-encoding; nothing unless said.
 * @returns undefined where a placeholder has no value: whoever holds the text is left out.
 */
export function fill(
  template: string,
  values: Values,
  offset: number,
  write: (text: string) => string = (text) => text,
): string | undefined {
  let whole = true;
  const filled = template.replace(PLACEHOLDER, (_, name: string, format: string | undefined) => {
    const value = values[name];
    if (value === undefined) whole = false;
    return value === undefined ? '' : write(written(value, format, offset));
  });
  return whole ? filled : undefined;
}

function written(value: Value, format: string | undefined, offset: number): string {
  // Who reads `%d` in a value as an escape (Kannel) reads `%%` as the sign itself.
  if (typeof value === 'string') return format === 'percent' ? value.replaceAll('%', '%%') : value;
  if ('lacks' in value) throw new Unwritable(value.lacks);
  if ('time' in value) return writeTime(value.time, format ?? 'iso', offset);
  if ('flag' in value) return String(value.flag);
  return String(format === 'minutes' ? Math.max(1, Math.floor(value.seconds / 60)) : value.seconds);
}

/** Fills in a whole template. What has no value is left out of the object or list that would hold it. */
export function render(template: Template, values: Values, offset: number): Template | undefined {
  if (typeof template === 'string') return fill(template, values, offset);
  if (typeof template !== 'object' || template === null) return template;
  if (Array.isArray(template))
    return template.map((item) => render(item, values, offset)).filter((item) => item !== undefined);
  if ('$if' in template) return choose(template, values, offset);
  if ('$number' in template) return numberOf(fill(String(template['$number']), values, offset));
  const filled: Record<string, Template> = {};
  for (const [name, part] of Object.entries(template)) {
    const value = render(part, values, offset);
    // Not by assignment: a field may be called __proto__.
    if (value !== undefined) Object.defineProperty(filled, name, { value, ...OWN });
  }
  return filled;
}
const OWN = { enumerable: true, writable: true, configurable: true } as const;

function choose(template: { [name: string]: Template }, values: Values, offset: number) {
  const value = values[String(template['$if'])];
  const holds =
    typeof value === 'object' && 'flag' in value ? value.flag : value !== undefined && !isLacking(value);
  const chosen = template[holds ? '$then' : '$else'];
  return chosen === undefined ? undefined : render(chosen, values, offset);
}

const isLacking = (value: Value): boolean => typeof value === 'object' && 'lacks' in value;

function numberOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^-?\d+$/.test(text) || !Number.isSafeInteger(Number(text))) throw new Unwritable('no_number');
  return Number(text);
}

/** What kind of value each placeholder has; what is not in it is no placeholder. */
export type Kinds = Readonly<Record<string, 'text' | 'time' | 'seconds' | 'flag'>>;

/** What is wrong with a template, each with the way to it. */
export function problemsOf(template: unknown, kinds: Kinds, way: PropertyKey[] = []): Problem[] {
  if (way.length > DEEPEST) return [{ way, reason: `nests deeper than ${DEEPEST}` }];
  if (typeof template === 'string') return textProblems(template, kinds, way);
  if (typeof template !== 'object' || template === null)
    return ['number', 'boolean'].includes(typeof template) || template === null
      ? []
      : [{ way, reason: 'must be JSON' }];
  if (!Array.isArray(template) && '$if' in template) return choiceProblems(template, kinds, way);
  return Object.entries(template).flatMap(([name, part]) => problemsOf(part, kinds, [...way, name]));
}
const DEEPEST = 12;

interface Problem {
  way: PropertyKey[];
  reason: string;
}

function choiceProblems(template: object, kinds: Kinds, way: PropertyKey[]): Problem[] {
  const { $if: name, ...rest } = template as Record<string, unknown>;
  const known = typeof name === 'string' && Object.hasOwn(kinds, name);
  const extra = Object.keys(rest).some((key) => key !== '$then' && key !== '$else');
  return [
    ...(known ? [] : [{ way: [...way, '$if'], reason: `must be one of ${Object.keys(kinds).join(', ')}` }]),
    ...(extra ? [{ way, reason: 'may hold nothing beside $if, $then and $else' }] : []),
    ...Object.entries(rest).flatMap(([key, part]) => problemsOf(part, kinds, [...way, key])),
  ];
}

function textProblems(template: string, kinds: Kinds, way: PropertyKey[]): Problem[] {
  const rest = template.replace(PLACEHOLDER, '');
  const found = [...template.matchAll(PLACEHOLDER)].flatMap(([, name, format]) => {
    const kind = Object.hasOwn(kinds, name!) ? kinds[name!]! : undefined;
    if (kind === undefined) return [`holds {{${name}}}, which is none of ${Object.keys(kinds).join(', ')}`];
    return format === undefined || FORMATS[kind](format)
      ? []
      : [`holds a format that {{${name}}} does not have`];
  });
  if (rest.includes('{{') || rest.includes('}}')) found.push('holds braces that are no placeholder');
  return found.map((reason) => ({ way, reason }));
}

const FORMATS: Record<Kinds[string], (format: string) => boolean> = {
  text: (format) => format === 'percent',
  time: isTimeFormat,
  seconds: (format) => format === 'minutes',
  flag: () => false,
};
