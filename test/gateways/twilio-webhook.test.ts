import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { createTwilioGateway } from '../../src/gateways/twilio.ts';
import { bodyDigest, signTwilio } from '../../src/gateways/wire/schemes/twilio.ts';
import type { GatewayEvent, RawWebhook } from '../../src/ports/gateway.ts';

const NOW = Date.UTC(2026, 6, 30, 12, 5);
const SID = `SM${'a'.repeat(32)}`;
const CALL = `CA${'b'.repeat(32)}`;
const gateway = createTwilioGateway({
  accountSid: `AC${'0'.repeat(32)}`,
  authToken: ['12345', 'old-token'],
  from: '+815012345678',
});
const context = { now: NOW, signal: AbortSignal.timeout(4000) };
after(() => gateway.close!());

const raw = (url: string, fields: Record<string, string>, signature?: string | string[]): RawWebhook => ({
  method: 'POST',
  url: new URL(url),
  headers: {
    'content-type': 'application/x-www-form-urlencoded; charset=UTF-8',
    ...(signature === undefined ? {} : { 'x-twilio-signature': signature }),
  },
  body: Buffer.from(new URLSearchParams(fields).toString()),
  receivedAt: NOW,
});
const verify = (request: RawWebhook) => gateway.webhook!.authenticate(request, context);
const parse = async (fields: Record<string, string>): Promise<readonly GatewayEvent[]> =>
  (await gateway.webhook!.parse(raw('https://op.example/w', fields))).events;

describe('the Twilio gateway checks a webhook', () => {
  const url = 'https://op.example/sms/receipts/twilio?ref=m1';
  const fields = { MessageSid: 'SM0123', MessageStatus: 'delivered', To: '+819012345678' };
  const known = 'v7YbwBV9VppdjLmjsOJhzPcqaC0=';

  it('and takes the signatures that are known of Twilio (GWY-03, section K)', async () => {
    const call = {
      CallSid: 'CA1234567890ABCDE',
      Caller: '+14158675309',
      Digits: '1234',
      From: '+14158675309',
      To: '+18005551212',
    };
    const callUrl = 'https://mycompany.com/myapp.php?foo=1&bar=2';
    assert.equal((await verify(raw(callUrl, call, 'RSOYDt4T1cUTdK1PDd93/VVr8B8='))).result, 'ok');
    assert.equal((await verify(raw(url, fields, known))).result, 'ok');
    const body = Buffer.from('{"a":1}');
    const json: RawWebhook = {
      ...raw(`https://op.example/w?bodySHA256=${bodyDigest(body)}`, {}, 'We86SPIGnp832xfbeOJg9A/Dj3E='),
      body,
    };
    json.headers = { ...json.headers, 'content-type': 'application/json' };
    assert.equal((await verify(json)).result, 'ok');
    assert.equal((await verify({ ...json, body: Buffer.from('{"a":2}') })).result, 'refused');
  });

  it('made with the token before, while tokens change', async () => {
    const old = signTwilio('old-token', url, Object.entries(fields));
    assert.equal((await verify(raw(url, fields, old))).result, 'ok');
    const foreign = signTwilio('another', url, Object.entries(fields));
    assert.deepEqual(await verify(raw(url, fields, foreign)), { result: 'refused', reason: 'mismatch' });
  });

  it('and refuses one that was altered, moved, not signed, or signed twice (attack 7)', async () => {
    const refused = async (request: RawWebhook, reason: string) =>
      assert.deepEqual(await verify(request), { result: 'refused', reason });
    await refused(raw(url, fields), 'missing');
    await refused(raw(url, { ...fields, MessageStatus: 'undelivered' }, known), 'mismatch');
    await refused(raw(url, { ...fields, More: '' }, known), 'mismatch');
    await refused(raw('https://op.example/sms/receipts/twilio?ref=m2', fields, known), 'mismatch');
    await refused(raw(url, fields, [known, known]), 'mismatch');
  });

  it('and names the same delivery the same, so that a replay is noticed (GWY-03)', async () => {
    const [one, again] = [await verify(raw(url, fields, known)), await verify(raw(url, fields, known))];
    assert.ok(one.result === 'ok' && one.replayKey);
    assert.deepEqual(one, again);
  });
});

describe('the Twilio gateway reads', () => {
  const receipt = (own: object) => ({ type: 'receipt', vendorId: SID, ...own });
  const status = (MessageStatus: string, more: Record<string, string> = {}) =>
    parse({ MessageSid: SID, MessageStatus, To: '+819012345678', ...more });

  it('every word for a message, each for itself: callbacks come in any order, and twice (GWY-04)', async () => {
    const expected: Record<string, object[]> = {
      queued: [receipt({ state: 'accepted' })],
      sending: [receipt({ state: 'accepted' })],
      sent: [receipt({ state: 'sent' })],
      delivered: [receipt({ state: 'delivered' })],
      undelivered: [receipt({ state: 'undelivered', class: 'unknown' })],
      failed: [receipt({ state: 'undelivered', class: 'unknown' })],
      canceled: [receipt({ state: 'undelivered', class: 'unknown' })],
      scheduled: [],
      constructor: [],
    };
    const words = Object.keys(expected);
    for (const word of [...words.toReversed(), ...words])
      assert.deepEqual(await status(word), expected[word]);
  });

  it('why a message did not arrive (D.3)', async () => {
    for (const [code, expected] of [
      ['30003', 'unreachable'],
      ['30005', 'number'],
      ['30006', 'number'],
      ['30007', 'blocked'],
      ['21610', 'opt-out'],
      ['30001', 'throttled'],
      ['30008', 'unknown'],
      ['99999', 'unknown'],
    ]) {
      const event = receipt({ state: 'undelivered', class: expected, code });
      assert.deepEqual(await status('undelivered', { ErrorCode: code! }), [event]);
    }
    assert.deepEqual(await status('failed', { ErrorCode: '30036' }), [
      receipt({ state: 'expired', code: '30036' }),
    ]);
    assert.deepEqual(await status('failed', { ErrorCode: 'x y' }), [
      receipt({ state: 'undelivered', class: 'unknown' }),
    ]);
  });

  it('the time of the carrier only where it makes sense as UTC', async () => {
    const at = async (RawDlrDoneDate: string) => {
      const [event] = await status('delivered', { RawDlrDoneDate });
      return event?.type === 'receipt' ? event.at : undefined;
    };
    assert.equal(await at('2607301204'), Date.UTC(2026, 6, 30, 12, 4));
    // A clock in Japan; one that is late; one from the day before; no time at all.
    for (const other of ['2607302104', '2607301145', '2607291204', '26073012', '9999999999', 'now'])
      assert.equal(await at(other), undefined);
  });

  it('every word for a call, and never that it was heard', async () => {
    const states = {
      initiated: undefined,
      queued: undefined,
      ringing: 'ringing',
      'in-progress': 'answered',
      completed: 'completed',
      busy: 'busy',
      'no-answer': 'no-answer',
      failed: 'failed',
      canceled: 'failed',
    };
    for (const [CallStatus, state] of Object.entries(states)) {
      const events = await parse({ CallSid: CALL, CallStatus, Timestamp: 'Thu, 30 Jul 2026 12:04:30 +0000' });
      const at = Date.UTC(2026, 6, 30, 12, 4, 30);
      assert.deepEqual(events, state ? [{ type: 'call', vendorId: CALL, state, at }] : []);
    }
  });

  it('what a person wrote, in the words of Twilio or those of an opt-out of its own', async () => {
    const keyword = async (fields: Record<string, string>) => {
      const [event] = await parse({
        MessageSid: SID,
        SmsStatus: 'received',
        From: '+819012345678',
        ...fields,
      });
      assert.ok(event?.type === 'inbound' && event.from === '+819012345678');
      return event.keyword;
    };
    for (const Body of ['STOP', ' stop. ', 'ＳＴＯＰ', 'Unsubscribe', 'END', '配信停止'])
      assert.equal(await keyword({ Body }), 'stop');
    for (const Body of ['START', 'unstop', 'yes']) assert.equal(await keyword({ Body }), 'start');
    for (const Body of ['HELP', 'please stop calling', '482913', ''])
      assert.equal(await keyword({ Body }), null);
    assert.equal(await keyword({ Body: '配信停止', OptOutType: 'STOP' }), 'stop');
    assert.equal(await keyword({ Body: '再開', OptOutType: 'START' }), 'start');
    assert.equal(await keyword({ Body: 'STOP', OptOutType: 'HELP' }), null);
  });

  it('no stop of a message whose fields came twice, as under a signature that somebody cut anew (attack 7)', async () => {
    const fields = new URLSearchParams({ MessageSid: SID, From: '+819012345678', Body: 'STOP' });
    const read = async (form: URLSearchParams) =>
      (await gateway.webhook!.parse({ ...raw('https://op.example/w', {}), body: Buffer.from(String(form)) }))
        .events;
    assert.equal((await read(fields)).length, 1);
    for (const [name, value] of [
      ['From', '+819087654321'],
      ['Body', 'STOP'],
      ['Body', 'hello'],
    ] as const) {
      const form = new URLSearchParams([...fields, [name, value]]);
      assert.deepEqual(await read(form), [], `${name} ${value}`);
    }
    const said = new URLSearchParams([...fields, ['OptOutType', 'STOP'], ['OptOutType', 'START']]);
    assert.deepEqual(await read(said), []);
  });

  it('and sends nothing back to the phone', async () => {
    const fields = { MessageSid: SID, SmsStatus: 'received', From: '+819012345678', Body: 'STOP' };
    const { reply } = await gateway.webhook!.parse(raw('https://op.example/w', fields));
    assert.equal(reply?.type, 'text/xml; charset=utf-8');
    assert.match(reply?.body ?? '', /<Response\/>$/);
  });

  it('nothing where there is nothing to read, and never throws', async () => {
    for (const fields of [{}, { MessageStatus: 'sent' }, { From: '+8190' }, { CallSid: CALL }]) {
      assert.deepEqual(await parse(fields as Record<string, string>), []);
    }
    const broken = raw('https://op.example/w', {});
    const bytes = { ...broken, body: Uint8Array.of(0xff, 0xfe, 0x00) };
    assert.deepEqual((await gateway.webhook!.parse(bytes)).events, []);
    assert.deepEqual((await gateway.webhook!.parse({ ...broken, headers: {} })).events, []);
  });
});
