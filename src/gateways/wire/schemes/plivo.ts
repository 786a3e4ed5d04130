import { createHmac } from 'node:crypto';
import { equalText } from '../../../equal-text.ts';
import type { RawWebhook } from '../../../ports/gateway.ts';
import { formOf } from '../request.ts';
import { takeNonce } from './hmac.ts';
import { anyOf, createScheme, demand, replayKeyOf, type Scheme, takeHeader } from './scheme.ts';

/** What Plivo calls. */
export interface PlivoRequest {
  method: string;
  url: string;
  /** Fields of the form; none for GET, whose fields stand in the address. */
  fields: Iterable<readonly [string, string]>;
  nonce: string;
}

/**
 * `X-Plivo-Signature-V3`: HMAC-SHA256 over address, fields and nonce; the header can hold several signatures, one for each
 * token that the account has. Plivo signs no time; the nonce names the delivery.
 *
 * @param authTokens The newest first.
 */
export function plivoScheme({ authTokens }: { authTokens: readonly string[] }): Scheme {
  return createScheme((request) => {
    const given = takeHeader(request, 'x-plivo-signature-v3').split(',').slice(0, MOST);
    const nonce = takeNonce(takeHeader(request, 'x-plivo-signature-v3-nonce'));
    const parts = { method: request.method, url: request.url.href, fields: fieldsOf(request), nonce };
    const fits = (token: string) => {
      const expected = signPlivo(token, parts);
      return anyOf(given, (signature) => equalText(signature.trim(), expected));
    };
    demand(anyOf(authTokens, fits));
    return replayKeyOf(signedText(parts));
  });
}
const MOST = 10;

/** The signature of a webhook, as it stands in the header. */
export const signPlivo = (authToken: string, request: PlivoRequest): string =>
  createHmac('sha256', authToken).update(signedText(request), 'utf8').digest('base64');

function signedText({ method, url, fields, nonce }: PlivoRequest): string {
  const { origin, pathname, searchParams } = new URL(url);
  const text = sorted(fields, '', '');
  const query = sorted(searchParams, '=', '&');
  // Fields without a query leave the question mark standing; both are parted by a dot. Plivo's own library does so.
  const rest = method === 'GET' ? query : `${query}${query && text ? '.' : ''}${text}`;
  return `${origin}${pathname}${rest ? '?' : ''}${rest}.${nonce}`;
}

/** Sorted by name, and the values of a name among themselves. */
function sorted(pairs: Iterable<readonly [string, string]>, between: string, after: string): string {
  const order = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
  return [...pairs]
    .sort(([nameA, valueA], [nameB, valueB]) => order(nameA, nameB) || order(valueA, valueB))
    .map((pair) => pair.join(between))
    .join(after);
}

function fieldsOf(request: RawWebhook): Iterable<readonly [string, string]> {
  if (request.body.length === 0) return [];
  // The body of a GET is in no signature, and what is no form has no fields to sign.
  const form = request.method === 'GET' ? undefined : formOf(request);
  demand(form !== undefined);
  return form!;
}
