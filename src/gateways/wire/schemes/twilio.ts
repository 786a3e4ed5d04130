import { createHash, createHmac } from 'node:crypto';
import { equalText } from '../../../equal-text.ts';
import type { RawWebhook } from '../../../ports/gateway.ts';
import { formOf } from '../request.ts';
import { anyOf, createScheme, demand, replayKeyOf, type Scheme, takeHeader } from './scheme.ts';

/** What a form or a query holds, in any order. */
type Pairs = Iterable<readonly [string, string]>;

/**
 * `X-Twilio-Signature`: HMAC-SHA1 over the address and the sorted fields of the form; with any other body over the address
 * alone, which then holds the digest of the body as `bodySHA256`.
 *
 * Twilio signs no time. A delivery is named by its signature, which covers all of it; the same fields in another order or
 * with other escapes are the same delivery.
 *
 * @param authTokens The newest first.
 */
export function twilioScheme({ authTokens }: { authTokens: readonly string[] }): Scheme {
  return createScheme((request) => {
    const signature = takeHeader(request, 'x-twilio-signature');
    const fields = signedFields(request);
    const urls = spellingsOf(request.url);
    const fits = (token: string) =>
      anyOf(urls, (url) => equalText(signTwilio(token, url, fields), signature));
    demand(anyOf(authTokens, fits));
    return replayKeyOf(signature);
  });
}

/**
 * The signature of a webhook.
 *
 * @param url As it is called, with its query and without fragment.
 * @param fields Fields of a form; none for any other body, whose digest then stands in the address.
 */
export function signTwilio(authToken: string, url: string, fields: Pairs = []): string {
  const values = new Map<string, Set<string>>();
  for (const [name, value] of fields) values.set(name, (values.get(name) ?? new Set()).add(value));
  const text = [...values.keys()]
    .sort()
    .flatMap((name) => [...values.get(name)!].sort().map((value) => name + value))
    .join('');
  return createHmac('sha1', authToken)
    .update(url + text, 'utf8')
    .digest('base64');
}

/** The `bodySHA256` that Twilio appends to an address where it posts anything but a form. */
export const bodyDigest = (body: string | Uint8Array): string =>
  createHash('sha256').update(body).digest('hex');

function signedFields(request: RawWebhook): Pairs {
  if (request.body.length === 0) return [];
  const form = formOf(request);
  if (form) return form;
  const [digest, more] = request.url.searchParams.getAll('bodySHA256');
  demand(digest !== undefined && more === undefined);
  demand(equalText(digest!.toLowerCase(), bodyDigest(request.body)));
  return [];
}

/**
 * Twilio signs the address as it was configured, and an address can name the standard port or not; older parts of it
 * encode the query anew. Twilio's own libraries accept these four.
 */
function spellingsOf(url: URL): string[] {
  const { protocol, hostname, port, pathname, search } = url;
  const hosts =
    port === ''
      ? [hostname, `${hostname}:${protocol === 'https:' ? 443 : 80}`]
      : [`${hostname}:${port}`, hostname];
  const queries = new Set([search, encodedAnew(search)]);
  return hosts.flatMap((host) => [...queries].map((query) => `${protocol}//${host}${pathname}${query}`));
}

const encodedAnew = (search: string): string =>
  search === ''
    ? ''
    : `?${[...new URLSearchParams(search)].map((pair) => pair.map(encodeURIComponent).join('=')).join('&')}`;
