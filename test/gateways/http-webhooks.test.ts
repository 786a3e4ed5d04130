import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { describe, it } from 'node:test';
import { createHttpGateway } from '../../src/gateways/http.ts';
import type { GatewayEvent, RawWebhook } from '../../src/ports/gateway.ts';
import { check, FORM, ID, NOW, request } from './http-server.ts';

const SEND = { url: 'https://vendor.example/send', fields: { to: '{{to}}' }, success: { status: '2xx' } };
const gatewayWith = (webhook: object) => createHttpGateway({ send: SEND, webhook });
const told = async (
  webhook: object,
  ...given: Parameters<typeof request>
): Promise<readonly GatewayEvent[]> => (await gatewayWith(webhook).webhook!.parse(request(...given))).events;

describe('a webhook', () => {
  const rules = [{ when: { path: 'state', equals: 'done' }, state: 'delivered' }];
  const map = { id: 'ref', rules };
  const done = (own = {}) => [{ type: 'receipt', state: 'delivered', id: ID, unproved: true, ...own }];

  it('that proves nothing but its address tells what is unproved (GWY-04)', async () => {
    const { webhook } = gatewayWith({ map });
    assert.equal(await check(webhook!, request('{}')), 'unsigned');
    assert.deepEqual(await told({ map }, JSON.stringify({ ref: ID, state: 'done' })), done());
    const secret = 'k'.repeat(24);
    const keyed = { verify: [{ scheme: 'header', name: 'X-Key', values: secret }], map };
    const guarded = gatewayWith(keyed).webhook!;
    assert.equal(await check(guarded, request('{}', { headers: { 'x-key': secret } })), 'ok');
    assert.equal(await check(guarded, request('{}', { headers: { 'x-key': [secret, secret] } })), 'refused');
    assert.equal(await check(guarded, request('{}')), 'refused');
    const proved = await told(keyed, JSON.stringify({ ref: ID, state: 'done' }));
    assert.deepEqual(proved, [{ type: 'receipt', state: 'delivered', id: ID }]);
  });

  it('passes only where every scheme holds, and knows a delivery again (GWY-03)', async () => {
    const password = 'p'.repeat(24);
    const { webhook } = gatewayWith({
      verify: [
        { scheme: 'basic', user: 'vendor', passwords: ['n'.repeat(24), password] },
        { scheme: 'hmac', secrets: 'hush', header: 'x-sign' },
      ],
      map,
    });
    const sign = 'fc26bc1e5cbaac19c4c2bd0a2b1d9d52e9e2a1a0ab5d3cf2a2fae3b0a9cd0c51';
    const authorization = `Basic ${Buffer.from(`vendor:${password}`).toString('base64')}`;
    const right = createHmac('sha256', 'hush').update('{}').digest('hex');
    const auth = await webhook!.authenticate(request('{}', { headers: { authorization, 'x-sign': right } }), {
      ...{ now: NOW, signal: AbortSignal.timeout(1000) },
    });
    assert.ok(auth.result === 'ok' && auth.replayKey !== undefined);
    assert.equal(
      await check(webhook!, request('{}', { headers: { authorization, 'x-sign': sign } })),
      'refused',
    );
    assert.equal(await check(webhook!, request('{}', { headers: { authorization } })), 'refused');
    assert.equal(await check(webhook!, request('{}', { headers: { 'x-sign': right } })), 'refused');
  });

  it('is read as JSON, form, query, XML, JSON inside of a form, or whatever came', async () => {
    const json = JSON.stringify({ ref: ID, state: 'done' });
    const form = `ref=${ID}&state=done`;
    const xml = `<n><ref>${ID}</ref><state>done</state></n>`;
    const get = { method: 'GET', url: new URL(`https://op.example/h?${form}`) };
    const typed = (type: string) => ({ headers: { 'content-type': type } });
    for (const [webhook, ...given] of [
      [{ payload: 'json' }, json],
      [{ payload: 'form' }, form, { headers: FORM }],
      [{ payload: 'query' }, '', get],
      [{ payload: 'xml', items: 'n' }, xml],
      [{ payload: { field: 'a.b', format: 'json' } }, `a.b=${encodeURIComponent(json)}`, { headers: FORM }],
      [
        { payload: { field: 'x', format: 'xml' }, items: 'n' },
        `x=${encodeURIComponent(xml)}`,
        { headers: FORM },
      ],
      [{ payload: 'any' }, json, typed('application/json; charset=utf-8')],
      [{ payload: 'any' }, form, { headers: FORM }],
      [{ payload: 'any' }, '', get],
      [{ payload: 'any', items: 'n' }, xml, typed('text/xml')],
      [{ items: 'data.news' }, `{"data":{"news":[${json},{"ref":"${ID}"}]}}`],
    ] as [object, string, Partial<RawWebhook>?][]) {
      assert.deepEqual(
        await told({ map, ...webhook }, ...(given as [string])),
        done(),
        JSON.stringify(webhook),
      );
    }
  });

  it('tells nothing where it is something else than was configured (attack 7)', async () => {
    const form = `ref=${ID}&state=done`;
    for (const [webhook, ...given] of [
      [{ payload: 'form' }, form],
      [{ payload: 'form' }, `${form}&state=done`, { headers: FORM }],
      [{ payload: 'json' }, form, { headers: FORM }],
      [{ payload: 'query' }, form, { headers: FORM }],
      [{ payload: 'xml' }, `<!DOCTYPE n><n><ref>${ID}</ref><state>done</state></n>`],
      [{}, JSON.stringify({ ref: 'short', state: 'done' })],
      [{}, JSON.stringify({ ref: ID, state: 'verified', verified: true })],
      [{}, JSON.stringify([[{ ref: ID, state: 'done' }]])],
    ] as [object, string, Partial<RawWebhook>?][]) {
      assert.deepEqual(await told({ map, ...webhook }, ...(given as [string])), [], JSON.stringify(given));
    }
    const many = JSON.stringify(Array.from({ length: 2000 }, () => ({ ref: ID, state: 'done' })));
    assert.equal((await told({ map }, many)).length, 500, 'a batch that is longer comes from nobody');
  });

  it('gives the vendor the reply it wants', async () => {
    const reply = { status: 202, type: 'text/plain', body: 'OK' };
    const { parse } = gatewayWith({ map, reply }).webhook!;
    assert.deepEqual((await parse(request('[[['))).reply, reply);
    assert.equal((await gatewayWith({ map }).webhook!.parse(request('{}'))).reply, undefined);
  });

  it('reads times, networks and codes, and drops what is none (LOG-02)', async () => {
    const at = { path: 'when', format: 'yyyy/MM/dd HH:mm:ss' };
    const carrier = { path: 'net', names: { 1: 'docomo' } };
    const failed = [{ when: { path: 'state', exists: true }, state: 'undelivered', class: 'unreachable' }];
    const webhook = { map: { id: 'ref', code: 'why', at, carrier, rules: failed } };
    const event = async (own: object) => {
      const gateway = createHttpGateway({ send: SEND, webhook, timeOffset: '+09:00' });
      const body = JSON.stringify({ ref: ID, state: 'x', ...own });
      const [one] = (await gateway.webhook!.parse(request(body))).events;
      const { type: _, state: __, id: ___, unproved: ____, ...rest } = one as Record<string, unknown>;
      return rest;
    };
    const reason = { class: 'unreachable' };
    assert.deepEqual(await event({ when: '2026/11/25 12:00:00', net: 1, why: 'E-12' }), {
      ...{ ...reason, at: NOW, carrier: 'docomo', code: 'E-12' },
    });
    for (const own of [
      { when: 'yesterday', net: 'constructor', why: '+81 90-1234-5678' },
      { when: '1970/01/01 00:00:00', net: 2, why: { code: 7 } },
      { when: 1_700_000_000, net: [1], why: '' },
    ]) {
      assert.deepEqual(await event(own), reason);
    }
  });

  it('knows STOP and START in any width and case, and nothing else (opt-out)', async () => {
    const webhook = { inbound: { from: 'from', text: 'text' } };
    const keyword = async (text: unknown, own = {}) => {
      const body = JSON.stringify({ from: '09012345678', text });
      const [event] = await told({ inbound: { ...webhook.inbound, ...own } }, body);
      return event?.type === 'inbound' ? event.keyword : undefined;
    };
    for (const text of [
      'STOP',
      'stop',
      ' Stop! ',
      'ＳＴＯＰ',
      'ｓｔｏｐ',
      '停止',
      '「停止」',
      'ｽﾄｯﾌﾟ',
      '配信停止。',
      'Unsubscribe',
    ])
      assert.equal(await keyword(text), 'stop', text);
    for (const text of ['START', 'ｓｔａｒｔ', '再開', 'スタート', 'ｽﾀｰﾄ'])
      assert.equal(await keyword(text), 'start', text);
    for (const text of [
      'do not stop',
      'stop it',
      '停止しないで',
      '停',
      'help',
      '!!!',
      `STOP${' '.repeat(300)}x`,
    ])
      assert.equal(await keyword(text), null, text);
    assert.equal(await keyword('NEIN', { stop: ['nein'] }), 'stop');
    assert.equal(await keyword('STOP', { stop: ['nein'] }), null);
    for (const from of ['+81 90-1234-5678; DROP', '<b>', '', null])
      assert.deepEqual(await told(webhook, JSON.stringify({ from, text: 'STOP' })), []);
  });
});
