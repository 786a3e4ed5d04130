import assert from 'node:assert/strict';
import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { after, before, beforeEach, describe, it } from 'node:test';
import { jwtVerify } from 'jose';
import { createVonageGateway } from '../../src/gateways/vonage.ts';
import type { Gateway, OutboundMessage, RejectionClass, SendOutcome } from '../../src/ports/gateway.ts';
import { type CannedVendor, startCannedVendor } from '../support/canned-vendor.ts';

const NOW = Date.UTC(2026, 6, 30, 12);
const UUID = 'aaaaaaaa-bbbb-4ccc-8ddd-0123456789ab';
const APPLICATION = '11111111-2222-4333-8444-555555555555';
const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const PEM = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const TAKEN = { status: 202, body: { message_uuid: UUID } };
const TEXT = '482913 みらい銀行のログインコード。\n\n@login.example #482913';
const message: OutboundMessage = {
  id: 'AAAAAAAAAAAAAAAAAAAAAA',
  to: '+819012345678',
  channel: 'sms',
  text: TEXT,
  locale: 'ja',
  expiresAt: NOW + 600_000,
  webhookUrl: 'https://op.example/hooks/vonage/t0ken/AAAAAAAAAAAAAAAAAAAAAA',
};

describe('the Vonage gateway sends', () => {
  let vendor: CannedVendor;
  const gateways: Gateway[] = [];
  const send = (own: object = {}, changes: Partial<OutboundMessage> = {}): Promise<SendOutcome> => {
    const gateway = createVonageGateway({
      applicationId: APPLICATION,
      privateKey: PEM,
      signatureSecret: 'sigsecret',
      from: 'MIRAI',
      baseUrl: vendor.url,
      insecure: true,
      ...own,
    });
    gateways.push(gateway);
    return gateway.send({ ...message, ...changes }, { now: NOW, signal: AbortSignal.timeout(4000) });
  };
  const body = () => JSON.parse(vendor.heard.at(-1)!.body) as Record<string, unknown>;

  before(async () => {
    vendor = await startCannedVendor(TAKEN);
  });
  beforeEach(() => {
    vendor.heard.length = 0;
    vendor.answer = TAKEN;
  });
  after(async () => {
    await Promise.all(gateways.map((gateway) => gateway.close!()));
    await vendor.close();
  });

  it('JSON with everything that Messages takes, and nothing else', async () => {
    assert.deepEqual(await send(), { outcome: 'accepted', vendorId: UUID });
    const [heard] = vendor.heard;
    assert.deepEqual([heard!.method, heard!.path], ['POST', '/v1/messages']);
    assert.equal(heard!.headers['content-type'], 'application/json');
    assert.deepEqual(body(), {
      channel: 'sms',
      message_type: 'text',
      to: '819012345678',
      from: 'MIRAI',
      text: TEXT,
      client_ref: message.id,
      webhook_url: message.webhookUrl,
      webhook_version: 'v1',
      ttl: 600,
      sms: { encoding_type: 'auto' },
    });
  });

  it('with a token of the application, for five minutes and one request', async () => {
    await send();
    await send();
    const tokens = vendor.heard.map(({ headers }) => headers.authorization!.replace(/^Bearer /, ''));
    const key = createPublicKey(privateKey);
    const options = { algorithms: ['RS256'], currentDate: new Date(NOW) };
    const [one, other] = await Promise.all(tokens.map((token) => jwtVerify(token, key, options)));
    const { jti, ...claims } = one!.payload;
    const seconds = NOW / 1000;
    assert.deepEqual(claims, { application_id: APPLICATION, iat: seconds, exp: seconds + 300 });
    assert.match(String(jti), /^[0-9a-f-]{36}$/);
    assert.notEqual(jti, other!.payload.jti);
  });

  it('or with an API key, where there is no application', async () => {
    await send({ applicationId: undefined, privateKey: undefined, apiKey: 'abcd1234', apiSecret: 's3cret' });
    const pair = Buffer.from('abcd1234:s3cret').toString('base64');
    assert.equal(vendor.heard[0]!.headers.authorization, `Basic ${pair}`);
  });

  it('with a key in the older form of PEM as well', async () => {
    const pkcs1 = privateKey.export({ type: 'pkcs1', format: 'pem' }).toString();
    assert.equal((await send({ privateKey: pkcs1 })).outcome, 'accepted');
  });

  it('a time to live that Vonage takes, or none', async () => {
    for (const [left, ttl] of [
      [1, 300],
      [-5000, 300],
      [300_001, 301],
      [9e9, 259_200],
    ] as const) {
      await send({}, { expiresAt: NOW + left });
      assert.equal(body()['ttl'], ttl);
    }
    await send({ ttl: false });
    assert.ok(!('ttl' in body()));
  });

  it('numbers without plus, the sender of the route, and no text that becomes a field (GWY-07)', async () => {
    const attack = '","to":"19005550100","x":"\\\u0000\r\n🦊';
    await send({ encoding: 'unicode' }, { sender: '+815099999999', text: attack });
    const { to, from, text, sms } = body();
    assert.deepEqual([to, from, text], ['819012345678', '815099999999', attack]);
    assert.deepEqual(sms, { encoding_type: 'unicode' });
  });

  /** Section D.3 of the facts in the numbers of the Messages API; the errors of all APIs by their HTTP status. */
  const TABLE: readonly [number, number | string, RejectionClass][] = [
    [429, 1000, 'throttled'],
    [422, 1241, 'throttled'],
    [500, 1030, 'temporary'],
    [422, 1100, 'temporary'],
    [422, 1170, 'number'],
    [422, 1190, 'number'],
    [422, 1430, 'number'],
    [422, 1240, 'opt-out'],
    [422, 1050, 'blocked'],
    [422, 1160, 'blocked'],
    [422, 1210, 'blocked'],
    [422, 1070, 'quota'],
    [402, 'low-balance', 'quota'],
    [401, 'unauthorized', 'auth'],
    [403, 'forbidden', 'auth'],
    [403, 1060, 'auth'],
    [422, 1010, 'permanent'],
    [422, 1040, 'permanent'],
    [422, 1090, 'permanent'],
    [422, 1120, 'permanent'],
    [422, 1180, 'unreachable'],
    [422, 1250, 'unknown'],
    [422, 9999, 'permanent'],
    [404, 'not-found', 'permanent'],
    [503, 'unavailable', 'temporary'],
  ];
  for (const [status, code, expected] of TABLE) {
    it(`and calls ${code} with HTTP ${status} ${expected} (D.3, lesson 22)`, async () => {
      const words = `refused to ${message.to}: ${TEXT}`;
      const type = `https://developer.vonage.com/api-errors/messages#${code}`;
      vendor.answer = { status, body: { type, title: 'Refused', detail: words, instance: words } };
      assert.deepEqual(await send(), { outcome: 'rejected', class: expected, code: String(code) });
    });
  }

  it('and says when Vonage wants to be asked again', async () => {
    vendor.answer = { status: 429, headers: { 'retry-after': '3' }, body: { title: 1000 } };
    assert.deepEqual(await send(), {
      outcome: 'rejected',
      class: 'throttled',
      code: '1000',
      retryAfter: 3000,
    });
  });

  const SENSELESS: readonly [string, number, unknown][] = [
    ['nothing', 202, ''],
    ['half an answer', 202, '{"message_uuid":"aaaa'],
    ['null', 202, 'null'],
    ['no name', 202, {}],
    ['a name that is none', 202, { message_uuid: '../../x' }],
    ['the name of something else', 202, { uuid: UUID }],
    ['a redirect', 302, ''],
    ['a gateway in between (D.2)', 502, { title: 1000 }],
    ['a gateway in between that waited', 504, 'Gateway Timeout'],
  ];
  for (const [what, status, said] of SENSELESS) {
    it(`and does not know what became of it after ${what} (GWY-02)`, async () => {
      vendor.answer = { status, body: said, headers: { location: `${vendor.url}/elsewhere` } };
      assert.deepEqual(await send(), { outcome: 'ambiguous', code: `http.${status}` });
      assert.equal(vendor.heard.length, 1);
    });
  }
});
