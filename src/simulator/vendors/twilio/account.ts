import type { SimReply, SimRequest } from '../../stand-in.ts';

/** Known to everybody: they open nothing but the simulator. */
export const TWILIO_ACCOUNT = {
  accountSid: `AC${'0'.repeat(28)}5e71`,
  authToken: 'simulated-auth-token',
  apiKeySid: `SK${'0'.repeat(28)}5e71`,
  apiKeySecret: 'simulated-key-secret',
} as const;

const LOGINS: ReadonlySet<string> = new Set([
  `${TWILIO_ACCOUNT.accountSid}:${TWILIO_ACCOUNT.authToken}`,
  `${TWILIO_ACCOUNT.apiKeySid}:${TWILIO_ACCOUNT.apiKeySecret}`,
]);

/** Basic, with the account and its token or with an API key (RFC 7617). */
export function isLoggedIn({ headers }: SimRequest): boolean {
  const [, pair] = /^Basic ([\w+/]+=*)$/i.exec(headers.authorization ?? '') ?? [];
  return pair !== undefined && LOGINS.has(Buffer.from(pair, 'base64').toString('utf8'));
}

/** An answer of the API. */
export const reply = (status: number, body: object, headers: Record<string, string> = {}): SimReply => ({
  status,
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify(body),
});

/** A refusal, as Twilio words all of them. */
export const refuse = (status: number, code: number, message: string, headers?: Record<string, string>) =>
  reply(status, { code, message, more_info: `https://www.twilio.com/docs/errors/${code}`, status }, headers);
