import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The root of the repository, with a slash at its end. */
export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

export const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

/** Every file that is or can be committed, as a path from the root. */
export function committedFiles(): string[] {
  if (!existsSync(join(ROOT, '.git'))) return walk('');
  const listed = execFileSync('git', ['ls-files', '-z', '-co', '--exclude-standard'], { cwd: ROOT });
  return [...new Set(`${listed}`.split('\0'))].filter((path) => path !== '' && existsSync(join(ROOT, path)));
}

const IGNORED = new Set(['node_modules', 'dist', 'data', 'coverage', 'test-output', '.git']);
function walk(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}${entry.name}`;
    if (IGNORED.has(path)) return [];
    return entry.isDirectory() ? walk(`${path}/`) : [path];
  });
}

export interface Import {
  from: string;
  /** Only types are named, so nothing is loaded. */
  typeOnly: boolean;
}

/** What a module imports or re-exports, static and dynamic. */
export function importsOf(source: string): Import[] {
  const text = blank(source, { strings: false });
  const declared = [...text.matchAll(/^(?:import|export)\s+(type\s)?[^'";]*?from\s*'([^']+)'/gm)];
  const bare = [...text.matchAll(/^import\s*'([^']+)'/gm)];
  const called = [...text.matchAll(/\bimport\(\s*'([^']+)'\s*\)(\.\w)?/g)];
  return [
    ...declared.map(([, type, from]) => ({ from: from!, typeOnly: type !== undefined })),
    ...bare.map(([, from]) => ({ from: from!, typeOnly: false })),
    ...called.map(([, from]) => ({ from: from!, typeOnly: true })),
  ];
}

export interface FoundFunction {
  /** Where its body starts, counted from 1, and what stands on that line. */
  line: number;
  head: string;
  lines: number;
  body: string;
}

/**
 * Functions with a body in braces.
 *
 * @throws Error when the braces do not match, so that a file this reader does not understand is not passed over.
 */
export function functionsOf(source: string, typescript: boolean): FoundFunction[] {
  const code = blank(typescript ? stripTypeScriptTypes(source) : source, { strings: true });
  const found: FoundFunction[] = [];
  const open: number[] = [];
  for (const { 0: brace, index } of code.matchAll(/[{}]/g)) {
    if (brace === '{') open.push(index);
    else {
      const start = open.pop();
      if (start === undefined) throw new Error('the braces do not match');
      if (opensFunction(code.slice(0, start))) found.push(describe(source, code, start, index));
    }
  }
  if (open.length > 0) throw new Error('the braces do not match');
  return found;
}

function describe(source: string, code: string, start: number, end: number): FoundFunction {
  const line = code.slice(0, start).split('\n').length;
  const body = code.slice(start, end + 1);
  return { line, head: source.split('\n')[line - 1]!.trim(), lines: body.split('\n').length, body };
}

/** After `=>`, or after a parameter list; the parentheses of `if (…)` and its like are none. */
function opensFunction(before: string): boolean {
  const head = before.trimEnd();
  if (head.endsWith('=>')) return true;
  if (!head.endsWith(')')) return false;
  let depth = 0;
  let at = head.length - 1;
  for (; at >= 0; at -= 1) {
    if (head[at] === ')') depth += 1;
    if (head[at] === '(') depth -= 1;
    if (depth === 0) break;
  }
  return !/\b(if|for|while|switch|catch|with|await)\s*$/.test(head.slice(0, at));
}

/** Replaces comments, and strings and regular expressions too where asked for, by blanks; lines stay where they are. */
export function blank(source: string, { strings }: { strings: boolean }): string {
  const TOKEN =
    /\/\/[^\n]*|\/\*[\s\S]*?\*\/|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\[\s\S]|[^`\\])*`|(?<=[(,=:[!&|?{};>]\s*|\breturn\s)\/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\[\n])+\/[a-z]*/g;
  return source.replace(TOKEN, (token) => {
    const comment = token.startsWith('//') || token.startsWith('/*');
    return comment || strings ? token.replace(/[^\n]/g, ' ') : token;
  });
}
