import { randomUUID } from 'node:crypto';
import { SignJWT } from 'jose';
import type { VonageSettings } from './settings.ts';

/** Seconds; long enough for clocks that differ a little. */
const VALID_FOR = 300;

/**
 * How we log in, for one request: a token of the application (RS256), or the API key. Vonage refuses a request with both.
 *
 * @param now Milliseconds since the epoch.
 */
export async function authorizationOf(settings: VonageSettings, now: number): Promise<string> {
  const { applicationId, privateKey, apiKey, apiSecret } = settings;
  if (applicationId === undefined || privateKey === undefined) {
    return `Basic ${Buffer.from(`${apiKey}:${apiSecret}`).toString('base64')}`;
  }
  const seconds = Math.floor(now / 1000);
  const token = await new SignJWT({ application_id: applicationId })
    .setProtectedHeader({ alg: 'RS256', typ: 'JWT' })
    .setIssuedAt(seconds)
    .setExpirationTime(seconds + VALID_FOR)
    .setJti(randomUUID())
    .sign(privateKey);
  return `Bearer ${token}`;
}
