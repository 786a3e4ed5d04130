import type { IncomingMessage } from 'node:http';
import { type KeyRing, mac } from '../domain/keys.ts';
import { equalText } from '../equal-text.ts';
import { SekishoError } from '../errors.ts';

/** The token that every form of an interaction carries (WEB-08). */
export const formToken = (ring: KeyRing, uid: string): string => mac(ring.current.form, `form ${uid}`);

/**
 * Lets a post through only if it comes from a page of ours for this interaction: right token, and no sign of another
 * site in the headers (WEB-08).
 *
 * @throws SekishoError `request_forged`.
 */
export function assertOurForm(
  ring: KeyRing,
  uid: string,
  issuer: string,
  req: IncomingMessage,
  token: string,
): void {
  const known = ring.all.some((set) => equalText(mac(set.form, `form ${uid}`), token));
  if (!known || fromElsewhere(req, new URL(issuer).origin)) {
    throw new SekishoError('request_forged', 'The form does not belong to this interaction');
  }
}

/** A page without referrer posts with `Origin: null`; then Sec-Fetch-Site tells, which no page can forge. */
function fromElsewhere(req: IncomingMessage, origin: string): boolean {
  const { origin: sent, 'sec-fetch-site': site } = req.headers;
  if (sent !== undefined && sent !== 'null' && sent !== origin) return true;
  return site !== undefined && site !== 'same-origin' && site !== 'none';
}
