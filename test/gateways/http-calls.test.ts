import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { createHttpGateway } from '../../src/gateways/http.ts';
import type { CallScript, Gateway } from '../../src/ports/gateway.ts';
import { context, FORM, message, request, type Server, startServer } from './http-server.ts';

const ASKED = 'https://op.example/sekisho/hooks/v/token/id/answer?s=sealed_-x';
const SCRIPT: CallScript = { text: 'four, eight: 482913', locale: 'ja-JP', farewell: 'Goodbye & "thanks"' };
const CALL = { invitation: 'This is <Bank>. Press any key.', farewell: SCRIPT.farewell, answerUrl: ASKED };

/** A vendor that is told at once what to say first, and asks for the rest after a key press. */
const VOICE = {
  channels: ['voice'],
  callGuard: 'key-press',
  send: {
    url: '/call',
    fields: {
      to: '{{to}}',
      first: '{{invitation}}',
      last: '{{farewell}}',
      answer_url: '{{answerUrl}}',
      language: '{{language}}',
    },
    success: { status: 201 },
    vendorId: 'id',
  },
  webhook: {
    payload: 'any',
    map: {
      vendorId: 'id',
      rules: [
        { when: { path: 'state', equals: 'over' }, call: ['answered', 'completed'] },
        { when: { path: 'state', equals: 'machine' }, call: 'machine' },
      ],
    },
    answer: {
      pressed: { path: 'Digits', exists: true },
      read: { Response: { Speak: { '@language': '{{locale}}', '#text': '{{text}}' } } },
      otherwise: {
        Response: {
          GetDigits: { '@action': '{{answerUrl}}', '@numDigits': '1', Speak: 'Press a key' },
          Speak: '{{farewell}}',
        },
      },
    },
  },
};

describe('a call', () => {
  let server: Server;
  let gateway: Gateway;
  before(async () => {
    server = await startServer();
    server.reply = { status: 201, body: '{"id":"c-1"}' };
    gateway = createHttpGateway({ ...VOICE, baseUrl: server.url, insecure: true });
  });
  after(async () => {
    await gateway.close!();
    await server.close();
  });
  const answer = async (body: string, own = {}, script = SCRIPT) => {
    const asked = request(body, { url: new URL(ASKED), headers: FORM, ...own });
    return gateway.webhook!.answer!(asked, script);
  };

  it('takes no code with it where the vendor asks for it later (lesson 25)', async () => {
    const outgoing = message({ channel: 'voice', text: SCRIPT.text, call: CALL });
    assert.deepEqual(await gateway.send(outgoing, context()), { outcome: 'accepted', vendorId: 'c-1' });
    const { body } = server.received.at(-1)!;
    assert.deepEqual(JSON.parse(body), {
      ...{
        to: '+819012345678',
        first: CALL.invitation,
        last: CALL.farewell,
        answer_url: ASKED,
        language: 'ja',
      },
    });
    assert.ok(!body.includes('482913'));
  });

  it('is not made where the vendor could not ask (lesson 25)', async () => {
    const before = server.received.length;
    for (const call of [undefined, { invitation: 'a', farewell: 'b' }]) {
      assert.deepEqual(await gateway.send(message({ channel: 'voice', call }), context()), {
        ...{ outcome: 'rejected', class: 'permanent', code: 'no_answer_url' },
      });
    }
    assert.equal(server.received.length, before);
  });

  it('says the code after a key press, as text whatever it looks like (attack 13, GWY-08)', async () => {
    for (const text of [SCRIPT.text, '"</Speak><Dial>+19005550100</Dial> {{farewell}} &amp; 482913']) {
      const { pressed, reply } = await answer('Digits=5&CallUUID=c-1', {}, { ...SCRIPT, text });
      assert.equal(pressed, true);
      assert.equal(reply.type, 'application/xml; charset=utf-8');
      assert.ok(!reply.body!.includes('<Dial>'));
      const [, said] = /<Speak language="ja-JP">(.*)<\/Speak><\/Response>$/.exec(reply.body!)!;
      assert.equal(
        said!
          .replaceAll('&lt;', '<')
          .replaceAll('&gt;', '>')
          .replaceAll('&quot;', '"')
          .replaceAll('&amp;', '&'),
        text,
      );
    }
  });

  it('says no code before, and asks at the address that was asked (lesson 25)', async () => {
    for (const [body, own] of [
      ['', {}],
      ['Digits=', {}],
      ['digits=5', {}],
      ['[[[', { headers: {} }],
      ['', { method: 'GET', headers: {} }],
    ] as const) {
      const { pressed, reply } = await answer(body, own);
      assert.equal(pressed, false, body);
      assert.ok(!reply.body!.includes('482913'));
      assert.ok(reply.body!.includes(`action="${ASKED}"`), reply.body);
      assert.ok(reply.body!.includes('Goodbye &amp; &quot;thanks&quot;'));
    }
    const url = new URL(`${ASKED}&CallStatus=ringing`);
    const { reply } = await answer('', { method: 'GET', headers: {}, url });
    assert.ok(reply.body!.includes(`action="${ASKED}"`), 'without what the vendor appended');
  });

  it('is not answered to whoever has the address: that stops the start (GWY-03)', async () => {
    const found = (webhook: object) => {
      const own = { ...VOICE, baseUrl: 'https://vendor.example', webhook: { ...VOICE.webhook, ...webhook } };
      const made = createHttpGateway(own);
      return made.findings!({ production: true }).map(({ severity, fix }) => [
        severity,
        /webhook\.verify/.test(fix),
      ]);
    };
    assert.deepEqual(found({}), [['fatal', true]]);
    assert.deepEqual(found({ verify: [{ scheme: 'url-secret' }] }), [['fatal', true]]);
    assert.deepEqual(found({ verify: [{ scheme: 'header', name: 'x-key', values: 'k'.repeat(24) }] }), []);
    assert.deepEqual(found({ answer: undefined }), [], 'a receipt can be polled for');
  });

  it('is told of in the states of the port, several at once where the vendor tells only the end', async () => {
    const told = async (state: string) =>
      (await gateway.webhook!.parse(request(JSON.stringify({ id: 'c-1', state })))).events;
    const event = (state: string) => ({ type: 'call', state, vendorId: 'c-1', unproved: true });
    assert.deepEqual(await told('over'), [event('answered'), event('completed')]);
    assert.deepEqual(await told('machine'), [event('machine')]);
    assert.deepEqual(await told('heard'), []);
  });

  it('of a vendor with another address goes there, and an SMS does not', async () => {
    const send = { url: '/sms', fields: { to: '{{to}}' }, success: { status: 201 } };
    const both = createHttpGateway({
      ...{ baseUrl: `${server.url}/api/`, insecure: true, channels: ['sms', 'voice'], callGuard: 'none' },
      ...{ send, voice: { ...send, url: '/calls' } },
    });
    await both.send(message(), context());
    await both.send(message({ channel: 'voice' }), context());
    assert.deepEqual(
      server.received.slice(-2).map(({ url }) => url.pathname),
      ['/api/sms', '/api/calls'],
    );
    await both.close!();
  });
});
