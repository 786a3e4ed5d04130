import { XMLBuilder } from 'fast-xml-parser';
import type { HttpCall } from '../wire/client.ts';
import { fill, render, type Template, Unwritable, type Values } from './template.ts';

/** How fields travel. */
export type Encoding = 'json' | 'form' | 'query' | 'xml';

/** Credentials: never templates, so that braces in a secret mean nothing. */
export type Auth =
  | { type: 'basic'; username: string; password: string }
  | { type: 'bearer'; token: string }
  | { type: 'header'; name: string; value: string }
  | { type: 'query'; values: Record<string, string> }
  | { type: 'body'; values: Record<string, string> };

/** A request to a vendor, before its values are known. */
export interface RequestTemplate {
  method?: 'GET' | 'POST';
  /** Absolute, with placeholders in path and query only. */
  url: string;
  headers?: Record<string, string>;
  encoding: Encoding;
  fields: { [name: string]: Template };
}

/**
 * Writes a request. Values are encoded after they were filled in, by the encoder of the format and never by hand: they stay
 * what they are, whatever they hold (GWY-07, attack 13).
 *
 * @param offset Minutes east of Greenwich, for dates.
 * @throws Unwritable where the format has no way to hold a value. Nothing has left then.
 */
export function writeRequest(
  request: RequestTemplate,
  auth: readonly Auth[],
  values: Values,
  offset: number,
): HttpCall {
  const fields = { ...(render(request.fields, values, offset) as object), ...credentials(auth, 'body') };
  const inQuery = request.encoding === 'query';
  const method = request.method ?? (inQuery ? 'GET' : 'POST');
  const url = addressOf(request.url, values, offset);
  const query = { ...(inQuery ? fields : {}), ...credentials(auth, 'query') };
  for (const [name, value] of formOf(query as Template)) url.searchParams.append(name, value);
  const body = inQuery || method === 'GET' ? undefined : ENCODERS[request.encoding](fields as Template);
  return {
    method,
    url: url.href,
    headers: headersOf(request, auth, values, offset, body !== undefined),
    ...(body === undefined ? {} : { body }),
  };
}

/** What stands in the address is percent-encoded, and no value becomes a step up or a place of its own. */
function addressOf(template: string, values: Values, offset: number): URL {
  const filled = fill(template, values, offset, encodeURIComponent);
  if (filled === undefined) throw new Unwritable('address');
  const path = /^[^/]+\/\/[^/?#]+([^?#]*)/.exec(filled)?.[1] ?? '';
  if (path.split('/').some((step) => /^(\.|%2e){1,2}$/i.test(step))) throw new Unwritable('address');
  return new URL(filled);
}

function credentials(auth: readonly Auth[], type: 'body' | 'query'): Record<string, string> {
  return Object.assign({}, ...auth.map((one) => (one.type === type ? one.values : {})));
}

const CONTENT_TYPES: Record<Encoding, string> = {
  json: 'application/json',
  form: 'application/x-www-form-urlencoded',
  query: 'application/x-www-form-urlencoded',
  xml: 'application/xml; charset=utf-8',
};

function headersOf(
  request: RequestTemplate,
  auth: readonly Auth[],
  values: Values,
  offset: number,
  hasBody: boolean,
): Record<string, string> {
  const headers: Record<string, string> = hasBody ? { 'content-type': CONTENT_TYPES[request.encoding] } : {};
  for (const [name, template] of Object.entries(request.headers ?? {})) {
    const value = fill(template, values, offset);
    if (value === undefined) continue;
    if (!/^[\x20-\x7e]*$/.test(value)) throw new Unwritable('header');
    headers[name.toLowerCase()] = value;
  }
  for (const one of auth) Object.assign(headers, authorization(one));
  return headers;
}

function authorization(auth: Auth): Record<string, string> {
  if (auth.type === 'basic') {
    const pair = Buffer.from(`${auth.username}:${auth.password}`, 'utf8').toString('base64');
    return { authorization: `Basic ${pair}` };
  }
  if (auth.type === 'bearer') return { authorization: `Bearer ${auth.token}` };
  return auth.type === 'header' ? { [auth.name.toLowerCase()]: auth.value } : {};
}

/** Encoders of bodies; also for what we answer a vendor that asks what to say. */
export const ENCODERS: Record<Encoding, (fields: Template) => string> = {
  json: (fields) => JSON.stringify(fields),
  form: (fields) => formOf(fields).toString(),
  query: (fields) => formOf(fields).toString(),
  xml: writeXml,
};

/** A list is a name that comes several times. */
function formOf(fields: Template): URLSearchParams {
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries(fields as object) as [string, Template][]) {
    for (const one of [value].flat()) {
      if (typeof one === 'object') throw new Unwritable('nested_field');
      form.append(name, String(one));
    }
  }
  return form;
}

const builder = new XMLBuilder({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  // Without this an attribute whose value is "true" would lose it.
  suppressBooleanAttributes: false,
  format: false,
  processEntities: true,
});
/** What XML 1.0 cannot hold in any spelling (section 2.2). */
const NOT_XML = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/u;
/** A reader would turn these into a line feed or a blank (sections 2.11 and 3.3.3). */
const FRAGILE = { '\t': '&#9;', '\n': '&#10;', '\r': '&#13;' } as const;

function writeXml(fields: Template): string {
  const body = String(builder.build(fields));
  if (NOT_XML.test(body)) throw new Unwritable('xml_character');
  const safe = body.replace(/[\t\n\r]/g, (sign) => FRAGILE[sign as keyof typeof FRAGILE]);
  return `<?xml version="1.0" encoding="UTF-8"?>${safe}`;
}
