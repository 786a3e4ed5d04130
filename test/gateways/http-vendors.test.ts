import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createHttpGateway } from '../../src/gateways/http.ts';
import { signJwt } from '../../src/gateways/wire/schemes/jwt.ts';
import { exampleOf } from './http-examples.ts';
import { check, FORM, ID, NOW, request } from './http-server.ts';

const fromPage = (name: string, secrets: Record<string, string>) =>
  createHttpGateway(exampleOf('docs/gateways/http.md', name, secrets)).webhook!;

describe('a vendor that is only described', () => {
  it('Sinch: HMAC over body, nonce and time (K, GWY-03)', async () => {
    const webhook = fromPage('sinch', { SINCH_WEBHOOK_SECRET: 'secret' });
    const headers = {
      'x-sinch-webhook-signature': 'lYDhBL/6p2hzA00jBLwBKPFvRQBzWfJPC+n7FhTPxwU=',
      'x-sinch-webhook-signature-nonce': '01ABC',
      'x-sinch-webhook-signature-timestamp': '1700000000',
    };
    const receivedAt = 1_700_000_000_000;
    assert.equal(await check(webhook, request('{"a":1}', { headers, receivedAt })), 'ok');
    assert.equal(await check(webhook, request('{"a":2}', { headers, receivedAt })), 'refused');
    assert.equal(
      await check(webhook, request('{"a":1}', { headers, receivedAt: receivedAt + 301_000 })),
      'refused',
    );
    const receipt = {
      batch_id: 'b1',
      client_reference: ID,
      status: 'Failed',
      code: 402,
      at: '2026-11-25T03:00:00Z',
    };
    assert.deepEqual((await webhook.parse(request(JSON.stringify(receipt)))).events, [
      {
        type: 'receipt',
        state: 'undelivered',
        class: 'unknown',
        code: '402',
        id: ID,
        vendorId: 'b1',
        at: NOW,
      },
    ]);
  });

  it('Telnyx: Ed25519 over time and body (K, GWY-03)', async () => {
    const webhook = fromPage('telnyx', { TELNYX_PUBLIC_KEY: 'A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg=' });
    const headers = {
      'telnyx-signature-ed25519':
        'LhN3MIGk9cmb3dnYnff5iMTHrW35qZFb7JZ12PHvgI0YnPxwMnMdtxhqDg6tu14XL6YM3QpsXZORwlzAJqAxCA==',
      'telnyx-timestamp': '1700000000',
    };
    const receivedAt = 1_700_000_000_000;
    const body = '{"data":{"event_type":"message.finalized"}}';
    assert.equal(await check(webhook, request(body, { headers, receivedAt })), 'ok');
    assert.equal(await check(webhook, request(`${body} `, { headers, receivedAt })), 'refused');
    const data = (event_type: string, payload: object) => JSON.stringify({ data: { event_type, payload } });
    const finalized = (status: string) => data('message.finalized', { id: 'm1', to: [{ status }] });
    for (const [given, expected] of [
      [finalized('delivered'), [{ type: 'receipt', state: 'delivered', vendorId: 'm1' }]],
      [finalized('delivery_unconfirmed'), [{ type: 'receipt', state: 'unknown', vendorId: 'm1' }]],
      [finalized('verified'), []],
      [
        data('message.received', { from: { phone_number: '+819012345678' }, text: ' ＳＴＯＰ。 ' }),
        [{ type: 'inbound', from: '+819012345678', keyword: 'stop' }],
      ],
    ] as const) {
      assert.deepEqual((await webhook.parse(request(given))).events, expected);
    }
  });

  it('Plivo: signature V3 over address, fields and nonce (K, GWY-03)', async () => {
    const webhook = fromPage('plivo', { PLIVO_AUTH_TOKEN: 'tok' });
    const body = 'MessageUUID=u-1&Status=delivered&To=819012345678';
    const signed = (signature: string) => ({
      url: new URL('https://op.example/sms/receipts/plivo?ref=m1'),
      headers: { ...FORM, 'x-plivo-signature-v3': signature, 'x-plivo-signature-v3-nonce': '12345' },
    });
    const right = signed('u8KrymqDvoiamXlEtby5AYr0hiyr2goUJATlzkJEzPQ=');
    assert.equal(await check(webhook, request(body, right)), 'ok');
    assert.equal(await check(webhook, request(body.replace('delivered', 'undelivered'), right)), 'refused');
    assert.equal(await check(webhook, request(body, { headers: FORM })), 'refused');
    assert.deepEqual((await webhook.parse(request(body, right))).events, [
      { type: 'receipt', state: 'delivered', vendorId: 'u-1' },
    ]);
  });

  it('MessageBird: a token with the hash of the address (K, GWY-03)', async () => {
    const webhook = fromPage('messagebird', { MESSAGEBIRD_SIGNING_KEY: 'signing-key' });
    const url = `https://op.example/hooks/mb/t/${ID}?id=v1&reference=${ID}&status=delivered&statusDatetime=2026-11-25T03:00:00%2B00:00`;
    const settings = {
      secrets: ['signing-key'],
      issuer: 'MessageBird',
      claims: ['url_hash', 'payload_hash'],
    } as const;
    const token = await signJwt(settings, { body: '', url, at: NOW });
    const signed = { method: 'GET', url: new URL(url), headers: { 'messagebird-signature-jwt': token } };
    assert.equal(await check(webhook, request('', signed)), 'ok');
    assert.deepEqual((await webhook.parse(request('', signed))).events, [
      { type: 'receipt', state: 'delivered', id: ID, vendorId: 'v1', at: NOW },
    ]);
    const other = { ...signed, url: new URL(url.replace('status=delivered', 'status=expired')) };
    assert.equal(await check(webhook, request('', other)), 'refused');
  });
});
