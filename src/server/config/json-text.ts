import { ConfigurationError } from '../../errors.ts';

/**
 * Reads JSON text.
 *
 * @param name File or variable it comes from, for the message.
 * @throws ConfigurationError naming the place of the mistake; nothing of the text itself, which may hold secrets.
 */
export function parseJson(text: string, name: string): unknown {
  try {
    return JSON.parse(text.replace(BYTE_ORDER_MARK, ''));
  } catch {
    const before = text.slice(0, mistakeIn(text)).split('\n');
    const place = `line ${before.length}, column ${before.at(-1)!.length + 1}`;
    throw new ConfigurationError([
      {
        field: name,
        reason: `is not JSON at ${place}`,
        fix: 'Correct it there; JSON has no comments and no trailing commas',
      },
    ]);
  }
}

/** Some editors on Windows put one in front. */
const BYTE_ORDER_MARK = /^\uFEFF/;

/** Index of the first character that cannot be: the parser of Node does not always tell, so it is asked about prefixes. */
function mistakeIn(text: string): number {
  let [fine, wrong] = [0, text.length + 1];
  while (wrong - fine > 1) {
    const middle = (fine + wrong) >> 1;
    if (couldGoOn(text.slice(0, middle))) fine = middle;
    else wrong = middle;
  }
  return fine;
}

/** Whether the text is the beginning of some JSON: then the parser only complains about where it ends. */
function couldGoOn(prefix: string): boolean {
  try {
    JSON.parse(prefix);
    return true;
  } catch (error) {
    const { message } = error as SyntaxError;
    if (/^Unexpected (token|non-whitespace)|^Bad control/.test(message)) return false;
    const position = /at position (\d+)/.exec(message)?.[1];
    return position === undefined || Number(position) >= prefix.length;
  }
}
