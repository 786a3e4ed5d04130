import { readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import ejs, { type IncluderResult, type TemplateFunction } from 'ejs';
import { ConfigurationError } from '../errors.ts';

/** Prints a view. What it gets is called `page` in the view. */
export type Print = (page: object) => string;

/** Views by name, such as `code` or `partials/head`. */
export interface Templates {
  /** @throws Error for a view that does not exist. */
  find(name: string): Print;
  /** Where the view comes from, for messages. */
  fileOf(name: string): string;
}

interface Source {
  file: string;
  text: string;
}
type Sources = Map<string, Source>;

let sets = 0;

/**
 * Reads and compiles every view once. A file in the folder of the host takes the place of ours with the same name;
 * `include('/partials/head')` finds its file in the same way, always from the top of the folder; the slash spares EJS a look
 * at the disk.
 *
 * Views run without `with`, and data is only ever data: EJS options are fixed here, so that no field of a request can
 * become one (WEB-11).
 *
 * @param host Folder of the host's views.
 * @throws ConfigurationError for a folder that cannot be read or replaces nothing, and for a view that does not compile.
 */
export function compileTemplates(ours: string, host?: string): Templates {
  const sources = readViews(ours);
  for (const [name, source] of host === undefined ? [] : readHostViews(host, sources))
    sources.set(name, source);
  sets += 1;
  const compile = (name: string) => compileView(name, sources, sets);
  const compiled = new Map([...sources.keys()].map((name) => [name, compile(name)]));
  return {
    find: (name) => compiled.get(name) ?? missing(name),
    fileOf: (name) => sources.get(name)?.file ?? name,
  };
}

/** Everything is spelled out, because a host that uses EJS too may have changed its global defaults. */
const SYNTAX = { strict: true, localsName: 'page', openDelimiter: '<', delimiter: '%', closeDelimiter: '>' };

function compileView(name: string, sources: Sources, set: number): TemplateFunction {
  const { file, text } = sources.get(name)!;
  const cacheName = (path: string) => `${path}?${set}`; // EJS has one cache for the whole process
  try {
    return ejs.compile(text, {
      ...SYNTAX,
      filename: cacheName(file),
      cache: true,
      includer: (wanted) => {
        const found = sources.get(wanted.replace(/^\//, '').replace(/\.ejs$/, '')) ?? missing(wanted);
        // Both at once: the text is compiled when the cache does not have the file.
        return { filename: cacheName(found.file), template: found.text } as unknown as IncluderResult;
      },
    });
  } catch (error) {
    throw brokenView(file, error);
  }
}

function missing(name: string): never {
  throw new Error(`there is no view ${name}`);
}

/** What is said about a view that cannot be used; names the file. */
export function brokenView(file: string, error: unknown): ConfigurationError {
  const reason =
    (error instanceof Error ? error.message : String(error)).split('\n').filter(Boolean).at(0) ?? '';
  return new ConfigurationError([
    {
      field: 'views',
      reason: `${file} does not work: ${reason}`,
      fix: 'Correct the view, or remove the file to use ours',
    },
  ]);
}

function readHostViews(folder: string, ours: Sources): Sources {
  let views: Sources;
  try {
    views = readViews(folder);
  } catch (cause) {
    throw refusedFolder(
      `${folder} cannot be read (${(cause as { code?: string }).code ?? 'unknown reason'})`,
    );
  }
  if (![...views.keys()].some((name) => ours.has(name)))
    throw refusedFolder(`${folder} replaces none of our views`);
  return views;
}

const refusedFolder = (reason: string) =>
  new ConfigurationError([
    { field: 'views', reason, fix: 'Name a folder with views such as code.ejs, or leave the option out' },
  ]);

function readViews(folder: string): Sources {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.ejs'),
  );
  return new Map(
    files.map((name) => {
      const file = join(folder, name);
      return [name.slice(0, -4).replaceAll(sep, '/'), { file, text: readFileSync(file, 'utf8') }];
    }),
  );
}
