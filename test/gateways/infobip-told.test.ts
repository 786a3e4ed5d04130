import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createInfobipGateway } from '../../src/gateways/infobip.ts';
import { signHmac } from '../../src/gateways/wire/schemes/hmac.ts';
import type { GatewayEvent, RawWebhook } from '../../src/ports/gateway.ts';
import { startCannedVendor } from '../support/canned-vendor.ts';

const ID = 'AbCdEfGhIjKlMnOpQrStUv';
const OTHER = 'zzzzzzzzzzzzzzzzzzzzzz';
const SETTINGS = {
  baseUrl: 'https://abc12.api.infobip.com',
  apiKey: 'key',
  sender: 'MiraiBank',
  voice: { from: '815012345678' },
};
const plain = createInfobipGateway(SETTINGS);

const pushed = (body: unknown, headers: RawWebhook['headers'] = {}): RawWebhook => ({
  method: 'POST',
  url: new URL('https://op.example/hooks/infobip/token'),
  headers: { 'content-type': 'application/json', ...headers },
  body: new TextEncoder().encode(typeof body === 'string' ? body : JSON.stringify(body)),
  receivedAt: 0,
});
const read = async (...results: unknown[]): Promise<readonly GatewayEvent[]> =>
  (await plain.webhook!.parse(pushed({ results }))).events;
const result = (status: object, error: object = { id: 0, name: 'NO_ERROR' }, more: object = {}) => ({
  messageId: ID,
  callbackData: ID,
  doneAt: '2026-11-25T03:00:02.500+0000',
  mccMnc: '44010',
  status,
  error,
  ...more,
});
const polled = { type: 'receipt', id: ID, vendorId: ID, at: Date.UTC(2026, 10, 25, 3, 0, 2, 500) };
/** Nothing signs what a single message brings. */
const about = { ...polled, unproved: true };

describe('what Infobip tells of text messages', () => {
  it('is read in batches, each about its own message', async () => {
    const events = await read(
      result({ groupId: 3, id: 5, name: 'DELIVERED_TO_HANDSET' }),
      'not a result',
      result({ groupId: 1, id: 7 }, undefined, { callbackData: OTHER, messageId: OTHER, mccMnc: '310410' }),
    );
    assert.deepEqual(events, [
      { ...about, state: 'delivered', carrier: 'docomo' },
      { ...about, id: OTHER, vendorId: OTHER, state: 'sent', carrier: '310410' },
    ]);
  });

  it('leaves the carrier out where the network is not known', async () => {
    for (const mccMnc of ['0', '', 'null', null, 44010, '4']) {
      const [event] = await read(result({ groupId: 3, id: 5 }, undefined, { mccMnc }));
      assert.deepEqual(event, { ...about, state: 'delivered' }, String(mccMnc));
    }
  });

  const ENDS: readonly [object, object, object][] = [
    [{ groupId: 0, id: 0 }, {}, { state: 'accepted' }],
    [{ groupId: 1, id: 26 }, {}, { state: 'accepted' }],
    [{ groupId: 3, id: 2 }, {}, { state: 'sent' }],
    [{ groupId: 4, id: 15, name: 'EXPIRED_EXPIRED' }, {}, { state: 'expired', code: 'EXPIRED_EXPIRED' }],
    [
      { groupId: 2, id: 9 },
      { id: 1, name: 'EC_UNKNOWN_SUBSCRIBER', permanent: true },
      { state: 'undelivered', class: 'number', code: 'EC_UNKNOWN_SUBSCRIBER' },
    ],
    [
      { groupId: 2, id: 9 },
      { id: 27, name: 'EC_ABSENT_SUBSCRIBER', permanent: false },
      { state: 'undelivered', class: 'unreachable', code: 'EC_ABSENT_SUBSCRIBER' },
    ],
    [
      { groupId: 2, id: 9 },
      { id: 1158, name: 'EC_NNR_networkCongestion', permanent: false },
      { state: 'undelivered', class: 'temporary', code: 'EC_NNR_networkCongestion' },
    ],
    [
      { groupId: 2, id: 9 },
      { id: 255, name: 'EC_UNKNOWN_ERROR', permanent: true },
      { state: 'undelivered', class: 'permanent', code: 'EC_UNKNOWN_ERROR' },
    ],
    [
      { groupId: 2, id: 9 },
      { id: 10, permanent: true },
      { state: 'undelivered', class: 'permanent', code: '10' },
    ],
    [
      { groupId: 2, id: 9 },
      { id: 4096, name: 'EC_INVALID_PDU_FORMAT', permanent: true },
      { state: 'undelivered', class: 'permanent', code: 'EC_INVALID_PDU_FORMAT' },
    ],
    // It does not say whether it would fail again, or says so of no error at all.
    [
      { groupId: 2, id: 9 },
      { id: 4096, name: 'EC_INVALID_PDU_FORMAT' },
      { state: 'undelivered', class: 'unknown', code: 'EC_INVALID_PDU_FORMAT' },
    ],
    [
      { groupId: 2, id: 9, name: 'UNDELIVERABLE_NOT_DELIVERED' },
      { id: 0, name: 'NO_ERROR', permanent: true },
      { state: 'undelivered', class: 'unknown', code: 'UNDELIVERABLE_NOT_DELIVERED' },
    ],
    [
      { groupId: 5, id: 12, name: 'REJECTED_NOT_ENOUGH_CREDITS' },
      { id: 4096, name: 'EC_INVALID_PDU_FORMAT', permanent: true },
      { state: 'undelivered', class: 'quota', code: 'EC_INVALID_PDU_FORMAT' },
    ],
    [
      { groupId: 2, id: 4, name: 'UNDELIVERABLE_REJECTED_OPERATOR' },
      {},
      { state: 'undelivered', class: 'blocked', code: 'UNDELIVERABLE_REJECTED_OPERATOR' },
    ],
    [
      { groupId: 5, id: 12, name: 'REJECTED_NOT_ENOUGH_CREDITS' },
      {},
      { state: 'undelivered', class: 'quota', code: 'REJECTED_NOT_ENOUGH_CREDITS' },
    ],
  ];
  for (const [status, error, expected] of ENDS) {
    it(`has a state and a class: ${JSON.stringify(expected)} (D.3)`, async () => {
      assert.deepEqual(await read(result(status, error)), [{ ...about, carrier: 'docomo', ...expected }]);
    });
  }

  it('tells nothing where the group is new, and invents no id of ours', async () => {
    assert.deepEqual(await read(result({ groupId: 77 })), []);
    const [event] = await read(
      result({ groupId: 3, id: 5 }, undefined, { callbackData: 'campaign 7', messageId: '2250be2d4219' }),
    );
    assert.ok(event?.type === 'receipt');
    assert.deepEqual([event.id, event.vendorId], [undefined, '2250be2d4219']);
  });
});

describe('what phones send to Infobip', () => {
  const inbound = async (text: string, more: object = {}) =>
    read({ messageId: 'x', from: '819012345678', to: '815012345678', text, keyword: '', ...more });

  it('is a stop or a start in English and Japanese, in any width, and nothing else', async () => {
    for (const [text, keyword] of [
      ['STOP', 'stop'],
      [' ｓｔｏｐ。', 'stop'],
      ['配信停止', 'stop'],
      ['Start', 'start'],
      ['再開', 'start'],
      ['please do not stop', null],
      ['482913', null],
    ] as const) {
      assert.deepEqual(await inbound(text), [{ type: 'inbound', from: '819012345678', keyword }], text);
    }
  });

  it('may be told by the keyword that the vendor found', async () => {
    const [event] = await inbound('', { keyword: 'STOP' });
    assert.ok(event?.type === 'inbound' && event.keyword === 'stop');
  });

  it('is nothing where nobody could be stopped by it', async () => {
    assert.deepEqual(await inbound('STOP', { from: 'MiraiBank' }), []);
  });
});

describe('the security of an Infobip notification profile (GWY-03)', () => {
  const body = JSON.stringify({ results: [result({ groupId: 3, id: 5 })] });
  const [secret, old] = ['n'.repeat(32), 'o'.repeat(32)];
  const sign = (key: string, digest: 'sha256' | 'sha512' = 'sha256', encoding: 'hex' | 'base64' = 'hex') =>
    signHmac(key, { template: '{body}', digest, encoding }, { body, url: '', method: 'POST' });
  const check = async (webhook: object, headers: RawWebhook['headers']) =>
    (
      await createInfobipGateway({ ...SETTINGS, webhook }).webhook!.authenticate(pushed(body, headers), {
        now: 0,
        signal: AbortSignal.timeout(1000),
      })
    ).result;

  it('may be a hash under one of two secrets, in a header that is configured', async () => {
    const hmac = { secret: [secret, old], header: 'X-IB-Signature' };
    assert.equal(await check({ hmac }, { 'x-ib-signature': sign(secret) }), 'ok');
    assert.equal(await check({ hmac }, { 'x-ib-signature': sign(old) }), 'ok');
    assert.equal(await check({ hmac }, { 'x-ib-signature': sign('x'.repeat(32)) }), 'refused');
    assert.equal(await check({ hmac }, {}), 'refused');
  });

  it('may be a longer hash, in base64, behind a prefix', async () => {
    const hmac = { secret, header: 'x-s', algorithm: 'sha512', encoding: 'base64', prefix: 'v1=' };
    assert.equal(await check({ hmac }, { 'x-s': `v1=${sign(secret, 'sha512', 'base64')}` }), 'ok');
    assert.equal(await check({ hmac }, { 'x-s': sign(secret, 'sha512', 'base64') }), 'refused');
  });

  it('may be a user and one of two passwords', async () => {
    const basic = { username: 'infobip', password: [secret, old] };
    const given = (pair: string) => ({ authorization: `Basic ${Buffer.from(pair).toString('base64')}` });
    assert.equal(await check({ basic }, given(`infobip:${secret}`)), 'ok');
    assert.equal(await check({ basic }, given(`infobip:${old}`)), 'ok');
    assert.equal(await check({ basic }, given('infobip:wrong')), 'refused');
    assert.equal(await check({ basic }, {}), 'refused');
  });

  it('is what makes receipts count at once; without it they are unproved, so that the log is asked (attack 7)', async () => {
    const hmac = { secret, header: 'x-s' };
    const request = pushed(body);
    const proved = await createInfobipGateway({ ...SETTINGS, webhook: { hmac } }).webhook!.parse(request);
    assert.deepEqual(proved.events, [{ ...polled, state: 'delivered', carrier: 'docomo' }]);
    const call = result({ groupId: 3, id: 5 }, { id: 5000 }, { voiceCall: { dtmfCodes: '1' } });
    const [receipt, ...rest] = await read(result({ groupId: 2, id: 9 }), call);
    assert.ok(receipt?.type === 'receipt' && receipt.unproved);
    assert.deepEqual(
      rest.map((event) => [event.type, 'unproved' in event]),
      [
        ['call', false],
        ['call', false],
      ],
    );
  });

  it('is none without settings: then the secret in the address is all there is', async () => {
    const context = { now: 0, signal: AbortSignal.timeout(1000) };
    assert.deepEqual(await plain.webhook!.authenticate(pushed(body), context), { result: 'unsigned' });
  });
});

describe('what Infobip answers when asked', () => {
  it('comes from the logs, which answer as often as asked, and is about that message only', async () => {
    const vendor = await startCannedVendor({
      status: 200,
      body: {
        results: [
          result({ groupId: 3, id: 5 }, undefined, { callbackData: undefined }),
          result({ groupId: 2, id: 9 }, { id: 1 }, { callbackData: undefined, messageId: OTHER }),
        ],
      },
    });
    const gateway = createInfobipGateway({ ...SETTINGS, baseUrl: vendor.url, insecure: true });
    const context = { now: 0, signal: AbortSignal.timeout(2000) };
    const asked = { id: ID, to: '+819012345678', channel: 'sms', sentAt: 0 } as const;
    assert.deepEqual(await gateway.poll!(asked, context), [
      { ...polled, state: 'delivered', carrier: 'docomo' },
    ]);
    assert.equal(vendor.heard[0]!.path, `/sms/3/logs?messageId=${ID}`);
    for (const status of [404, 429, 500]) {
      vendor.answer = { ...vendor.answer, status };
      assert.deepEqual(await gateway.poll!(asked, context), [], String(status));
    }
    await Promise.all([gateway.close!(), vendor.close()]);
  });
});
