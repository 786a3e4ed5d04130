import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { inspect } from 'node:util';
import { createKaradenGateway } from '../../src/gateways/karaden.ts';
import type { OutboundMessage, SendOutcome } from '../../src/ports/gateway.ts';
import { type CannedVendor, startCannedVendor } from '../support/canned-vendor.ts';

const NOW = Date.UTC(2026, 10, 25, 3, 0, 0);
const ID = 'AbCdEfGhIjKlMnOpQrStUv';
const UUID = '82bdf9de-a532-4bf5-86bc-c9a1366e5f4a';
const message: OutboundMessage = {
  id: ID,
  to: '+819012345678',
  channel: 'sms',
  text: '482913 みらい銀行の確認コード\n\n@login.example #482913',
  locale: 'ja',
  expiresAt: NOW + 300_000,
};
const SETTINGS = { tenantId: 'tenant-1', token: 'token-canary', serviceId: 42 };
const taken = (more: object = {}) => ({
  object: 'message',
  id: UUID,
  tags: [ID],
  to: '09012345678',
  body: message.text,
  result: 'processing',
  status: 'waiting',
  sent_result: 'none',
  carrier: 'checking',
  ...more,
});
const error = (status: number, code: string, errors: object | null = null, headers = {}) => ({
  ...{ status, headers },
  body: { object: 'error', code, message: `${message.text} 09012345678`, errors },
});

describe('Karaden', () => {
  let vendor: CannedVendor;
  before(async () => {
    vendor = await startCannedVendor({ status: 200, body: taken() });
  });
  after(() => vendor.close());
  afterEach(() => vendor.heard.splice(0));
  const context = () => ({ now: NOW, signal: AbortSignal.timeout(4000) });
  const open = () => createKaradenGateway({ ...SETTINGS, baseUrl: `${vendor.url}/api/`, insecure: true });

  async function send(changes: Partial<OutboundMessage> = {}): Promise<SendOutcome> {
    const gateway = open();
    try {
      return await gateway.send({ ...message, ...changes }, context());
    } finally {
      await gateway.close!();
    }
  }

  it('is given a national number, our id as a tag, and when the code dies, with the offset said', async () => {
    assert.deepEqual(await send(), { outcome: 'accepted', vendorId: UUID });
    const [{ method, path, headers, body }] = vendor.heard as [(typeof vendor.heard)[number]];
    assert.deepEqual([method, path], ['POST', '/api/tenant-1/messages']);
    assert.equal(headers.authorization, 'Bearer token-canary');
    assert.equal(headers['karaden-version'], '2024-03-01');
    assert.match(headers['content-type']!, /^application\/x-www-form-urlencoded/);
    assert.deepEqual(
      [...new URLSearchParams(body)],
      [
        ['service_id', '42'],
        ['to', '09012345678'],
        ['body', message.text],
        ['tags[]', ID],
        ['is_shorten', '0'],
        ['limited_at', '2026-11-25T12:05:00+09:00'],
      ],
    );
  });

  it('gets a minute for a message whose code is about to die', async () => {
    await send({ expiresAt: NOW + 1 });
    assert.equal(new URLSearchParams(vendor.heard[0]!.body).get('limited_at'), '2026-11-25T12:01:00+09:00');
  });

  it('is not asked to reach what is no mobile phone of Japan', async () => {
    for (const to of ['+81312345678', '+815012345678', '+15005550006', '+8190123456789']) {
      const outcome = await send({ to });
      assert.deepEqual(outcome, { outcome: 'rejected', class: 'number', code: 'not-a-mobile-of-japan' }, to);
    }
    assert.equal(vendor.heard.length, 0);
    await send({ to: '+816012345678' });
    assert.equal(new URLSearchParams(vendor.heard[0]!.body).get('to'), '06012345678');
  });

  const refused = (reason: string, code: string, more = {}) =>
    ({ outcome: 'rejected', class: reason, code, ...more }) as SendOutcome;
  const ROWS: readonly [string, CannedVendor['answer'], SendOutcome][] = [
    [
      'throttled',
      error(429, 'too_many_requests', null, { 'retry-after': '7' }),
      refused('throttled', 'too_many_requests', { retryAfter: 7000 }),
    ],
    ['retryable', error(500, 'unknown'), refused('temporary', 'unknown')],
    [
      'number-invalid',
      error(422, 'validation_error', { body: ['?'], to: ['?'] }),
      refused('number', 'validation_error.to'),
    ],
    ['auth by 401', error(401, 'unauthentication'), refused('auth', 'unauthentication')],
    ['auth by 403', error(403, 'forbidden'), refused('auth', 'forbidden')],
    ['permanent by 400', error(400, 'invalid_version'), refused('permanent', 'invalid_version')],
    [
      'permanent by 422',
      error(422, 'validation_error', { 'tags.0': ['?'] }),
      refused('permanent', 'validation_error.tags'),
    ],
    [
      'permanent by 422 for a field that we do not send',
      error(422, 'validation_error', { '482913': ['?'] }),
      refused('permanent', 'validation_error'),
    ],
    [
      'lost at once',
      { status: 200, body: taken({ status: 'error', result: 'done' }) },
      refused('unknown', 'status.error'),
    ],
    [
      'ambiguous without sense',
      { status: 200, body: { object: 'list' } },
      { outcome: 'ambiguous', code: 'http.200' },
    ],
    ['ambiguous by 504', { status: 504, body: '' }, { outcome: 'ambiguous', code: 'http.504' }],
  ];
  for (const [title, answer, outcome] of ROWS) {
    it(`says what is ${title} (D.3)`, async () => {
      vendor.answer = answer;
      const given = await send();
      vendor.answer = { status: 200, body: taken() };
      assert.deepEqual(given, outcome);
      assert.doesNotMatch(inspect(given), /482913|9012345678|canary/, 'LOG-02');
    });
  }

  it('is asked by its id, or by our tag after a send without an answer (GWY-02)', async () => {
    const gateway = open();
    const asked = { id: ID, to: message.to, channel: 'sms', sentAt: NOW } as const;
    const done = taken({
      result: 'done',
      status: 'done',
      sent_result: 'received',
      carrier: 'au',
      received_at: '2026-11-25T12:00:03+09:00',
    });
    const event = {
      type: 'receipt',
      id: ID,
      vendorId: UUID,
      state: 'delivered',
      at: NOW + 3000,
      carrier: 'au',
    };
    vendor.answer = { status: 200, body: done };
    assert.deepEqual(await gateway.poll!({ ...asked, vendorId: UUID }, context()), [event]);
    vendor.answer = {
      status: 200,
      body: { object: 'list', has_more: false, data: [taken({ tags: ['other'] }), done] },
    };
    assert.deepEqual(await gateway.poll!(asked, context()), [event]);
    assert.deepEqual(await gateway.poll!({ ...asked, vendorId: '../../x' }, context()), [event]);
    assert.deepEqual(
      vendor.heard.map(({ path }) => path),
      [
        `/api/tenant-1/messages/${UUID}`,
        ...Array.from({ length: 2 }, () => `/api/tenant-1/messages?service_id=42&tag=${ID}&per_page=10`),
      ],
    );
    assert.ok(vendor.heard.every(({ headers }) => headers['karaden-version'] === '2024-03-01'));
    for (const answer of [
      error(404, 'model_not_found'),
      error(429, 'x'),
      { status: 200, body: taken({ tags: ['other'] }) },
    ]) {
      vendor.answer = answer;
      assert.deepEqual(await gateway.poll!({ ...asked, vendorId: UUID }, context()), []);
    }
    vendor.answer = { status: 200, body: taken() };
    await gateway.close!();
  });
});
