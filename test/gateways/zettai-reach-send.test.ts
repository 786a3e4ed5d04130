import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { inspect } from 'node:util';
import { createZettaiReachGateway } from '../../src/gateways/zettai-reach.ts';
import type { OutboundMessage, SendOutcome } from '../../src/ports/gateway.ts';
import { type CannedVendor, startCannedVendor } from '../support/canned-vendor.ts';

const NOW = Date.UTC(2026, 10, 25, 15, 30, 0);
const ID = 'AbCdEfGhIjKlMnOpQrStUv';
const TOKEN = 'canary1234567890abcdefghijklmnop';
const message: OutboundMessage = {
  id: ID,
  to: '+819012345678',
  channel: 'sms',
  text: '482913 みらい銀行の確認コード',
  locale: 'ja',
  expiresAt: NOW + 300_000,
};
const SETTINGS = { token: TOKEN, clientId: '12345', smsCode: '24680' };
/** As the vendor answers: with the code in it. */
const says = (responseCode: unknown, responseMessage = 'Success.', more: object = {}) => ({
  status: 200,
  body: { responseCode, responseMessage, phoneNumber: message.to, smsMessage: message.text, ...more },
});
const CANARIES = /482913|9012345678|canary/;

describe('zettai-reach', () => {
  let vendor: CannedVendor;
  before(async () => {
    vendor = await startCannedVendor(says(0));
  });
  after(() => vendor.close());
  afterEach(() => {
    vendor.heard.splice(0);
    vendor.answer = says(0);
  });
  const context = (now = NOW) => ({ now, signal: AbortSignal.timeout(4000) });

  async function send(changes: Partial<OutboundMessage> = {}, more: object = {}): Promise<SendOutcome> {
    const gateway = createZettaiReachGateway({ ...SETTINGS, baseUrl: vendor.url, insecure: true, ...more });
    try {
      return await gateway.send({ ...message, ...changes }, context());
    } finally {
      await gateway.close!();
    }
  }

  it('is given an international number and our id as the tag, in a form', async () => {
    assert.deepEqual(await send(), { outcome: 'accepted' });
    const [{ method, path, headers, body }] = vendor.heard as [(typeof vendor.heard)[number]];
    assert.deepEqual([method, path], ['POST', '/p5/api/mt.json']);
    assert.match(headers['content-type']!, /^application\/x-www-form-urlencoded/);
    assert.deepEqual(Object.fromEntries(new URLSearchParams(body)), {
      ...SETTINGS,
      message: message.text,
      phoneNumber: '+819012345678',
      clientTag: ID,
    });
    await send({ sender: '135791' });
    assert.equal(new URLSearchParams(vendor.heard[1]!.body).get('smsCode'), '135791');
  });

  it('is asked to reach what its specification allows, and nothing else', async () => {
    for (const to of ['+816012345678', '+817012345678', '+812012345678', '+8120012345678901'.slice(0, 16)]) {
      const { outcome } = await send({ to });
      assert.equal(
        outcome,
        /^\+81(?:[26789]0[1-9]\d{7}|20[1-9]\d{10})$/.test(to) ? 'accepted' : 'rejected',
        to,
      );
    }
    vendor.heard.splice(0);
    for (const to of ['+81312345678', '+815012345678', '+819002345678', '+15005550006']) {
      assert.deepEqual(await send({ to }), {
        outcome: 'rejected',
        class: 'number',
        code: 'not-a-mobile-of-japan',
      });
    }
    assert.equal(vendor.heard.length, 0);
  });

  const refused = (reason: string, code: string) =>
    ({ outcome: 'rejected', class: reason, code }) as SendOutcome;
  const ROWS: readonly [string, CannedVendor['answer'], SendOutcome][] = [
    ['throttled, should it ever say so by HTTP', { status: 429, body: '' }, refused('throttled', 'http.429')],
    ['retryable', says(500, 'System error.'), refused('temporary', '500')],
    ['number-invalid', says(110, 'Invalid phoneNumber.'), refused('number', '110.phoneNumber')],
    [
      'duplicate: the message before was ours, and was taken (GWY-02)',
      says(400, 'Duplicate client tag.'),
      { outcome: 'accepted' },
    ],
    ['over quota', says(300, 'Exceed sending count.'), refused('quota', '300')],
    ['auth, by its token', says(110, 'Invalid token.'), refused('auth', '110.token')],
    ['auth, by its sender', says('110', 'Invalid smsCode.'), refused('auth', '110.smsCode')],
    ['permanent, for what is missing', says(100, 'Required message.'), refused('permanent', '100.message')],
    ['permanent, for what is too long', says(120, 'message too long.'), refused('permanent', '120.message')],
    ['permanent, for another field', says(110, 'Invalid 482913.'), refused('permanent', '110')],
    ['not taken for a reason that is new', says(777, message.text), refused('unknown', '777')],
    [
      'auth, where the address is not on its list',
      { status: 403, body: message.text },
      refused('auth', 'http.403'),
    ],
    [
      'ambiguous without a code',
      { status: 200, body: { smsMessage: message.text } },
      { outcome: 'ambiguous', code: 'http.200' },
    ],
  ];
  for (const [title, answer, outcome] of ROWS) {
    it(`says what is ${title} (D.3)`, async () => {
      vendor.answer = answer;
      const given = await send();
      assert.deepEqual(given, outcome);
      assert.doesNotMatch(inspect(given), CANARIES, 'LOG-02');
    });
  }

  it('takes nothing but a zero for a success', async () => {
    for (const zero of ['', null, false, [], '0x0', -0.5, ' 0']) {
      vendor.answer = says(zero);
      assert.deepEqual(await send(), { outcome: 'ambiguous', code: 'http.200' }, String(zero));
    }
    vendor.answer = says('0');
    assert.deepEqual(await send(), { outcome: 'accepted' });
  });

  it('tells when asked, about that message only, and nothing of what it repeats (LOG-02)', async () => {
    const gateway = createZettaiReachGateway({ ...SETTINGS, baseUrl: vendor.url, insecure: true });
    const asked = { id: ID, to: message.to, channel: 'sms', sentAt: NOW - 5000 } as const;
    const entry = {
      dateTime: '20261126 003004123',
      phoneNumber: message.to,
      message: message.text,
      smsCode: 24680,
      carrierId: '101',
      statusId: '2',
      clientTag: ID,
      detailedStatusId: '2',
    };
    vendor.answer = says(0, 'Success.', { status: [{ ...entry, clientTag: 'other' }, entry] });
    const events = await gateway.poll!(asked, context());
    assert.deepEqual(events, [
      { type: 'receipt', id: ID, state: 'delivered', at: NOW + 4000, carrier: 'au' },
    ]);
    const { pathname, searchParams } = new URL(vendor.heard[0]!.path, vendor.url);
    assert.equal(pathname, '/p5/api/status.json');
    assert.deepEqual(Object.fromEntries(searchParams), { token: TOKEN, clientId: '12345', clientTag: ID });
    for (const answer of [
      says(110, 'Invalid token.', { status: [entry] }),
      { status: 500, body: '' },
      says(0),
    ]) {
      vendor.answer = answer;
      assert.deepEqual(await gateway.poll!(asked, context()), []);
    }
    await gateway.close!();
  });

  it('is believed to know nothing of a message only after a minute', async () => {
    const gateway = createZettaiReachGateway({ ...SETTINGS, baseUrl: vendor.url, insecure: true });
    vendor.answer = says(0, 'Success.', { status: [{ statusId: '0', clientTag: ID, detailedStatusId: '' }] });
    const asked = { id: ID, to: message.to, channel: 'sms', sentAt: NOW } as const;
    assert.deepEqual(await gateway.poll!(asked, context(NOW + 5000)), []);
    assert.deepEqual(await gateway.poll!(asked, context(NOW + 61_000)), [
      { type: 'receipt', id: ID, state: 'unknown' },
    ]);
    await gateway.close!();
  });
});
