import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { Scheme } from '../../../../src/gateways/wire/schemes/scheme.ts';
import type { RawWebhook, WebhookAuth } from '../../../../src/ports/gateway.ts';

export const NOW = 1_700_000_000_000;
export const URL_CALLED = 'https://op.example/sms/hooks/vendor/t0ken?ref=m1';

/** What a webhook is before it is signed. */
export interface Unsigned {
  method: string;
  url: string;
  body: string | Uint8Array;
  /** Content type. */
  type?: string;
  /** When it is signed: milliseconds since the epoch. */
  at: number;
}

/** A scheme, the signing half that belongs to it, and what it covers. */
export interface Subject {
  scheme: Scheme;
  /** `new`, `old`: the two secrets of the scheme; `other`: none of them. */
  sign(
    unsigned: Unsigned,
    secret: 'new' | 'old' | 'other',
  ): Promise<Record<string, string>> | Record<string, string>;
  /** Header that holds the signature. */
  header: string;
  body: string;
  type: string;
  /** Whether the address is signed, the time, and what names a delivery. */
  covers: { url: boolean; time: boolean; body: boolean };
}

export async function signed(
  { sign, body, type }: Subject,
  changes: Partial<Unsigned> = {},
  secret: 'new' | 'old' | 'other' = 'new',
): Promise<RawWebhook> {
  const unsigned = { method: 'POST', url: URL_CALLED, body, type, at: NOW, ...changes };
  const headers = await sign(unsigned, secret);
  return {
    method: unsigned.method,
    url: new URL(unsigned.url),
    headers: { 'content-type': unsigned.type, 'user-agent': 'vendor/1', ...headers },
    body: typeof unsigned.body === 'string' ? new TextEncoder().encode(unsigned.body) : unsigned.body,
    receivedAt: NOW,
  };
}

const verdict = (auth: WebhookAuth): string => (auth.result === 'refused' ? auth.reason : auth.result);
const MISMATCH = 'mismatch';

/** Registers what every scheme has to withstand (attack 7, GWY-03). */
export function withstands(subject: Subject): void {
  const { scheme, header, covers } = subject;
  const judge = async (request: RawWebhook) => verdict(await scheme.verify(request));
  const withHeader = (request: RawWebhook, value: string | readonly string[] | undefined): RawWebhook => ({
    ...request,
    headers: { ...request.headers, [header]: value },
  });

  it('accepts what is signed with the new secret or the old one, and nothing else (GWY-03)', async () => {
    assert.equal(await judge(await signed(subject)), 'ok');
    assert.equal(await judge(await signed(subject, {}, 'old')), 'ok');
    assert.equal(await judge(await signed(subject, {}, 'other')), MISMATCH);
  });

  it('tells a signature that is missing from one that is wrong, and takes no two', async () => {
    const request = await signed(subject);
    const value = request.headers[header] as string;
    for (const none of [undefined, '']) assert.equal(await judge(withHeader(request, none)), 'missing');
    for (const two of [[value], [value, value], [value, 'x'], []]) {
      assert.equal(await judge(withHeader(request, two)), MISMATCH);
    }
    assert.equal(await judge({ ...request, headers: Object.create({ [header]: value }) }), 'missing');
  });

  it('refuses a signature with any letter changed, cut or added', async () => {
    const request = await signed(subject);
    const value = request.headers[header] as string;
    for (let at = 0; at < value.length; at += 1) {
      const other = String.fromCharCode(value.charCodeAt(at) ^ 1);
      const changed = value.slice(0, at) + other + value.slice(at + 1);
      assert.equal(await judge(withHeader(request, changed)), MISMATCH, `letter ${at}`);
    }
    for (const changed of [
      value.slice(1),
      value.slice(0, -1),
      `${value}A`,
      `x${value}`,
      'x',
      'x'.repeat(100_000),
    ]) {
      assert.equal(await judge(withHeader(request, changed)), MISMATCH);
    }
  });

  if (covers.body) {
    it('refuses a body with any byte changed, cut, added, or none (attack 7)', async () => {
      const request = await signed(subject);
      for (let at = 0; at < request.body.length; at += 1) {
        const body = Uint8Array.from(request.body);
        body[at]! ^= 1;
        assert.equal(await judge({ ...request, body }), MISMATCH, `byte ${at}`);
      }
      const longer = Buffer.concat([request.body, Buffer.from('!')]);
      for (const body of [request.body.slice(0, -1), request.body.slice(1), longer, new Uint8Array()]) {
        assert.equal(await judge({ ...request, body }), MISMATCH);
      }
    });

    it('checks a body of a mebibyte as well, and in a moment', async () => {
      const begin = performance.now();
      const body = subject.body + 'x'.repeat(1_048_576);
      const request = await signed(subject, { body });
      assert.equal(await judge(request), 'ok');
      assert.equal(await judge({ ...request, body: request.body.slice(0, -1) }), MISMATCH);
      assert.ok(performance.now() - begin < 2000);
    });

    it('refuses a body that is no UTF-8, unless it was signed so', async () => {
      const request = await signed(subject);
      assert.equal(await judge({ ...request, body: new Uint8Array([0xff, 0xfe, 0x80]) }), MISMATCH);
    });
  }

  it(`${covers.url ? 'refuses' : 'does not look at'} another address`, async () => {
    const request = await signed(subject);
    for (const other of [
      'https://op.example/sms/hooks/vendor/t0kem?ref=m1',
      'https://op.example/sms/hooks/vendor/t0ken?ref=m2',
      'https://op.example/sms/hooks/vendor/t0ken',
      'https://op.example/sms/hooks/vendor/t0ken?ref=m1&verified=true',
      'https://evil.example/sms/hooks/vendor/t0ken?ref=m1',
      'http://op.example/sms/hooks/vendor/t0ken?ref=m1',
    ]) {
      assert.equal(await judge({ ...request, url: new URL(other) }), covers.url ? MISMATCH : 'ok', other);
    }
  });

  if (covers.time) {
    it('takes a time that is 300 seconds off, and none that is 301 (GWY-03, attack 7)', async () => {
      for (const off of [-300, 300, 0]) {
        assert.equal(await judge(await signed(subject, { at: NOW + off * 1000 })), 'ok', `${off} s`);
      }
      for (const off of [-301, 301, -86_400, 86_400]) {
        assert.equal(await judge(await signed(subject, { at: NOW + off * 1000 })), 'stale', `${off} s`);
        const forged = await signed(subject, { at: NOW + off * 1000 }, 'other');
        assert.equal(await judge(forged), MISMATCH, 'a wrong signature is not called old');
      }
    });
  }

  if (covers.body) {
    it('names a delivery, the same when it comes again, and another one otherwise (GWY-03, attack 7)', async () => {
      const key = async (request: RawWebhook) => {
        const auth = await scheme.verify(request);
        assert.ok(auth.result === 'ok' && auth.replayKey);
        return auth.replayKey;
      };
      const request = await signed(subject);
      const later = { ...request, receivedAt: NOW + 60_000 };
      assert.equal(await key(request), await key(later));
      assert.notEqual(await key(request), await key(await signed(subject, { body: `${subject.body}1` })));
    });
  }
}
