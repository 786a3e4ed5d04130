import { type KeyObject, X509Certificate } from 'node:crypto';
import type { HttpClient } from '../client.ts';

/** Fetches; the guarded client of a gateway. */
export type CertificateSource = Pick<HttpClient, 'call'>;

/** Certificates by address, fetched once a day. */
export interface Certificates {
  /**
   * The public key of a certificate.
   *
   * @param url Already known to be an address of SNS: what it serves is trusted because of that, and of TLS.
   * @param now Milliseconds since the epoch.
   * @returns `mismatch` for what is no certificate, or none for now; `unavailable` where it could not be fetched.
   */
  keyOf(url: string, now: number): Promise<KeyObject | 'mismatch' | 'unavailable'>;
}

interface Kept {
  until: number;
  certificate: Promise<X509Certificate | 'mismatch' | 'unavailable'>;
}

const DAY = 86_400_000;
/** SNS has one for each region, and changes it rarely. */
const MOST = 16;

export function createCertificates(client: CertificateSource): Certificates {
  const kept = new Map<string, Kept>();
  const take = (url: string, now: number): Kept['certificate'] => {
    const known = kept.get(url);
    if (known && known.until > now) return known.certificate;
    const certificate = fetchCertificate(client, url);
    kept.delete(url);
    kept.set(url, { until: now + DAY, certificate });
    if (kept.size > MOST) kept.delete(kept.keys().next().value!);
    return certificate;
  };
  return {
    async keyOf(url, now) {
      const certificate = await take(url, now);
      if (typeof certificate !== 'string') return currentKey(certificate, now);
      // The next message asks again.
      kept.delete(url);
      return certificate;
    },
  };
}

async function fetchCertificate(client: CertificateSource, url: string) {
  const asked = await client.call({ method: 'GET', url });
  if (asked.sent !== 'answered' || asked.answer.status >= 500) return 'unavailable';
  if (asked.answer.status !== 200) return 'mismatch';
  try {
    return new X509Certificate(asked.answer.text);
  } catch {
    return 'mismatch';
  }
}

function currentKey(certificate: X509Certificate, now: number): KeyObject | 'mismatch' {
  const { publicKey, validFromDate, validToDate } = certificate;
  const isCurrent = validFromDate.getTime() <= now && now <= validToDate.getTime();
  return isCurrent && publicKey.asymmetricKeyType === 'rsa' ? publicKey : 'mismatch';
}
