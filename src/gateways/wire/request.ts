import type { RawWebhook } from '../../ports/gateway.ts';

/** A header of a webhook; undefined when it is absent, empty, or came twice: two values are no value to rely on. */
export function headerOf({ headers }: RawWebhook, name: string): string | undefined {
  const value = Object.hasOwn(headers, name) ? headers[name] : undefined;
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** The body as text; undefined where it is no UTF-8. A byte order mark stays where it is. */
export function textOf({ body }: RawWebhook): string | undefined {
  try {
    return UTF8.decode(body);
  } catch {
    return undefined;
  }
}
const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * The body as a form (`application/x-www-form-urlencoded`); undefined where the content type says otherwise, where the body
 * is no UTF-8, or where it has more than a thousand fields: half a million fit into a mebibyte, and take seconds to part
 * (attack 15).
 */
export function formOf(request: RawWebhook): URLSearchParams | undefined {
  if (mediaTypeOf(request) !== 'application/x-www-form-urlencoded') return undefined;
  const text = textOf(request);
  return text === undefined || text.split('&', MOST_FIELDS + 1).length > MOST_FIELDS
    ? undefined
    : new URLSearchParams(text);
}
const MOST_FIELDS = 1000;

/**
 * The body as JSON, whatever the content type says (SNS sends JSON as text); undefined where it is none, or nests deeper
 * than 64, which nobody's webhook does and a reader that calls itself might not survive.
 */
export function jsonOf(request: RawWebhook): unknown {
  const text = textOf(request);
  if (text === undefined || isDeep(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The media type, lower case and without parameters; undefined where there is none, or two. */
export function mediaTypeOf(request: RawWebhook): string | undefined {
  const [type] = headerOf(request, 'content-type')?.split(';', 1) ?? [];
  return type?.trim().toLowerCase();
}

const DEEPEST = 64;

/** Counts brackets outside of strings; one pass, whatever the text is. */
function isDeep(text: string): boolean {
  let depth = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const letter = text[at]!;
    if (quoted && letter === '\\') at += 1;
    else if (letter === '"') quoted = !quoted;
    else if (!quoted) depth += STEP[letter] ?? 0;
    if (depth > DEEPEST) return true;
  }
  return false;
}
const STEP: Readonly<Record<string, number>> = { '[': 1, '{': 1, ']': -1, '}': -1 };
