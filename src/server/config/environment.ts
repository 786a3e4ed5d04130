import { parseJson } from './json-text.ts';

const PREFIX = 'SEKISHO_';
/** Lists of words: written with commas, whatever the words look like. */
const LISTS = new Set(['secrets', 'countries', 'signals', 'plugins', 'relyingPartyNetworks']);
/** Read elsewhere, as it is. */
const OTHERS = new Set(['SEKISHO_KEYS']);

/** What the environment says about the configuration. */
export interface Environment {
  /** Laid over the configuration file. */
  values: Record<string, unknown>;
  /** Name of the variable that set a field, such as `store.file`. */
  variables: Map<string, string>;
}

/**
 * Reads the `SEKISHO_` variables. `__` goes a level down and `_` joins words: `SEKISHO_STORE__FILE` is `store.file`,
 * `SEKISHO_SENDS__PER_IP_HOUR` is `sends.perIpHour`.
 *
 * A value is taken as JSON where it is a number, `true`, `false`, `null`, a list, an object or a text in quotes, and as
 * plain text otherwise. `secrets`, `countries`, `signals` and `plugins` are lists with commas.
 *
 * @throws ConfigurationError for a list or object that is not JSON.
 */
export function readEnvironment(env: NodeJS.ProcessEnv): Environment {
  const values: Record<string, unknown> = {};
  const variables = new Map<string, string>();
  for (const [name, text] of Object.entries(env)) {
    if (!name.startsWith(PREFIX) || OTHERS.has(name) || text === undefined) continue;
    const path = name.slice(PREFIX.length).split('__').map(camelCase);
    variables.set(path.join('.'), name);
    const list = LISTS.has(path.join('.')) && !text.trim().startsWith('[');
    place(values, path, list ? words(text) : readValue(text, name));
  }
  return { values, variables };
}

const camelCase = (name: string): string =>
  name.toLowerCase().replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());

const words = (text: string): string[] =>
  text
    .split(',')
    .map((word) => word.trim())
    .filter(Boolean);

const LITERAL = /^(-?\d+(\.\d+)?|true|false|null)$/;

function readValue(text: string, name: string): unknown {
  const trimmed = text.trim();
  return LITERAL.test(trimmed) || /^[[{"]/.test(trimmed) ? parseJson(trimmed, name) : text;
}

function place(values: Record<string, unknown>, path: readonly string[], value: unknown): void {
  let at = values;
  for (const part of path.slice(0, -1)) {
    if (!isRecord(own(at, part))) define(at, part, {});
    at = own(at, part) as Record<string, unknown>;
  }
  define(at, path.at(-1)!, value);
}

/** Lays one configuration over another: objects field by field, everything else as a whole. */
export function overlay(below: unknown, above: unknown): unknown {
  if (!isRecord(below) || !isRecord(above)) return above;
  const merged: Record<string, unknown> = { ...below };
  for (const [name, value] of Object.entries(above)) {
    define(merged, name, Object.hasOwn(below, name) ? overlay(below[name], value) : value);
  }
  return merged;
}

const own = (record: Record<string, unknown>, name: string): unknown =>
  Object.hasOwn(record, name) ? record[name] : undefined;

/** Also for `__proto__`, which an assignment would take for something else. */
function define(record: Record<string, unknown>, name: string, value: unknown): void {
  Object.defineProperty(record, name, { value, enumerable: true, writable: true, configurable: true });
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
