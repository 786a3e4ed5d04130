import { fileURLToPath } from 'node:url';
import type { PageError, PageName, Pages } from './model.ts';
import { PAGE_NAMES, samplesOf } from './samples.ts';
import { brokenView, compileTemplates, type Print } from './templates.ts';

/** Turns a model into HTML. */
export interface Renderer {
  render<N extends PageName>(name: N, model: Pages[N]): string;
}

/** What a view has besides its model. */
interface ViewWords {
  /** The text of an error. */
  explain(error: Pick<PageError, 'code' | 'malformation' | 'values'>): string;
  /** A length of time in words: `1 minute 30 seconds`, `1分30秒`; of days with unit `day`. */
  span(count: number, unit?: 'second' | 'day'): string;
  /** Stands in a sentence where `partials/numbered` is to put a telephone number. */
  mark: string;
}

/** `views/` is at the root of the package, seen from `src/pages` and from `dist/pages` alike. */
export const OUR_VIEWS = fileURLToPath(new URL('../../views', import.meta.url));

/**
 * Compiles all views and tries each of them out, so that a broken view stops the start and not a sign-in.
 *
 * @param views Folder whose files replace ours, one by one.
 * @throws ConfigurationError naming the file that is missing or broken.
 */
export function createRenderer({ views }: { views?: string } = {}): Renderer {
  const templates = compileTemplates(OUR_VIEWS, views);
  const prints = new Map<string, Print>(PAGE_NAMES.map((name) => [name, templates.find(name)]));
  const renderer: Renderer = { render: (name, model) => prints.get(name)!(prepare(model)) };
  for (const name of PAGE_NAMES) {
    try {
      for (const sample of samplesOf(name)) renderer.render(name, sample);
    } catch (error) {
      throw brokenView(templates.fileOf(name), error);
    }
  }
  return renderer;
}

/** In no text: the character for an object among words. */
const MARK = '\uFFFC';

/** A copy without prototype, with the words views need, and with addresses that lead nowhere but to the web. */
function prepare(model: Pages[PageName]): object {
  const words: ViewWords = {
    span: (count, unit = 'second') => span(model.lang, count, unit),
    explain: (error) => explain(model, error),
    mark: MARK,
  };
  const { alternative, languages } = model;
  return Object.assign(Object.create(null), model, words, {
    here: webAddress(model.here),
    css: webAddress(model.css),
    js: webAddress(model.js),
    languages: languages.map((language) => ({ ...language, href: webAddress(language.href) })),
    alternative: alternative && { ...alternative, url: webAddress(alternative.url) },
    ...('home' in model ? { home: model.home && webAddress(model.home) } : {}),
    ...('next' in model ? { next: webAddress(model.next) } : {}),
  });
}

/** `javascript:` and the like lead nowhere (attack 12). A path must not start like a host. */
const webAddress = (url: string): string => (/^(https?:\/\/|\/(?![/\\])|[?#]|$)/.test(url) ? url : '#');

function explain(
  model: Pages[PageName],
  { code, malformation, values }: Pick<PageError, 'code' | 'malformation' | 'values'>,
): string {
  const length = 'length' in model ? model.length : '';
  const seconds = span(model.lang, Number(values['seconds'] ?? 0), 'second');
  return model.t(malformation ? `error.${code}.${malformation}` : `error.${code}`, {
    length,
    ...values,
    seconds,
  });
}

/** Languages that set no blank between a number and its unit. */
const CLOSE = /^(ja|zh|ko)\b/;
const DAY_SECONDS = 86_400;

function span(lang: string, count: number, unit: 'second' | 'day'): string {
  const say = (amount: number, name: string) => word(lang, amount, name);
  if (unit === 'day') return say(count, 'day');
  const seconds = Math.min(Math.max(0, Math.ceil(count) || 0), DAY_SECONDS);
  const parts = [Math.floor(seconds / 60), seconds % 60];
  if (parts[0] === 0) return say(parts[1]!, 'second');
  const minutes = say(parts[0]!, 'minute');
  if (parts[1] === 0) return minutes;
  return [minutes, say(parts[1]!, 'second')].join(CLOSE.test(lang) ? '' : ' ');
}

const formats = new Map<string, Intl.NumberFormat>();

/** Formats are kept: making one costs more than printing the page. */
function word(lang: string, amount: number, unit: string): string {
  const id = `${lang} ${unit}`;
  const format = formats.get(id) ?? new Intl.NumberFormat(lang, { style: 'unit', unit, unitDisplay: 'long' });
  formats.set(id, format);
  const text = format.format(amount);
  return CLOSE.test(lang) ? text.replace(/\s/g, '') : text;
}
