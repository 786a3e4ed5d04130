import { createPrivateKey, createPublicKey } from 'node:crypto';
import { jwtVerify } from 'jose';
import type { SimReply, SimRequest } from '../../stand-in.ts';

/** A key pair that everybody has: it opens nothing but the simulator. */
const KEY = {
  kty: 'RSA',
  n: [
    '1Y-DEE4jTkneVtdmTR-ew6eeM52_xpGvQCaBHIV8tgnoymFKSQ7XiuvhZaGSHM0WxXZ9Niru7cvQ-j9zWpU_7k',
    'aSCXqhV5rdQy99NOAW6Cjlc-ozmdsSbWj4Uo0lie9X4B-DLOP84FwU7NW_nrWtk_rQp95GK0jKfO9mw5y2qxtm',
    'N7oAzCCPud0h7Izu1xwmjsIQhX48vOPUAxirBmQ7uAuwRFMzgcUoAjIEQIwd5chyWtnR30DA46aC-kBP5WdVyf',
    '4HCzQIX4QH07gpQ1GF9gzb34sYAmDmJUI8O1js6oahmMqzLlYFet_Mnvppy9wCvMMPBy9ZkmwouxqwzwqVhw',
  ].join(''),
  e: 'AQAB',
  d: [
    'TcljJMpBQ9_WE22LvqW4z207S3O3CZ3A5q3fs0LP5QKA_04mn6u_SMOYKsuKC-GL3MrG2rcSphzp9mysGJ9qVO',
    'DxinBXWjB3TWR7x4mj7lYPFYSF3RGVibKFWJQ-yxoZuPHhdrVoQ1Rm7skAbc-g9NiTrcFhb5yo3I7asH9hbbr3',
    'sTBtS4-1CJHmbeULzzZIdvBF848j3piAX7kHa6dwTmqaGmU5x3eZdYqB0qiOUg5_oKe4eBjJDnG230NEXtUtNq',
    '0zYSHHrHo3mnbb4nolURnIZbTMm_-8L9hOJNV9iKziDL9rFZ0nMIPrHVAHER0VxhKDUSGO0qgRR7Qd-0bvuQ',
  ].join(''),
  p: [
    '8sRhdO0wGy9OIy5qdY3UkgYi-VhCCOmlgv4yiGiv5zmGwZg7v97jZDWm90xJFdm53vh7qSxmFeYlFvtDkwhc7Y',
    '2MmEqY0uS_G6UCBG2JBQ7tIKVbk0Mreee2v2_HCE8-ICtk8qfWiZlC-WTsZmHcBANB_ADxIvOjHdyykGANWqs',
  ].join(''),
  q: [
    '4TOT7rIMG1rbiNTEwdga38BpgJk034YyLUiIaffgPF227yekki6wzyTQuPhluYyfNQe2I89xRIyXfTV0XFJ3Sm',
    'RVRR31rmd0tvCPJYSRVEP-0ua81xGhzPpqiCPYefkVlCqqcWwq0U3R2Z2xWeoyXkmKEV2t_ks7wBcyzE7OcJU',
  ].join(''),
  dp: [
    'I8ag_hQ-NKNiBnk-oxhFrUdOPCSvhpS4GXfQhp223oJxw3HlzD7Sj-AAPQ1278toQt2ni6TJXozOBnb83FwtJa',
    'zofUDxCJNBPpewlmp1-NLcSyVTO354l7x4B_o3AJh89Uyv0bq-OQTnA83FsMjXHZhFTxfscVQqQ6pUfkZJcYU',
  ].join(''),
  dq: [
    'LRxv3bi8xB4HK_mzEEGB4KBigegutzfihT-qU8_bkzwSkQWX6dCAin4NcYAQoIKSwcSxr6q2Pc0L64DxtiyuyL',
    'AghJ_jvvPqZVr60cEke4TDXuvpmAtoJe9jt7G2g3hp4ixJyD6qtRKpnrX_-Mr5G_oPNjtVx0K6zVfYTSTcJaE',
  ].join(''),
  qi: [
    'HwBjFOJgJkpQvE-CnxFAYgHjKV3SCkikxOFBuBqjXotvG_opjD4DKvzHTtLZhwp72Va9OaoXU9zSoy_IyHaaWQ',
    'FfBz5oj0E9IkHHZHavGddtGI4pQDTlNnNVL8DifvuxwuoFpJbfoVW34XvB01S94OlJmDKjXbzqcO9fSOka9yA',
  ].join(''),
};
const privateKey = createPrivateKey({ key: KEY, format: 'jwk' });
const publicKey = createPublicKey(privateKey);

/** Known to everybody. */
export const VONAGE_ACCOUNT = {
  applicationId: '00000000-5e71-4000-8000-000000005e71',
  privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  apiKey: '00005e71',
  apiSecret: 'simulated-api-secret',
  signatureSecret: 'simulated-signature-secret',
} as const;

const { applicationId, apiKey, apiSecret } = VONAGE_ACCOUNT;
/** Seconds that clocks may differ. */
const SKEW = 60;

/** Who a request is from; undefined for nobody we know. Calls take applications only. */
export async function loginOf(
  { headers }: SimRequest,
  now: number,
): Promise<'application' | 'key' | undefined> {
  const [, scheme, value] = /^(Basic|Bearer) ([\w.+/=-]+)$/i.exec(headers.authorization ?? '') ?? [];
  if (scheme?.toLowerCase() === 'basic') {
    const pair = Buffer.from(value!, 'base64').toString('utf8');
    return pair === `${apiKey}:${apiSecret}` ? 'key' : undefined;
  }
  return value !== undefined && (await isToken(value, now)) ? 'application' : undefined;
}

async function isToken(token: string, now: number): Promise<boolean> {
  try {
    const { payload } = await jwtVerify(token, publicKey, {
      algorithms: ['RS256'],
      currentDate: new Date(now),
      clockTolerance: SKEW,
      requiredClaims: ['iat', 'jti', 'exp'],
    });
    return payload['application_id'] === applicationId;
  } catch {
    return false;
  }
}

/** An answer of the API. */
export const reply = (status: number, body: object, headers: Record<string, string> = {}): SimReply => ({
  status,
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify(body),
});

/** A refusal (RFC 7807). */
export const refuse = (
  status: number,
  about: string,
  title: string,
  detail: string,
  headers?: Record<string, string>,
): SimReply =>
  reply(
    status,
    {
      type: `https://developer.vonage.com/api-errors${about}`,
      title,
      detail,
      instance: 'bf0ca0bf927b3b52e3cb03217e1a1ddf',
    },
    headers,
  );
