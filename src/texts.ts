import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigurationError, type Problem } from './errors.ts';

/** Everything that is said to a person, in every language there is a file for. */
export interface Texts {
  /** BCP 47 tags, the default first. */
  locales: readonly string[];
  /**
   * The text in that language with its `{placeholders}` filled in. Not escaped: a template or a gateway encodes it.
   *
   * @throws Error for a key that no file has; a mistake of ours, found by tests.
   */
  say(locale: string, key: string, values?: Record<string, string | number>): string;
  /** The best language for a person: `ui_locales` of the request before Accept-Language (OIDC Core 3.1.2.1). */
  negotiate(uiLocales: string | undefined, acceptLanguage: string | undefined): string;
}

type Catalogue = Record<string, string>;
const DEFAULT_LOCALE = 'en';

/**
 * Reads `<folder>/<tag>.json` for each language.
 *
 * @param overrides Texts of the host, by language and key.
 * @throws ConfigurationError for an override of a language or key that does not exist.
 */
export function loadTexts(folder: string, overrides: Record<string, Catalogue> = {}): Texts {
  const tags = readdirSync(folder).flatMap((file) => (file.endsWith('.json') ? file.slice(0, -5) : []));
  const catalogues = new Map<string, Catalogue>(
    tags.map((tag) => [tag, JSON.parse(readFileSync(join(folder, `${tag}.json`), 'utf8')) as Catalogue]),
  );
  const problems = Object.entries(overrides).flatMap(([tag, texts]) => override(catalogues, tag, texts));
  if (problems.length > 0) throw new ConfigurationError(problems);
  const locales = [DEFAULT_LOCALE, ...tags.filter((tag) => tag !== DEFAULT_LOCALE)];
  return {
    locales,
    say: (locale, key, values) => fill(find(catalogues, locale, key), values),
    negotiate: (uiLocales, acceptLanguage) =>
      match(locales, words(uiLocales)) ?? match(locales, byQuality(acceptLanguage)) ?? DEFAULT_LOCALE,
  };
}

function override(catalogues: Map<string, Catalogue>, tag: string, texts: Catalogue): Problem[] {
  const catalogue = catalogues.get(tag);
  if (!catalogue) {
    return [
      {
        field: `texts.${tag}`,
        reason: 'is no language we have',
        fix: `Use ${[...catalogues.keys()].join(', ')}`,
      },
    ];
  }
  const unknown = Object.keys(texts).filter((key) => !Object.hasOwn(catalogue, key));
  Object.assign(catalogue, texts);
  return unknown.map((key) => ({
    field: `texts.${tag}.${key}`,
    reason: 'is no text we have',
    fix: `Look the key up in views/locales/${tag}.json`,
  }));
}

function find(catalogues: Map<string, Catalogue>, locale: string, key: string): string {
  const text = catalogues.get(locale)?.[key] ?? catalogues.get(DEFAULT_LOCALE)?.[key];
  if (text === undefined) throw new Error(`there is no text ${key}`);
  return text;
}

function fill(text: string, values: Record<string, string | number> = {}): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) =>
    Object.hasOwn(values, name) ? String(values[name]) : whole,
  );
}

const words = (list: string | undefined): string[] => (list ?? '').slice(0, 200).split(' ').filter(Boolean);

function byQuality(header: string | undefined): string[] {
  return (header ?? '')
    .slice(0, 500)
    .split(',')
    .map((part) => {
      const [tag = '', ...parameters] = part.trim().split(';');
      const quality = parameters.map((parameter) => /^\s*q=([0-9.]+)$/.exec(parameter)?.[1]).find(Boolean);
      return { tag, quality: quality === undefined ? 1 : Number(quality) };
    })
    .filter(({ quality }) => quality > 0)
    .sort((a, b) => b.quality - a.quality)
    .map(({ tag }) => tag);
}

/** The first wanted language we have, whole or without its region: `ja-JP` finds `ja`. */
function match(locales: readonly string[], wanted: string[]): string | undefined {
  for (const tag of wanted) {
    const lower = tag.toLowerCase();
    const found = locales.find((locale) => locale.toLowerCase() === lower || locale === lower.split('-')[0]);
    if (found) return found;
  }
  return undefined;
}
