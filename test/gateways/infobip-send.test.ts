import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { inspect } from 'node:util';
import { createInfobipGateway } from '../../src/gateways/infobip.ts';
import type { OutboundMessage, SendOutcome } from '../../src/ports/gateway.ts';
import { type CannedVendor, startCannedVendor } from '../support/canned-vendor.ts';

const NOW = Date.UTC(2026, 10, 25, 3, 0, 0);
const ID = 'AbCdEfGhIjKlMnOpQrStUv';
const CODE = '482913';
const message: OutboundMessage = {
  id: ID,
  to: '+819012345678',
  channel: 'sms',
  text: `${CODE} is your code`,
  locale: 'ja',
  expiresAt: NOW + 290_000,
  webhookUrl: 'https://op.example/hooks/infobip/t/AbCdEfGhIjKlMnOpQrStUv',
};
const status = (groupId: number, id: number, name: string) => ({
  status: 200,
  body: { messages: [{ messageId: ID, status: { groupId, id, name, description: message.text } }] },
});
const TAKEN = status(1, 26, 'PENDING_ACCEPTED');

describe('a text message through Infobip', () => {
  let vendor: CannedVendor;
  before(async () => {
    vendor = await startCannedVendor(TAKEN);
  });
  after(() => vendor.close());
  afterEach(() => vendor.heard.splice(0));

  async function send(settings: object = {}, changes: Partial<OutboundMessage> = {}): Promise<SendOutcome> {
    const gateway = createInfobipGateway({
      ...{ baseUrl: `${vendor.url}/`, insecure: true, apiKey: 'k3y-canary', sender: 'MiraiBank' },
      ...settings,
    });
    try {
      return await gateway.send({ ...message, ...changes }, { now: NOW, signal: AbortSignal.timeout(4000) });
    } finally {
      await gateway.close!();
    }
  }
  const answered = async (answer: CannedVendor['answer']) => {
    vendor.answer = answer;
    return send();
  };

  it('is written as API v3 wants it, with our id as messageId and callbackData', async () => {
    assert.deepEqual(await answered(TAKEN), { outcome: 'accepted', vendorId: ID });
    const [{ method, path, headers, body }] = vendor.heard as [(typeof vendor.heard)[number]];
    assert.deepEqual([method, path], ['POST', '/sms/3/messages']);
    assert.equal(headers.authorization, 'App k3y-canary');
    assert.deepEqual(JSON.parse(body), {
      messages: [
        {
          sender: 'MiraiBank',
          destinations: [{ to: '819012345678', messageId: ID }],
          content: { text: message.text },
          options: { validityPeriod: { amount: 5, timeUnit: 'MINUTES' } },
          webhooks: {
            delivery: { url: message.webhookUrl, intermediateReport: true },
            contentType: 'application/json',
            callbackData: ID,
          },
        },
      ],
    });
  });

  it('names no address of its own where a notification profile has one (GWY-03)', async () => {
    vendor.answer = TAKEN;
    await send({ webhook: { basic: { username: 'infobip', password: 'p'.repeat(24) } } });
    assert.equal(JSON.parse(vendor.heard[0]!.body).messages[0].webhooks.delivery, undefined);
  });

  it('authenticates by key, by user and password, or by token', async () => {
    vendor.answer = TAKEN;
    await send({ apiKey: undefined, basic: { username: 'bank', password: 'pässword' } });
    await send({ apiKey: undefined, token: 'ey.J.w' });
    assert.deepEqual(
      vendor.heard.map(({ headers }) => headers.authorization),
      [`Basic ${Buffer.from('bank:pässword').toString('base64')}`, 'Bearer ey.J.w'],
    );
  });

  const ROWS: readonly [string, CannedVendor['answer'], SendOutcome][] = [
    [
      'throttled by 429, with the time to wait',
      {
        status: 429,
        headers: { 'retry-after': '3' },
        body: { requestError: { serviceException: { messageId: 'TOO_MANY_REQUESTS', text: message.text } } },
      },
      { outcome: 'rejected', class: 'throttled', code: 'TOO_MANY_REQUESTS', retryAfter: 3000 },
    ],
    [
      'retryable by 500',
      { status: 500, body: '' },
      { outcome: 'rejected', class: 'temporary', code: 'http.500' },
    ],
    ['ambiguous by 502', { status: 502, body: '' }, { outcome: 'ambiguous', code: 'http.502' }],
    [
      'number-invalid by a violation',
      {
        status: 400,
        body: {
          errorCode: 'E400',
          violations: [{ property: 'messages[0].destinations[0].to', violation: 'x' }],
        },
      },
      { outcome: 'rejected', class: 'number', code: 'E400' },
    ],
    [
      'number-invalid by status 52',
      status(5, 52, 'REJECTED_INVALID_DESTINATION'),
      { outcome: 'rejected', class: 'number', code: 'REJECTED_INVALID_DESTINATION' },
    ],
    [
      'blocked by group 5',
      status(5, 10, 'REJECTED_DND'),
      { outcome: 'rejected', class: 'blocked', code: 'REJECTED_DND' },
    ],
    [
      'opted out by the blocklist',
      status(5, 14, 'REJECTED_DESTINATION'),
      { outcome: 'rejected', class: 'opt-out', code: 'REJECTED_DESTINATION' },
    ],
    [
      'over quota by credits',
      status(5, 12, 'REJECTED_NOT_ENOUGH_CREDITS'),
      { outcome: 'rejected', class: 'quota', code: 'REJECTED_NOT_ENOUGH_CREDITS' },
    ],
    [
      'refused for its sender',
      status(5, 11, 'REJECTED_SOURCE'),
      { outcome: 'rejected', class: 'auth', code: 'REJECTED_SOURCE' },
    ],
    [
      'refused for a reason that is new',
      status(5, 999, 'REJECTED_BY_MOOD'),
      { outcome: 'rejected', class: 'unknown', code: 'REJECTED_BY_MOOD' },
    ],
    [
      'unauthorized by 401',
      { status: 401, body: { requestError: { serviceException: { messageId: 'UNAUTHORIZED' } } } },
      { outcome: 'rejected', class: 'auth', code: 'UNAUTHORIZED' },
    ],
    [
      'forbidden by 403',
      { status: 403, body: { errorCode: 'E403' } },
      { outcome: 'rejected', class: 'auth', code: 'E403' },
    ],
    [
      'permanent by 400',
      { status: 400, body: { errorCode: 'E400', violations: [{ property: 'messages[0].sender' }] } },
      { outcome: 'rejected', class: 'permanent', code: 'E400' },
    ],
    [
      'taken, where the id is a duplicate: it is ours alone',
      status(5, 23, 'REJECTED_DUPLICATE_MESSAGE_ID'),
      { outcome: 'accepted', vendorId: ID },
    ],
    [
      'ambiguous by 200 without sense',
      { status: 200, body: { messages: [] } },
      { outcome: 'ambiguous', code: 'http.200' },
    ],
    [
      'ambiguous by 200 without JSON',
      { status: 200, body: '<html>' },
      { outcome: 'ambiguous', code: 'http.200' },
    ],
  ];
  for (const [title, answer, outcome] of ROWS) {
    it(`is ${title} (D.3)`, async () => {
      assert.deepEqual(await answered(answer), outcome);
      assert.equal(vendor.heard.length, 1, 'asked once');
    });
  }

  it('says nothing of what the vendor repeats, wherever it stands (LOG-02)', async () => {
    const echo = `${message.text} to 819012345678`;
    for (const answer of [
      status(5, 12, echo),
      { status: 400, body: { errorCode: echo } },
      { status: 400, body: { requestError: { serviceException: { messageId: CODE } } } },
      {
        status: 200,
        body: {
          messages: [
            {
              messageId: ID,
              to: echo,
              status: { groupId: 5, id: 13, name: 'REJECTED_SENDER', description: echo },
            },
          ],
        },
      },
      {
        status: 400,
        body: { errorCode: 'E400', description: echo, violations: [{ property: echo, violation: echo }] },
      },
      { status: 400, body: { requestError: { serviceException: { messageId: 'BAD_REQUEST', text: echo } } } },
      { status: 500, body: echo },
    ]) {
      assert.doesNotMatch(inspect(await answered(answer)), /482913|819012345678|k3y-canary/);
    }
  });
});
