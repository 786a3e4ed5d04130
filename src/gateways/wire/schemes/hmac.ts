import { createHmac } from 'node:crypto';
import { equalText } from '../../../equal-text.ts';
import { ConfigurationError } from '../../../errors.ts';
import type { RawWebhook } from '../../../ports/gateway.ts';
import {
  anyOf,
  createScheme,
  demand,
  demandFresh,
  replayKeyOf,
  type Scheme,
  takeHeader,
  takeTime,
} from './scheme.ts';

/** How a vendor signs with a hash. */
export interface HmacSettings {
  /** The newest first. */
  secrets: readonly string[];
  /** Lower-case name of the header with the signature. */
  header: string;
  digest: 'sha1' | 'sha256' | 'sha512';
  encoding: 'hex' | 'base64';
  /** Stands in front of the signature in its header, such as `sha256=`. */
  prefix?: string;
  /** What is signed: text with `{body}`, and where the vendor has them `{timestamp}`, `{nonce}`, `{url}`, `{method}`. */
  template: string;
  /** Lower-case name of the header with the time; required when the template names it. */
  timestampHeader?: string;
  /** `seconds` unless said. */
  timestampUnit?: 'seconds' | 'milliseconds';
  /** Lower-case name of the header with the nonce; required when the template names it. */
  nonceHeader?: string;
}

/**
 * An HMAC over a template, such as Sinch's `{body}.{nonce}.{timestamp}`. Where there is a time stamp it may be five minutes
 * off. A delivery is named by its signature. A request without a body passes only where the address is signed.
 *
 * @throws ConfigurationError for a template that leaves the body out, or names what no header brings.
 */
export function hmacScheme(settings: HmacSettings): Scheme {
  const { secrets, header, prefix = '', timestampHeader, timestampUnit, nonceHeader } = settings;
  checkTemplate(settings);
  return createScheme((request) => {
    const given = takeHeader(request, header);
    demand(given.startsWith(prefix));
    const signature = plain(given.slice(prefix.length), settings);
    const timestamp = timestampHeader && takeHeader(request, timestampHeader);
    const nonce = nonceHeader && takeNonce(takeHeader(request, nonceHeader));
    const time = timestamp ? takeTime(timestamp, timestampUnit) : undefined;
    // Without a body the signature would cover nothing that is read.
    demand(request.body.length > 0 || settings.template.includes('{url}'));
    const parts = { ...partsOf(request), timestamp, nonce };
    demand(anyOf(secrets, (secret) => equalText(signHmac(secret, settings, parts), signature)));
    if (time !== undefined) demandFresh(time, request);
    return replayKeyOf(signature);
  });
}

/** What the places of a template stand for. */
export interface HmacParts {
  body: string | Uint8Array;
  url: string;
  method: string;
  timestamp?: string;
  nonce?: string;
}

/** The signature over the parts, without the prefix. */
export function signHmac(
  secret: string,
  { template, digest, encoding }: Pick<HmacSettings, 'template' | 'digest' | 'encoding'>,
  parts: HmacParts,
): string {
  const hmac = createHmac(digest, secret);
  for (const piece of template.split(PLACES)) hmac.update(isPlace(piece) ? (parts[piece] ?? '') : piece);
  return hmac.digest(encoding);
}

/** Used by schemes that sign a nonce beside other text: it must not be able to pass for a piece of that. */
export function takeNonce(nonce: string): string {
  demand(/^[\w-]{1,200}$/.test(nonce));
  return nonce;
}

const PLACES = /\{(body|timestamp|nonce|url|method)\}/;
const isPlace = (piece: string): piece is keyof HmacParts =>
  ['body', 'timestamp', 'nonce', 'url', 'method'].includes(piece);

const partsOf = ({ body, url, method }: RawWebhook) => ({ body, url: url.href, method });

/** One spelling of each signature: hex in lower case, base64 with its padding. */
const plain = (signature: string, { encoding }: HmacSettings): string =>
  encoding === 'hex' ? signature.toLowerCase() : signature;

function checkTemplate({ template, timestampHeader, nonceHeader }: HmacSettings): void {
  const problems = [
    ...(template.includes('{body}') ? [] : ['must hold {body}, or the signature says nothing about it']),
    ...(template.includes('{timestamp}') === Boolean(timestampHeader)
      ? []
      : ['must hold {timestamp} when there is a header for it, and only then']),
    ...(template.includes('{nonce}') === Boolean(nonceHeader)
      ? []
      : ['must hold {nonce} when there is a header for it, and only then']),
  ];
  if (problems.length === 0) return;
  throw new ConfigurationError(
    problems.map((reason) => ({
      field: 'signature.template',
      reason,
      fix: "Write it as the vendor's documentation says, such as {timestamp}.{body}",
    })),
  );
}
