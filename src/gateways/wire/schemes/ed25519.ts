import { createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { ConfigurationError } from '../../../errors.ts';
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

/** How a vendor signs with an Ed25519 key. */
export interface Ed25519Settings {
  /** 32 bytes in base64 each, the newest first. */
  publicKeys: readonly string[];
  /** Lower-case name of the header with the signature in base64; Telnyx's unless said. */
  header?: string;
  /** Lower-case name of the header with the seconds since the epoch; Telnyx's unless said. */
  timestampHeader?: string;
}

/**
 * Ed25519 (RFC 8032) over time stamp, bar and body: Telnyx. The time may be five minutes off. A request without a
 * body is refused.
 *
 * @throws ConfigurationError for what is no public key.
 */
export function ed25519Scheme({
  publicKeys,
  header = 'telnyx-signature-ed25519',
  timestampHeader = 'telnyx-timestamp',
}: Ed25519Settings): Scheme {
  const keys = publicKeys.map(readKey);
  return createScheme((request) => {
    const given = takeHeader(request, header);
    demand(/^[A-Za-z0-9+/]{86}==$/.test(given));
    const timestamp = takeHeader(request, timestampHeader);
    const time = takeTime(timestamp);
    // Without a body the signature would cover nothing that is read.
    demand(request.body.length > 0);
    const signed = signedBytes(timestamp, request.body);
    const signature = Buffer.from(given, 'base64');
    demand(anyOf(keys, (key) => verify(null, signed, key, signature)));
    demandFresh(time, request);
    return replayKeyOf(signed);
  });
}

/**
 * The signature of a webhook, as it stands in the header.
 *
 * @param timestamp Seconds since the epoch, in digits.
 */
export const signEd25519 = (privateKey: KeyObject, timestamp: string, body: string | Uint8Array): string =>
  sign(null, signedBytes(timestamp, body), privateKey).toString('base64');

const signedBytes = (timestamp: string, body: string | Uint8Array): Buffer =>
  Buffer.concat([Buffer.from(`${timestamp}|`), Buffer.from(body)]);

/** What stands before the 32 bytes in a public key (RFC 8410). */
const SPKI = Buffer.from('302a300506032b6570032100', 'hex');

function readKey(text: string): KeyObject {
  const bytes = Buffer.from(text, 'base64');
  try {
    if (bytes.length === 32) {
      return createPublicKey({ key: Buffer.concat([SPKI, bytes]), format: 'der', type: 'spki' });
    }
  } catch {
    // Told below, without what was given.
  }
  throw new ConfigurationError([
    {
      field: 'publicKey',
      reason: 'is no Ed25519 key of 32 bytes in base64',
      fix: "Copy the public key from the vendor's console",
    },
  ]);
}
