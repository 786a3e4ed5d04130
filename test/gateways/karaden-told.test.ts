import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ConfigurationError } from '../../src/errors.ts';
import { createKaradenGateway } from '../../src/gateways/karaden.ts';
import type { GatewayEvent } from '../../src/ports/gateway.ts';

const NOW = Date.UTC(2026, 10, 25, 3, 0, 0);
const ID = 'AbCdEfGhIjKlMnOpQrStUv';
const UUID = '82bdf9de-a532-4bf5-86bc-c9a1366e5f4a';
const SETTINGS = { tenantId: 'tenant-1', token: 'token-canary', serviceId: 42 };
const taken = (more: object = {}) => ({
  object: 'message',
  id: UUID,
  tags: [ID],
  result: 'processing',
  status: 'waiting',
  sent_result: 'none',
  carrier: 'checking',
  ...more,
});

describe('a receipt of Karaden', () => {
  const gateway = createKaradenGateway(SETTINGS);
  const told = async (body: unknown): Promise<readonly GatewayEvent[]> => {
    const request = {
      ...{ method: 'POST', receivedAt: NOW, url: new URL('https://op.example/hooks/karaden/token') },
      headers: { 'content-type': 'application/json', 'karaden-version': '2024-03-01' },
      body: new TextEncoder().encode(JSON.stringify(body)),
    };
    assert.deepEqual(
      await gateway.webhook!.authenticate(request, { now: NOW, signal: AbortSignal.timeout(9) }),
      { result: 'unsigned' },
    );
    return (await gateway.webhook!.parse(request)).events;
  };

  const done = { result: 'done', status: 'done' };
  const STATES: readonly [object, object][] = [
    [{}, { state: 'accepted' }],
    [{ status: 'done' }, { state: 'sent' }],
    [
      { ...done, sent_result: 'received', carrier: 'rakuten' },
      { state: 'delivered', carrier: 'rakuten' },
    ],
    [
      { ...done, sent_result: 'unconnected', carrier: 'softbank' },
      { state: 'undelivered', class: 'unreachable', code: 'unconnected', carrier: 'softbank' },
    ],
    [
      { ...done, sent_result: 'error', carrier: 'unknown' },
      { state: 'undelivered', class: 'permanent', code: 'sent_result.error' },
    ],
    [{ ...done, sent_result: 'unknown' }, { state: 'unknown' }],
    [{ status: 'done', sent_result: 'unconnected' }, { state: 'sent' }],
    [
      { result: 'done', status: 'error' },
      { state: 'undelivered', class: 'unknown', code: 'status.error' },
    ],
    [
      { result: 'done', status: 'canceled' },
      { state: 'expired', code: 'status.canceled' },
    ],
  ];
  for (const [body, expected] of STATES) {
    it(`proves nothing, and says ${JSON.stringify(expected)} (D.3, GWY-03)`, async () => {
      const event = { type: 'receipt', id: ID, vendorId: UUID, unproved: true };
      assert.deepEqual(await told(taken(body)), [{ ...event, ...expected }]);
    });
  }

  it('that is nothing known tells nothing', async () => {
    for (const body of [
      null,
      [],
      {},
      taken({ id: 7 }),
      taken({ status: 'dancing' }),
      { object: 'list', data: [taken()] },
    ]) {
      assert.deepEqual(await told(body), []);
    }
    const [event] = await told(taken({ tags: ['campaign'] }));
    assert.ok(event?.type === 'receipt' && event.id === undefined);
  });
});

describe('the settings of Karaden', () => {
  it('name the field that is wrong, and what to do (GWY-06)', () => {
    for (const [change, expected] of [
      [{ token: undefined }, /^gateway karaden\.token: is missing\. See docs\/gateways\/karaden\.md$/],
      [{ token: 'canary\n' }, /^gateway karaden\.token: has a blank or a line break/],
      [{ tenantId: '../canary' }, /^gateway karaden\.tenantId: must be letters/],
      [{ serviceId: '42' }, /^gateway karaden\.serviceId: /],
      [{ version: 'newest' }, /^gateway karaden\.version: must be a date/],
      [{ countries: ['US'] }, /^gateway karaden\.countries: is not a setting/],
      [{ baseUrl: 'http://prg.karaden.jp/api' }, /^gateway karaden\.baseUrl: must begin with https/],
    ] as const) {
      assert.throws(
        () => createKaradenGateway({ ...SETTINGS, ...change }),
        (thrown) =>
          thrown instanceof ConfigurationError &&
          expected.test(thrown.message) &&
          !/canary/.test(thrown.message),
        String(expected),
      );
    }
  });

  it('say where it reaches, and how long a text may be', () => {
    const { channels, countries, maxUnits, idempotent } = createKaradenGateway(SETTINGS);
    assert.deepEqual([channels, countries, maxUnits, idempotent], [['sms'], ['JP'], 660, undefined]);
  });
});
