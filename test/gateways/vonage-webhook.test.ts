import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, describe, it } from 'node:test';
import { type JWTPayload, SignJWT } from 'jose';
import { createVonageGateway } from '../../src/gateways/vonage.ts';
import type { GatewayEvent, RawWebhook } from '../../src/ports/gateway.ts';

const NOW = Date.UTC(2026, 6, 30, 12, 5);
const UUID = 'aaaaaaaa-bbbb-4ccc-8ddd-0123456789ab';
const gateway = createVonageGateway({
  apiKey: 'abcd1234',
  apiSecret: 's3cret',
  signatureSecret: ['sigsecret', 'old-secret'],
  from: 'MIRAI',
});
const context = { now: NOW, signal: AbortSignal.timeout(4000) };
after(() => gateway.close!());

const raw = (body: string | Uint8Array, authorization?: string | string[]): RawWebhook => ({
  method: 'POST',
  url: new URL('https://op.example/hooks/vonage/t0ken'),
  headers: {
    'content-type': 'application/json',
    ...(authorization === undefined ? {} : { authorization }),
  },
  body: Buffer.from(body),
  receivedAt: NOW,
});
const verify = (request: RawWebhook) => gateway.webhook!.authenticate(request, context);
const parse = async (body: unknown): Promise<readonly GatewayEvent[]> =>
  (await gateway.webhook!.parse(raw(JSON.stringify(body)))).events;

describe('the Vonage gateway checks a webhook', () => {
  /** Body and digest of section K. */
  const body = '{"message_uuid":"u1","status":"delivered"}';
  const digest = 'd0bbdf78fa213904cff9f9ba0a93513b36c4f5f069ae20ce5ec9f5ecabb202a1';
  const claims = { iss: 'Vonage', iat: NOW / 1000, jti: 'j1', payload_hash: digest, api_key: 'abcd1234' };
  const sign = (payload: JWTPayload = claims, secret = 'sigsecret', alg = 'HS256') =>
    new SignJWT(payload).setProtectedHeader({ alg }).sign(new TextEncoder().encode(secret));
  const refused = async (request: RawWebhook, reason: string) =>
    assert.deepEqual(await verify(request), { result: 'refused', reason });

  it('and takes the digest that is known of Vonage, under any secret of ours (GWY-03, section K)', async () => {
    assert.equal(createHash('sha256').update(body).digest('hex'), digest);
    for (const secret of ['sigsecret', 'old-secret']) {
      const proof = await verify(raw(body, `Bearer ${await sign(claims, secret)}`));
      assert.ok(proof.result === 'ok' && proof.replayKey);
    }
  });

  it('and refuses one with another body, secret, issuer, age or way of signing (attack 7)', async () => {
    const good = `Bearer ${await sign()}`;
    await refused(raw(body.replace('delivered', 'rejected'), good), 'mismatch');
    await refused(raw(body, `Bearer ${await sign(claims, 'another')}`), 'mismatch');
    await refused(raw(body, `Bearer ${await sign({ ...claims, iss: 'Nexmo' })}`), 'mismatch');
    await refused(raw(body, `Bearer ${await sign({ ...claims, payload_hash: undefined })}`), 'mismatch');
    await refused(raw(body, `Bearer ${await sign({ ...claims, iat: NOW / 1000 - 301 })}`), 'stale');
    await refused(raw(body, `Bearer ${await sign(claims, 'sigsecret', 'HS512')}`), 'mismatch');
    await refused(raw(body, [good, good]), 'mismatch');
    const [, payload] = good.split('.');
    const none = Buffer.from('{"alg":"none"}').toString('base64url');
    await refused(raw(body, `Bearer ${none}.${payload}.`), 'mismatch');
  });

  it('and wants one without a signature to come again: Vonage forgot it (GWY-03)', async () => {
    await refused(raw(body), 'unavailable');
  });
});

describe('the Vonage gateway reads', () => {
  const status = (word: string, more: object = {}) =>
    parse({ message_uuid: UUID, to: '819012345678', status: word, client_ref: 'our-reference', ...more });
  const receipt = (own: object) => [{ type: 'receipt', id: 'our-reference', vendorId: UUID, ...own }];

  it('every word for a message, each for itself: webhooks come in any order, and twice (GWY-04)', async () => {
    const expected: Record<string, object[]> = {
      submitted: receipt({ state: 'sent' }),
      delivered: receipt({ state: 'delivered' }),
      rejected: receipt({ state: 'undelivered', class: 'unknown' }),
      undeliverable: receipt({ state: 'undelivered', class: 'unknown' }),
      constructor: [],
      '': [],
    };
    const words = Object.keys(expected);
    for (const word of [...words.toReversed(), ...words])
      assert.deepEqual(await status(word), expected[word]);
  });

  it('why a message did not arrive (D.3)', async () => {
    for (const [code, expected] of [
      [1180, 'unreachable'],
      [1220, 'unreachable'],
      [1190, 'number'],
      [1300, 'number'],
      [1210, 'blocked'],
      [1240, 'opt-out'],
      [1000, 'throttled'],
      [1230, 'temporary'],
      [1330, 'unknown'],
      [9999, 'unknown'],
    ] as const) {
      const error = { type: `https://developer.vonage.com/api-errors/messages#${code}`, title: code };
      const event = receipt({ state: 'undelivered', class: expected, code: String(code) });
      assert.deepEqual(await status('undeliverable', { error }), event);
      assert.deepEqual(await status('rejected', { error: { ...error, title: 'Words' } }), event);
    }
    assert.deepEqual(
      await status('undeliverable', { error: { title: 1360 } }),
      receipt({ state: 'expired', code: '1360' }),
    );
    // In the retry scheme: it may still arrive.
    assert.deepEqual(await status('submitted', { error: { title: 1220 } }), receipt({ state: 'sent' }));
  });

  it('the time, and the network of the phone', async () => {
    const more = { timestamp: '2026-07-30T12:04:30.000Z', destination: { network_code: '44010' } };
    const at = Date.UTC(2026, 6, 30, 12, 4, 30);
    assert.deepEqual(await status('delivered', more), receipt({ state: 'delivered', carrier: 'docomo', at }));
    for (const [network_code, carrier] of [
      ['44051', 'au'],
      ['44020', 'softbank'],
      ['44011', 'rakuten'],
      ['26201', '26201'],
    ]) {
      const event = receipt({ state: 'delivered', carrier });
      assert.deepEqual(await status('delivered', { destination: { network_code } }), event);
    }
    const odd = { timestamp: '2020-01-01T00:00:00Z', destination: { network_code: 'docomo;x' } };
    assert.deepEqual(await status('delivered', odd), receipt({ state: 'delivered' }));
  });

  it('every word for a call, and never that it was heard', async () => {
    const states = {
      started: undefined,
      ringing: 'ringing',
      answered: 'answered',
      human: 'answered',
      machine: 'machine',
      completed: 'completed',
      busy: 'busy',
      unanswered: 'no-answer',
      timeout: 'no-answer',
      cancelled: 'failed',
      rejected: 'failed',
      failed: 'failed',
    };
    for (const [word, state] of Object.entries(states)) {
      const expected = state ? [{ type: 'call', vendorId: UUID, state }] : [];
      assert.deepEqual(await parse({ uuid: UUID, status: word, direction: 'outbound' }), expected);
      assert.deepEqual(await parse({ call_uuid: UUID, status: word }), expected);
    }
  });

  it('what a person wrote', async () => {
    const inbound = { channel: 'sms', message_uuid: UUID, from: '819012345678', to: '815012345678' };
    for (const [text, keyword] of [
      ['STOP', 'stop'],
      ['ｓｔｏｐ。', 'stop'],
      ['start', 'start'],
      ['please stop calling', null],
      ['', null],
    ]) {
      const event = { type: 'inbound', from: '819012345678', keyword };
      assert.deepEqual(await parse({ ...inbound, text, message_type: 'text' }), [event]);
      const timestamp = new Date(NOW - 1000).toISOString();
      const timed = { ...inbound, text, message_type: 'text', timestamp };
      assert.deepEqual(await parse(timed), [{ ...event, at: NOW - 1000 }]);
    }
  });

  it('nothing where there is nothing to read, and never throws', async () => {
    const nothing = [null, [], 7, 'x', {}, { status: 'delivered' }, { message_uuid: UUID }, { uuid: UUID }];
    const odd = [
      { message_uuid: {}, status: 'delivered' },
      { message_uuid: '../x', status: 'delivered' },
    ];
    for (const body of [...nothing, ...odd]) assert.deepEqual(await parse(body), []);
    for (const bytes of ['{', Uint8Array.of(0xff, 0xfe), '[null', '']) {
      assert.deepEqual((await gateway.webhook!.parse(raw(bytes))).events, []);
    }
    assert.deepEqual(await status('rejected', { error: 'x', destination: 7, client_ref: {} }), [
      { type: 'receipt', vendorId: UUID, state: 'undelivered', class: 'unknown' },
    ]);
  });
});
