import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { createTwilioGateway } from '../../src/gateways/twilio.ts';
import type { Gateway, OutboundMessage, RejectionClass, SendOutcome } from '../../src/ports/gateway.ts';
import { type CannedVendor, startCannedVendor } from '../support/canned-vendor.ts';

const NOW = Date.UTC(2026, 6, 30, 12);
const SID = `SM${'a'.repeat(32)}`;
const ACCOUNT = `AC${'0'.repeat(32)}`;
const TAKEN = { status: 201, body: { sid: SID, status: 'queued', error_code: null } };
const TEXT = '482913 みらい銀行のログインコード。\n\n@login.example #482913';
const message: OutboundMessage = {
  id: 'AAAAAAAAAAAAAAAAAAAAAA',
  to: '+819012345678',
  channel: 'sms',
  text: TEXT,
  locale: 'ja',
  expiresAt: NOW + 600_000,
  webhookUrl: 'https://op.example/hooks/twilio/t0ken/AAAAAAAAAAAAAAAAAAAAAA',
};

describe('the Twilio gateway sends', () => {
  let vendor: CannedVendor;
  const gateways: Gateway[] = [];
  const open = (own: object = {}) => {
    const gateway = createTwilioGateway({
      accountSid: ACCOUNT,
      authToken: ['new-token', 'old-token'],
      from: '+815012345678',
      baseUrl: vendor.url,
      insecure: true,
      ...own,
    });
    gateways.push(gateway);
    return gateway;
  };
  const send = (own: object = {}, changes: Partial<OutboundMessage> = {}): Promise<SendOutcome> =>
    open(own).send({ ...message, ...changes }, { now: NOW, signal: AbortSignal.timeout(4000) });
  const form = () => new URLSearchParams(vendor.heard.at(-1)!.body);

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

  it('a form with everything that Messages takes, and nothing else', async () => {
    assert.deepEqual(await send(), { outcome: 'accepted', vendorId: SID });
    const [heard] = vendor.heard;
    assert.equal(heard!.method, 'POST');
    assert.equal(heard!.path, `/2010-04-01/Accounts/${ACCOUNT}/Messages.json`);
    assert.equal(heard!.headers['content-type'], 'application/x-www-form-urlencoded');
    assert.deepEqual(Object.fromEntries(form()), {
      To: message.to,
      From: '+815012345678',
      Body: TEXT,
      StatusCallback: message.webhookUrl,
      ValidityPeriod: '600',
      RiskCheck: 'enable',
    });
  });

  it('with the newest Auth Token, or with an API key instead', async () => {
    await send();
    const basic = (pair: string) => `Basic ${Buffer.from(pair).toString('base64')}`;
    assert.equal(vendor.heard[0]!.headers.authorization, basic(`${ACCOUNT}:new-token`));
    const apiKeySid = `SK${'1'.repeat(32)}`;
    await send({ apiKeySid, apiKeySecret: 'key-secret' });
    assert.equal(vendor.heard[1]!.headers.authorization, basic(`${apiKeySid}:key-secret`));
  });

  it('through a Messaging Service where one is set, or the route names one', async () => {
    const service = `MG${'2'.repeat(32)}`;
    await send({ from: undefined, messagingServiceSid: service });
    assert.deepEqual([form().get('MessagingServiceSid'), form().get('From')], [service, null]);
    await send({}, { sender: service });
    assert.deepEqual([form().get('MessagingServiceSid'), form().get('From')], [service, null]);
    await send({ from: undefined, messagingServiceSid: service }, { sender: 'MIRAI' });
    assert.deepEqual([form().get('MessagingServiceSid'), form().get('From')], [null, 'MIRAI']);
  });

  it('asks Twilio to keep neither text nor number where it is told to', async () => {
    await send({ contentRetention: 'discard', addressRetention: 'obfuscate', riskCheck: 'disable' });
    assert.deepEqual(
      ['ContentRetention', 'AddressRetention', 'RiskCheck'].map((field) => form().get(field)),
      ['discard', 'obfuscate', 'disable'],
    );
  });

  it('a validity period that Twilio takes, whenever the code dies', async () => {
    for (const [left, seconds] of [
      [1, '1'],
      [-5000, '1'],
      [90_001, '91'],
      [86_400_000, '36000'],
    ] as const) {
      await send({}, { expiresAt: NOW + left });
      assert.equal(form().get('ValidityPeriod'), seconds);
    }
  });

  it('no text that becomes another field (GWY-07)', async () => {
    const attack = 'a&To=+19005550100&Body=x\r\nFrom: 1%00+🦊';
    await send({}, { text: attack });
    assert.equal(form().get('Body'), attack);
    assert.deepEqual(form().getAll('To'), [message.to]);
  });

  /** Section D.3 of the facts, and the further numbers of section b.1. */
  const TABLE: readonly [number, number, RejectionClass][] = [
    [429, 20429, 'throttled'],
    [400, 21611, 'throttled'],
    [400, 21211, 'number'],
    [400, 21614, 'number'],
    [400, 30005, 'number'],
    [400, 30006, 'number'],
    [400, 21610, 'opt-out'],
    [400, 30007, 'blocked'],
    [400, 21408, 'blocked'],
    [400, 30003, 'unreachable'],
    [400, 21612, 'unknown'],
    [401, 20003, 'auth'],
    [403, 20003, 'auth'],
    [400, 30002, 'quota'],
    [400, 21608, 'permanent'],
    // Numbers that nobody told us of are judged by the status.
    [400, 99_999, 'permanent'],
    [404, 20404, 'permanent'],
    [403, 99_999, 'auth'],
    [429, 99_999, 'throttled'],
    [500, 99_999, 'temporary'],
    [503, 99_999, 'temporary'],
  ];
  for (const [status, code, expected] of TABLE) {
    it(`and calls ${code} with HTTP ${status} ${expected} (D.3, lesson 22)`, async () => {
      const words = `refused to ${message.to}: ${TEXT}`;
      vendor.answer = { status, body: { code, message: words, more_info: words, status } };
      assert.deepEqual(await send(), { outcome: 'rejected', class: expected, code: String(code) });
    });
  }

  it('and says when Twilio wants to be asked again', async () => {
    vendor.answer = { status: 429, headers: { 'retry-after': '3' }, body: { code: 20429 } };
    assert.deepEqual(await send(), {
      outcome: 'rejected',
      class: 'throttled',
      code: '20429',
      retryAfter: 3000,
    });
  });

  it('and tells a message that was taken and failed in the same breath', async () => {
    vendor.answer = { status: 201, body: { sid: SID, status: 'failed', error_code: 21610 } };
    assert.deepEqual(await send(), { outcome: 'rejected', class: 'opt-out', code: '21610' });
  });

  const SENSELESS: readonly [string, number, unknown][] = [
    ['nothing', 201, ''],
    ['half an answer', 201, '{"sid":"SM12'],
    ['a list', 201, []],
    ['null', 201, 'null'],
    ['no SID', 200, { status: 'queued' }],
    ['a SID that is none', 201, { sid: '../../x', status: 'queued' }],
    ['a redirect', 302, ''],
    ['a gateway in between (D.2)', 502, { code: 20003 }],
    ['a gateway in between that waited', 504, 'Gateway Timeout'],
  ];
  for (const [what, status, body] of SENSELESS) {
    it(`and does not know what became of it after ${what} (GWY-02)`, async () => {
      vendor.answer = { status, body, headers: { location: `${vendor.url}/elsewhere` } };
      assert.deepEqual(await send(), { outcome: 'ambiguous', code: `http.${status}` });
      assert.equal(vendor.heard.length, 1);
    });
  }
});
