import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { createHttpGateway } from '../../src/gateways/http.ts';
import type { Gateway } from '../../src/ports/gateway.ts';
import { startSimulator } from '../../src/simulator/simulator.ts';
import { createKaradenPushStandIn } from '../../src/simulator/vendors/karaden-push.ts';
import { numberWith } from '../support/simulated.ts';
import { context, ID, message, NOW, type Server, sent, startServer } from './http-server.ts';

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

const preset = (name: string, own: object): Gateway => {
  const gateway = createHttpGateway({ preset: name, baseUrl: server.url, insecure: true, ...own });
  open.push(gateway);
  return gateway;
};
const last = () => server.received.at(-1)!;

describe('the preset karaden-push', () => {
  const make = () => preset('karaden-push', { token: 'T', securityCode: 'S' });
  const answer = (body: object, status = 200) => {
    server.reply = { status, body: JSON.stringify(body) };
  };

  it('sends one text for each carrier, with our id and the day of the last proof', async () => {
    answer({ status: '100', messageId: 'm-1' });
    const provedAt = Date.UTC(2026, 9, 31, 15, 30);
    assert.deepEqual(await make().send(message({ provedAt }), context()), {
      ...{ outcome: 'accepted', vendorId: 'm-1' },
    });
    assert.equal(last().url.pathname, '/karadenqueue.json');
    const { text } = message();
    assert.deepEqual(Object.fromEntries(new URLSearchParams(last().body)), {
      ...{ Token: 'T', SecurityCode: 'S', To: '09012345678', TrackingCode: ID, PermitDate: '20261101' },
      ...{ DocomoMessage: text, SoftbankMessage: text, AuMessage: text, OptionMessage: text },
      ...{ ShorturlFlg: 'FALSE', format: 'json' },
    });
    await make().send(message(), context());
    assert.ok(!new URLSearchParams(last().body).has('PermitDate'), 'nothing is known of a proof');
  });

  it('has a class for each error of the vendor (D.3)', async () => {
    const gateway = make();
    for (const [status, expected] of Object.entries({
      ...{ 201: 'auth', 202: 'number', 203: 'blocked', 205: 'permanent', 206: 'permanent' },
      ...{ 209: 'permanent', 301: 'permanent', 999: 'temporary' },
    })) {
      answer({ status });
      assert.deepEqual(await gateway.send(message(), context()), {
        ...{ outcome: 'rejected', class: expected, code: status },
      });
    }
    for (const [http, expected] of [
      ...([
        [400, 'permanent'],
        [401, 'auth'],
        [402, 'quota'],
        [403, 'auth'],
        [404, 'permanent'],
      ] as const),
      ...([
        [405, 'permanent'],
        [500, 'temporary'],
      ] as const),
    ]) {
      server.reply = { status: http, body: '' };
      const { outcome, ...rest } = await gateway.send(message(), context());
      assert.deepEqual([outcome, rest], ['rejected', { class: expected, code: `http.${http}` }]);
    }
    answer({ status: '777' });
    assert.deepEqual(await gateway.send(message(), context()), { outcome: 'ambiguous', code: '777' });
    answer({ status: '100' });
    assert.equal((await gateway.send(message(), context())).outcome, 'ambiguous', 'taken, but without an id');
  });

  it('reads how a message got on out of both states', async () => {
    const gateway = make();
    for (const [messagestatus, resultstatus, expected] of [
      [0, 0, ['accepted']],
      [1, 0, ['sent']],
      [1, 1, ['delivered']],
      [1, 2, ['undelivered', 'unreachable']],
      [1, 3, ['undelivered', 'unknown']],
      [1, 99, ['unknown']],
      [2, 0, ['undelivered', 'unknown']],
      [3, 0, ['undelivered', 'recycled']],
      [9, 0, ['unknown']],
    ] as const) {
      answer({ status: '100', messagestatus: String(messagestatus), resultstatus, carrier: '3' });
      const [event] = await gateway.poll!(sent({ vendorId: 'm-1' }), context());
      assert.ok(event?.type === 'receipt');
      assert.deepEqual([event.state, ...(event.class ? [event.class] : [])], expected);
      assert.equal(event.carrier, 'au');
    }
    assert.deepEqual(Object.fromEntries(last().url.searchParams), {
      ...{ messageId: 'm-1', format: 'json', Token: 'T', SecurityCode: 'S' },
    });
  });

  it('asks by our id where the vendor gave none, over both days at midnight of Japan', async () => {
    answer({
      status: '100',
      maxrecord: '1',
      list: [{ messageId: 'm-9', messagestatus: 1, resultstatus: 1 }],
    });
    const sentAt = Date.UTC(2026, 10, 24, 14, 59);
    assert.deepEqual(await make().poll!(sent({ sentAt }), context()), [
      { type: 'receipt', state: 'delivered', id: ID, vendorId: 'm-9' },
    ]);
    const { searchParams, pathname } = last().url;
    assert.equal(pathname, '/karadeninquiry_tr.json');
    assert.deepEqual(
      ['TrackingCode', 'Startdate', 'Enddate'].map((name) => searchParams.get(name)),
      [ID, '202611240000', '202611252359'],
    );
  });

  it('hears that a number has another owner, which no other gateway may reach (recycled)', async () => {
    const standIn = createKaradenPushStandIn();
    const simulator = await startSimulator({ vendors: [standIn], virtualTime: true });
    const baseUrl = simulator.vendorUrl('karaden-push');
    const gateway = preset('karaden-push', { ...standIn.credentials, baseUrl });
    try {
      const outgoing = message({ to: numberWith('recycled'), provedAt: NOW - 86_400_000 });
      const outcome = await gateway.send(outgoing, context());
      assert.ok(outcome.outcome === 'accepted');
      await simulator.advance(60_000);
      const asked = sent({ to: outgoing.to, vendorId: outcome.vendorId!, sentAt: simulator.now() });
      const [event] = await gateway.poll!(asked, { ...context(), now: simulator.now() });
      assert.ok(event?.type === 'receipt');
      assert.deepEqual([event.state, event.class], ['undelivered', 'recycled']);
    } finally {
      await gateway.close!();
      await simulator.close();
    }
  });
});

describe('the preset kannel', () => {
  const make = (own = {}) => preset('kannel', { username: 'u', password: 'p&w', sender: '12345', ...own });
  const answer = (status: number, body: string) => {
    server.reply = { status, body };
  };

  it('says UCS-2 only where the text needs it, and encodes everything once', async () => {
    answer(202, '0: Accepted for delivery');
    const webhookUrl = 'https://op.example/sekisho%20a/hooks/kannel/tok/id';
    assert.deepEqual(await make().send(message({ text: 'かぎ %d &to=1 + 2', webhookUrl }), context()), {
      outcome: 'accepted',
    });
    const { searchParams, search, pathname } = last().url;
    assert.equal(pathname, '/cgi-bin/sendsms');
    assert.deepEqual(Object.fromEntries(searchParams), {
      ...{ from: '12345', to: '+819012345678', text: 'かぎ %d &to=1 + 2', charset: 'UTF-8', coding: '2' },
      ...{ validity: '5', 'dlr-mask': '31', username: 'u', password: 'p&w' },
      // Kannel reads %% as a percent sign, and fills in %d and %T.
      'dlr-url': 'https://op.example/sekisho%%20a/hooks/kannel/tok/id?status=%d&at=%T',
    });
    assert.ok(search.includes('status%3D%25d'), 'percent signs reach Kannel as such');
    await make().send(message({ text: 'key {1}' }), context());
    const fields = last().url.searchParams;
    assert.deepEqual(
      ['coding', 'dlr-mask', 'dlr-url'].map((name) => fields.has(name)),
      [false, false, false],
    );
  });

  it('knows what Kannel says', async () => {
    for (const [status, body, expected] of [
      [202, '0: Accepted for delivery', { outcome: 'accepted' }],
      [202, '3: Queued for later delivery\n', { outcome: 'accepted' }],
      [202, 'Sent.', { outcome: 'ambiguous', code: 'http.202' }],
      [
        503,
        'Temporal failure, try again later.',
        { outcome: 'rejected', class: 'temporary', code: 'http.503' },
      ],
      [403, 'Authorization failed for sendsms', { outcome: 'rejected', class: 'auth', code: 'http.403' }],
      [400, 'Missing receiver', { outcome: 'rejected', class: 'permanent', code: 'http.400' }],
      [404, 'Unknown request.', { outcome: 'rejected', class: 'permanent', code: 'http.404' }],
    ] as const) {
      answer(status, body);
      assert.deepEqual(await make().send(message(), context()), expected, body);
    }
  });
});

describe('the preset mediasms', () => {
  it('takes the code in the body for what it is, and a second one of the same id for the first', async () => {
    const gateway = preset('mediasms', { username: 'u', password: 'secret' });
    for (const [code, expected] of [
      ['200', 'accepted'],
      ['587', 'accepted'],
      ['624', 'accepted'],
      ['401', 'auth'],
      ['555', 'auth'],
      ['560', 'number'],
      ['597', 'throttled'],
      ['550', 'unknown'],
      ['585', 'permanent'],
      ['618', 'permanent'],
      ['<html>', 'ambiguous'],
    ]) {
      server.reply = { status: 200, body: `${code}\n` };
      const outcome = await gateway.send(message(), context());
      assert.equal(outcome.outcome === 'rejected' ? outcome.class : outcome.outcome, expected, code);
    }
    assert.deepEqual(Object.fromEntries(new URLSearchParams(last().body)), {
      ...{ mobilenumber: '09012345678', smstext: message().text, smsid: ID, status: '1' },
    });
    assert.match(String(last().headers['authorization']), /^Basic /);
  });
});
