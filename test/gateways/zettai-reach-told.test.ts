import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { inspect } from 'node:util';
import { ConfigurationError } from '../../src/errors.ts';
import { createZettaiReachGateway } from '../../src/gateways/zettai-reach.ts';

const NOW = Date.UTC(2026, 10, 25, 15, 30, 0);
const ID = 'AbCdEfGhIjKlMnOpQrStUv';
const TOKEN = 'canary1234567890abcdefghijklmnop';
const message = { to: '+819012345678', text: '482913 みらい銀行の確認コード' };
const SETTINGS = { token: TOKEN, clientId: '12345', smsCode: '24680' };
const CANARIES = /482913|9012345678|canary/;

describe('a receipt of zettai-reach', () => {
  const gateway = createZettaiReachGateway(SETTINGS);
  const entry = {
    type: 'DLR',
    dateTime: '2026/11/26 00:30:04',
    messageId: 'm'.repeat(32),
    phoneNumber: message.to,
    smsCode: '24680',
    messageText: message.text,
    clientId: '12345',
    clientTag: ID,
  };
  const request = (body: string, type = 'application/x-www-form-urlencoded') => ({
    ...{ method: 'POST', receivedAt: NOW, url: new URL('https://op.example/hooks/zettai-reach/token') },
    headers: { 'content-type': type },
    body: new TextEncoder().encode(body),
  });
  const told = async (...entries: unknown[]) => {
    const form = new URLSearchParams({ json: JSON.stringify({ eventNotifications: entries }) });
    return (await gateway.webhook!.parse(request(form.toString()))).events;
  };
  const about = { type: 'receipt', id: ID, unproved: true, at: NOW + 4000 };

  const STATES: readonly [object, object][] = [
    [{ statusId: '0', carrierId: '101' }, { state: 'unknown' }],
    [{ statusId: 1, carrierId: '101', detailedStatusId: 31732 }, { state: 'sent' }],
    [
      { statusId: '2', carrierId: '106' },
      { state: 'delivered', carrier: 'rakuten' },
    ],
    [
      { statusId: '2', carrierId: 103 },
      { state: 'delivered', carrier: 'docomo' },
    ],
    [{ statusId: '2', carrierId: '999' }, { state: 'delivered' }],
    [
      { statusId: '3', carrierId: null, detailedStatusId: 31721 },
      { state: 'undelivered', class: 'temporary', code: '31721', carrier: 'docomo' },
    ],
    [
      { statusId: '3', carrierId: '105', detailedStatusId: '52732' },
      { state: 'undelivered', class: 'number', code: '52732', carrier: 'softbank' },
    ],
    [
      { statusId: '3', detailedStatusId: '14821' },
      { state: 'undelivered', class: 'temporary', code: '14821', carrier: 'au' },
    ],
    [
      { statusId: '3', detailedStatusId: '61823' },
      { state: 'undelivered', class: 'unreachable', code: '61823', carrier: 'rakuten' },
    ],
    [
      { statusId: '3', detailedStatusId: '32824' },
      { state: 'undelivered', class: 'unreachable', code: '32824', carrier: 'docomo' },
    ],
    [
      { statusId: '3', detailedStatusId: '11833' },
      { state: 'undelivered', class: 'unreachable', code: '11833', carrier: 'au' },
    ],
    [
      { statusId: '3', detailedStatusId: '51834' },
      { state: 'undelivered', class: 'blocked', code: '51834', carrier: 'softbank' },
    ],
    [
      { statusId: '3', detailedStatusId: '99999' },
      { state: 'undelivered', class: 'unknown', code: '99999' },
    ],
    [
      { statusId: '3', detailedStatusId: '482913' },
      { state: 'undelivered', class: 'unknown', code: 'status.3' },
    ],
    [
      { statusId: '3', carrierId: '__proto__' },
      { state: 'undelivered', class: 'unknown', code: 'status.3' },
    ],
  ];
  for (const [fields, expected] of STATES) {
    it(`proves nothing, and says ${JSON.stringify(expected)} (D.3, GWY-03)`, async () => {
      assert.deepEqual(await told({ ...entry, ...fields }), [{ ...about, ...expected }]);
    });
  }

  it('may be one of a batch, and says nothing of what it repeats (LOG-02)', async () => {
    const other = 'z'.repeat(22);
    const events = await told(
      { ...entry, statusId: '2' },
      null,
      { ...entry, type: 'MO', statusId: '2' },
      { ...entry, statusId: '3', clientTag: other, detailedStatusId: '31824' },
      { ...entry, statusId: '9' },
      { ...entry, statusId: '2', clientTag: 'of another system' },
    );
    assert.deepEqual(
      events.map((event) => event.type === 'receipt' && [event.id, event.state]),
      [
        [ID, 'delivered'],
        [other, 'undelivered'],
      ],
    );
    assert.doesNotMatch(inspect(events), CANARIES);
  });

  it('that is no form with JSON in it tells nothing, and is never more than unsigned', async () => {
    const json = JSON.stringify({ eventNotifications: [{ ...entry, statusId: '2' }] });
    for (const one of [
      request(json, 'application/json'),
      request('xml=%3Ca%2F%3E'),
      request('json='),
      request('json=%7B'),
    ]) {
      assert.deepEqual((await gateway.webhook!.parse(one)).events, []);
      const auth = await gateway.webhook!.authenticate(one, { now: NOW, signal: AbortSignal.timeout(9) });
      assert.deepEqual(auth, { result: 'unsigned' });
    }
  });
});

describe('the settings of zettai-reach', () => {
  it('name the field that is wrong, and what to do (GWY-06)', () => {
    for (const [change, expected] of [
      [
        { token: undefined },
        /^gateway zettai-reach\.token: is missing\. See docs\/gateways\/zettai-reach\.md$/,
      ],
      [{ token: 'canary' }, /^gateway zettai-reach\.token: must be 32 letters and digits/],
      [{ clientId: 12345 }, /^gateway zettai-reach\.clientId: /],
      [{ smsCode: '0005123456' }, /^gateway zettai-reach\.smsCode: must be 5 or 6 digits/],
      [
        { numberCleaning: { onCheckError: 'guess' } },
        /^gateway zettai-reach\.numberCleaning\.onCheckError: /,
      ],
      [{ numberCleaning: true }, /^gateway zettai-reach\.numberCleaning: /],
      [{ ipAllowlist: [] }, /^gateway zettai-reach\.ipAllowlist: is not a setting/],
    ] as const) {
      assert.throws(
        () => createZettaiReachGateway({ ...SETTINGS, ...change }),
        (thrown) =>
          thrown instanceof ConfigurationError &&
          expected.test(thrown.message) &&
          !/canary/.test(thrown.message),
        String(expected),
      );
    }
  });

  it('say where it reaches, and that a message is sent once however often it is handed over', () => {
    const { channels, countries, maxUnits, idempotent } = createZettaiReachGateway(SETTINGS);
    assert.deepEqual([channels, countries, maxUnits, idempotent], [['sms'], ['JP'], 660, true]);
  });
});
