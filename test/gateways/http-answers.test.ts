import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { inspect } from 'node:util';
import { createHttpGateway } from '../../src/gateways/http.ts';
import type { Gateway, SendOutcome } from '../../src/ports/gateway.ts';
import { context, ID, message, type Server, sent, startServer } from './http-server.ts';

describe('the answer to a send', () => {
  let server: Server;
  const open: Gateway[] = [];
  before(async () => {
    server = await startServer();
  });
  after(async () => {
    await Promise.all(open.map((gateway) => gateway.close!()));
    await server.close();
  });
  beforeEach(() => server.received.splice(0));
  const SEND = {
    url: '/send',
    fields: { to: '{{to}}', text: '{{text}}' },
    success: { path: 'result', equals: 'ok' },
    code: 'error.code',
    errors: [
      { when: { path: 'error.code', equals: 'E1' }, class: 'number' },
      { when: { path: 'error.code', equals: 'slow' }, class: 'throttled' },
      { when: { path: 'error.code', equals: 'again' }, class: 'accepted' },
      { when: { path: 'error.code', equals: 'perhaps' }, class: 'ambiguous' },
    ],
  };
  const make = (settings: object): Gateway => {
    const gateway = createHttpGateway({ baseUrl: server.url, insecure: true, ...settings });
    open.push(gateway);
    return gateway;
  };
  const outcome = async (
    status: number,
    body: unknown,
    own: object = {},
    headers: Record<string, string> = {},
  ): Promise<SendOutcome> => {
    server.reply = { status, headers, body: typeof body === 'string' ? body : JSON.stringify(body) };
    return make({ send: { ...SEND, ...own } }).send(message(), context());
  };

  it('is a success only where the predicate says so, whatever the status (D.2, rule 2)', async () => {
    assert.deepEqual(await outcome(200, { result: 'ok' }), { outcome: 'accepted' });
    assert.deepEqual(await outcome(200, { result: 'no' }), { outcome: 'ambiguous', code: 'http.200' });
    assert.deepEqual(await outcome(204, ''), { outcome: 'ambiguous', code: 'http.204' });
    assert.deepEqual(await outcome(302, '', {}, { location: 'https://elsewhere.example' }), {
      ...{ outcome: 'ambiguous', code: 'http.302' },
    });
    assert.equal(server.received.length, 4, 'and no redirect is followed (GWY-01)');
  });

  it('is a listed error, with its class and the code of the vendor', async () => {
    assert.deepEqual(await outcome(200, { error: { code: 'E1' } }), {
      ...{ outcome: 'rejected', class: 'number', code: 'E1' },
    });
    assert.deepEqual(await outcome(400, { error: { code: 'again' } }), { outcome: 'accepted' });
    assert.deepEqual(await outcome(500, { error: { code: 'perhaps' } }), {
      ...{ outcome: 'ambiguous', code: 'perhaps' },
    });
  });

  it('is otherwise what HTTP says, with the code of the vendor', async () => {
    for (const [status, expected] of [
      [401, 'auth'],
      [402, 'quota'],
      [403, 'auth'],
      [404, 'permanent'],
      [422, 'permanent'],
      [429, 'throttled'],
      [500, 'temporary'],
      [503, 'temporary'],
      [502, undefined],
    ] as const) {
      const found = await outcome(status, { error: { code: 'E9' } });
      assert.equal(found.outcome, expected ? 'rejected' : 'ambiguous', String(status));
      assert.equal(found.outcome === 'rejected' ? found.class : undefined, expected);
      assert.equal('code' in found && found.code, 'E9');
      assert.deepEqual({ ...(await outcome(status, '<html>')), code: '' }, { ...found, code: '' });
    }
  });

  it('may give a 2xx that is no success a meaning of its own', async () => {
    assert.deepEqual(await outcome(200, {}, { unlisted: 'temporary' }), {
      ...{ outcome: 'rejected', class: 'temporary', code: 'http.200' },
    });
    const failed = await outcome(404, {}, { unlisted: 'temporary' });
    assert.equal(failed.outcome === 'rejected' && failed.class, 'permanent', 'no 2xx');
  });

  it('is ambiguous where half of it is missing (GWY-02)', async () => {
    const own = { success: { status: 202 }, vendorId: 'messages[0].id' };
    assert.deepEqual(await outcome(202, { messages: [{ id: 'v-1' }] }, own), {
      ...{ outcome: 'accepted', vendorId: 'v-1' },
    });
    for (const body of [
      {},
      { messages: [] },
      { messages: [{ id: null }] },
      { messages: [{ id: 'a b\n' }] },
      '',
    ]) {
      assert.deepEqual(await outcome(202, body, own), { outcome: 'ambiguous', code: 'no_vendor_id' });
    }
    assert.deepEqual(await outcome(202, '{"messages":[{"id":"v-', own), {
      ...{ outcome: 'ambiguous', code: 'unreadable' },
    });
    assert.deepEqual(await outcome(202, '{"messages":[{"id":"v-', { success: { status: 202 } }), {
      ...{ outcome: 'ambiguous', code: 'unreadable' },
    });
  });

  it('says when to come again, by header or by body', async () => {
    const slow = { error: { code: 'slow' }, wait: 3 };
    assert.deepEqual(await outcome(200, slow, {}, { 'retry-after': '7' }), {
      ...{ outcome: 'rejected', class: 'throttled', code: 'slow', retryAfter: 7000 },
    });
    assert.deepEqual(await outcome(200, slow, { retryAfter: 'wait' }, { 'retry-after': '7' }), {
      ...{ outcome: 'rejected', class: 'throttled', code: 'slow', retryAfter: 3000 },
    });
    assert.deepEqual(await outcome(200, { ...slow, wait: 'soon' }, { retryAfter: 'wait' }), {
      ...{ outcome: 'rejected', class: 'throttled', code: 'slow' },
    });
  });

  it('is read from words and from XML', async () => {
    const words = {
      response: 'text',
      success: { path: 'lines[0]', startsWith: 'OK' },
      vendorId: 'cells[0][1]',
    };
    assert.deepEqual(await outcome(200, 'OK: 4711\r\nmore', words), {
      outcome: 'accepted',
      vendorId: '4711',
    });
    const xml = { response: 'xml', success: { path: 'Reply.@code', equals: 0 }, vendorId: 'Reply.Id' };
    assert.deepEqual(await outcome(200, '<Reply code="0"><Id>x-1</Id></Reply>', xml), {
      ...{ outcome: 'accepted', vendorId: 'x-1' },
    });
    assert.deepEqual(await outcome(200, '<!DOCTYPE Reply><Reply code="0"><Id>x-1</Id></Reply>', xml), {
      ...{ outcome: 'ambiguous', code: 'unreadable' },
    });
  });

  it('quotes neither number nor text nor secret, even where the settings point at them (LOG-02)', async () => {
    const secret = 'canary-secret-token';
    const said: unknown[] = [];
    for (const status of [200, 400, 500]) {
      for (const echo of ['+819012345678', '09012345678', '090-1234-5678', 'code 482913', message().text]) {
        server.reply = { status, body: JSON.stringify({ error: { code: echo } }) };
        const auth = [{ type: 'bearer', token: secret }];
        said.push(await make({ auth, send: SEND }).send(message(), context()));
      }
    }
    for (const canary of ['12345678', '482913', secret]) assert.ok(!inspect(said).includes(canary), canary);
    assert.equal(server.received.length, 15);
    assert.equal(server.received[0]!.headers['authorization'], `Bearer ${secret}`);
  });

  it('is not waited for where nothing can be sent: nothing leaves (GWY-07)', async () => {
    const national = make({ send: SEND, number: 'national', countries: ['JP'] });
    for (const [gateway, own, code] of [
      [national, { to: '+12133734253' }, 'country'],
      [make({ send: SEND }), { channel: 'voice' }, 'channel'],
      [make({ send: { ...SEND, fields: { code: '{{digits}}' } } }), { text: 'よん' }, 'no_digits'],
      [
        make({ send: { ...SEND, encoding: 'xml', fields: { m: '{{text}}' } } }),
        { text: '\u0000' },
        'xml_character',
      ],
    ] as const) {
      assert.deepEqual(await gateway.send(message(own as object), context()), {
        ...{ outcome: 'rejected', class: 'permanent', code },
      });
    }
    assert.equal(server.received.length, 0);
  });

  it('of a poll counts only for the message that was asked about', async () => {
    const rules = [{ when: { path: 'state', equals: 'done' }, state: 'delivered' }];
    const list = { by: 'id', url: '/list?ref={{id}}', encoding: 'query', items: 'list' };
    const gateway = make({ send: SEND, poll: [{ ...list, map: { id: 'ref', vendorId: 'vid', rules } }] });
    const ask = (body: unknown) => {
      server.reply = { status: 200, body: JSON.stringify(body) };
      return gateway.poll!(sent({ vendorId: 'v1' }), context());
    };
    const done = [{ type: 'receipt', state: 'delivered', id: ID, vendorId: 'v1' }];
    assert.deepEqual(
      await ask({
        list: [
          { ref: 'Abcdefghijklmnopqrst-_', state: 'done' },
          { ref: ID, vid: 'v1', state: 'done' },
        ],
      }),
      done,
    );
    assert.deepEqual(await ask({ list: [{ ref: 'Abcdefghijklmnopqrst-_', state: 'done' }] }), []);
    assert.deepEqual(await ask({ list: [{ vid: 'v2', state: 'done' }] }), []);
    assert.deepEqual(await ask({ list: [{ state: 'done' }, { state: 'done' }] }), []);
    assert.deepEqual(await ask({ list: [{ ref: ID, state: 'new' }] }), []);
    assert.deepEqual(await ask('{"list":'), []);
    server.reply = { status: 500, body: JSON.stringify({ list: [{ ref: ID, state: 'done' }] }) };
    assert.deepEqual(await gateway.poll!(sent(), context()), []);
    assert.equal(server.received[0]!.url.search, `?ref=${ID}`);
  });
});
