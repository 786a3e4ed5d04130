import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { SimRequest } from '../../stand-in.ts';

/** What went wrong with a signature, as AWS calls it. */
export type SignatureProblem =
  | 'MissingAuthenticationTokenException'
  | 'UnrecognizedClientException'
  | 'InvalidSignatureException';

/**
 * Checks a request that is signed with Signature Version 4 (AWS General Reference, "Create a signed request").
 *
 * @param path As it was called, with what stands before the part of this vendor.
 */
export function problemOf(
  { method, query, headers, body }: SimRequest,
  path: string,
  { accessKeyId, secretAccessKey }: { accessKeyId: string; secretAccessKey: string },
): SignatureProblem | undefined {
  const given =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8}\/[^/]+\/[^/]+\/aws4_request), ?SignedHeaders=([\w;-]+), ?Signature=([0-9a-f]{64})$/.exec(
      headers.authorization ?? '',
    );
  if (!given) return 'MissingAuthenticationTokenException';
  const [, keyId, scope, names, signature] = given as unknown as [string, string, string, string, string];
  if (keyId !== accessKeyId) return 'UnrecognizedClientException';
  const signed = names.split(';').map((name) => `${name}:${String(headers[name] ?? '').trim()}\n`);
  const canonical = [method, path, canonicalQuery(query), signed.join(''), names, sha256(body)].join('\n');
  const text = ['AWS4-HMAC-SHA256', headers['x-amz-date'], scope, sha256(canonical)].join('\n');
  const key = scope.split('/').reduce<Buffer>(hmac, Buffer.from(`AWS4${secretAccessKey}`, 'utf8'));
  const covers = ['host', 'x-amz-date', 'x-amz-target'].every((name) => names.split(';').includes(name));
  const fits = timingSafeEqual(hmac(key, text), Buffer.from(signature, 'hex'));
  return covers && fits ? undefined : 'InvalidSignatureException';
}

const sha256 = (data: string | Buffer): string => createHash('sha256').update(data).digest('hex');
const hmac = (key: Buffer, text: string): Buffer => createHmac('sha256', key).update(text, 'utf8').digest();

const canonicalQuery = (query: URLSearchParams): string =>
  [...query]
    .map((pair) => pair.map(encodeURIComponent).join('='))
    .sort()
    .join('&');
