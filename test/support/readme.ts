import { read } from './source-text.ts';

export const READMES = ['README.md', 'README.ja.md'] as const;
export type Readme = (typeof READMES)[number];

export const all = (text: string, pattern: RegExp): string[] =>
  [...text.matchAll(pattern)].map(([whole]) => whole);

/** Rows of a table by the name in their first cell; rows without one are left out. */
export type Table = ReadonlyMap<string, string>;

/**
 * The table that has all these names.
 *
 * @throws Error where there is none, or more than one.
 */
export function tableOf(text: string, ...names: readonly string[]): Table {
  const found = tablesIn(text).filter((table) => names.every((name) => table.has(name)));
  if (found.length !== 1) throw new Error(`${found.length} tables have ${names.join(' and ')}`);
  return found[0]!;
}

function tablesIn(text: string): Table[] {
  return all(text, /(^\|.*\n)+/gm).map(
    (table) =>
      new Map(
        table.split('\n').flatMap((line) => {
          const name = /^\| `([\w.-]+)` \|/.exec(line)?.[1];
          return name === undefined ? [] : [[name, line] as const];
        }),
      ),
  );
}

/** Cells of a row, without the first one, which is its name. */
export const cellsOf = (row: string): string[] =>
  row
    .split('|')
    .slice(2, -1)
    .map((cell) => cell.trim());

/** Programs of the English README in this language that hold this sign, in order. */
export const programs = (language: string, sign: string): string[] =>
  [...read('README.md').matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, 'g'))]
    .map(([, program]) => program!)
    .filter((program) => program.includes(sign));

/** Runs programs of the README as one module, against the sources. */
export function load(...parts: readonly string[]) {
  const program = parts
    .join('\n')
    .replaceAll(/ from '(sekisho[^']*)'/g, (_, name: string) => ` from '${import.meta.resolve(name)}'`);
  return import(`data:text/javascript,${encodeURIComponent(program)}`);
}
