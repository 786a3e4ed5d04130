import assert from 'node:assert/strict';
import { afterEach, beforeEach, it } from 'node:test';
import { Visitor } from '../support/browser-client.ts';
import { onEveryStore } from '../support/every-store.ts';
import {
  arrive,
  bindPhone,
  enterCode,
  FREE_SENDS,
  givePassword,
  type Host,
  PHONES,
  startHost,
} from '../support/host.ts';
import { MINUTE, SECOND, stopTime } from '../support/time.ts';
import { createVendor, receipt, tell, type Vendor } from '../support/vendor.ts';

const time = stopTime();

onEveryStore('attack 7: forged delivery receipts', ({ open }) => {
  let host: Host;
  let vendor: Vendor;
  let other: Vendor;
  let page: Awaited<ReturnType<typeof givePassword>>['page'];
  let request: Awaited<ReturnType<typeof givePassword>>['request'];
  let url: string;

  beforeEach(async () => {
    [vendor, other] = [createVendor('vendor'), createVendor('other')];
    const options = { gateway: undefined, gateways: [vendor, other], sends: FREE_SENDS };
    host = await startHost({ store: await open(), options, inbox: vendor });
    await bindPhone(host, new Visitor(), 'alice', PHONES.alice);
    ({ page, request } = await givePassword(host, new Visitor(), 'alice'));
    url = vendor.messages.at(-1)!.webhookUrl!;
  });
  afterEach(() => host.close());

  const state = async () => /data-state="([\w-]+)"/.exec((await page.visitor.open(page.url)).html)?.[1];
  const refusals = () =>
    host.events.flatMap((event) =>
      event.type === 'webhook.refused' ? [`${event.gateway} ${event.reason}`] : [],
    );

  it('a genuine one moves the message on, so that the rest of these tests mean something', async () => {
    assert.equal((await tell(host, vendor, receipt('delivered'))).status, 200);
    assert.equal(await state(), 'delivered');
  });

  it('a flood of them does not fill the log, and how many there were is told (LOG-01)', async () => {
    const forge = async (times: number, sign: string | null = 'wrong') => {
      for (let at = 0; at < times; at += 1)
        assert.equal((await tell(host, vendor, receipt('delivered'), { sign })).status, 401);
    };
    const omitted = () =>
      host.events.flatMap((event) => (event.type === 'webhook.refused' ? [event.omitted ?? 0] : []));
    await forge(25);
    assert.deepEqual(omitted(), Array(10).fill(0));
    await forge(1, null);
    assert.equal(omitted().length, 11, 'another reason counts apart');
    time.advance(MINUTE);
    await forge(2);
    assert.deepEqual(omitted().slice(11), [15, 0]);
  });

  it('without a signature, or with a wrong one, changes nothing and is told to the operator (GWY-03)', async () => {
    assert.equal((await tell(host, vendor, receipt('delivered'), { sign: null })).status, 401);
    assert.equal((await tell(host, vendor, receipt('delivered'), { sign: 'wrong' })).status, 401);
    assert.equal(await state(), 'accepted');
    assert.deepEqual(refusals(), ['vendor missing', 'vendor mismatch']);
  });

  it('cannot be made with what the log holds: the id of a message opens no address without its token (LOG-02, GWY-03)', async () => {
    const known = host.events.flatMap((event) => (event.type === 'delivery.finished' ? [event.message] : []));
    const id = known.at(-1)!;
    const [base, , token, last] = /^(.*\/hooks)\/([^/]+)\/([^/]+)\/([^/]+)$/.exec(url)!.slice(1);
    assert.equal(last, id, 'it is the id that stands in the address');
    assert.ok(![...host.logged, JSON.stringify(host.events)].some((line) => line.includes(token!)));
    for (const address of [
      `${base}/vendor/${id}`,
      `${base}/vendor/${id}/${id}`,
      `${base}/vendor/${id}/${id}/answer?s=${id}`,
    ])
      assert.equal((await tell(host, vendor, receipt('delivered'), { url: address })).status, 404);
    assert.equal(await state(), 'accepted');
  });

  it('to an address that is not ours is answered alike, whatever is wrong with it (GWY-04)', async () => {
    const [base, gateway, token, id] = /^(.*\/hooks)\/([^/]+)\/([^/]+)\/([^/]+)$/.exec(url)!.slice(1);
    const flipped = `${token!.slice(0, -1)}${token!.endsWith('A') ? 'B' : 'A'}`;
    const unknown = 'A'.repeat(22);
    const wrong = [
      `${base}/${gateway}/${flipped}/${id}`,
      `${base}/${gateway}/${token}/${unknown}`,
      `${base}/${gateway}/${token}`,
      `${base}/other/${token}/${id}`,
      `${base}/nobody/${token}/${id}`,
      `${base}/${gateway}/${flipped}/${unknown}`,
      `${base}/${gateway}/${token}/${id}/answer/more`,
      `${base}/${gateway}//${id}`,
      `${base}/__proto__/${token}/${id}`,
      `${base}`,
    ];
    const answers = await Promise.all(
      wrong.map(async (address) => {
        const response = await tell(host, vendor, receipt('delivered'), { url: address });
        return `${response.status} ${await response.text()} ${response.headers.get('content-type')}`;
      }),
    );
    assert.deepEqual(new Set(answers), new Set(['404  null']));
    assert.equal(await state(), 'accepted');
    assert.ok(!host.logged.join('').includes(token!), 'no token in a log');
    assert.equal(vendor.heard.length, 0, 'nothing of it was even looked at');
  });

  it('about a message of another sign-in, at the address of this one, says nothing', async () => {
    const mine = url;
    await bindPhone(host, new Visitor(), 'bob', PHONES.bob);
    const stranger = vendor.messages.at(-1)!;
    const events = [{ type: 'receipt', state: 'delivered', id: stranger.id }];
    assert.equal((await tell(host, vendor, events, { url: mine })).status, 200);
    assert.equal(await state(), 'accepted');
  });

  it('of one gateway about a message that another one carried says nothing', async () => {
    const events = [{ type: 'receipt', state: 'sent', id: vendor.messages.at(-1)!.id }];
    const address = host.sekisho.webhookUrl('other');
    assert.equal((await tell(host, other, events, { url: address })).status, 200);
    assert.equal(await state(), 'accepted');
    assert.equal((await tell(host, vendor, events, { url: host.sekisho.webhookUrl('vendor') })).status, 200);
    assert.equal(await state(), 'sent', 'the one that carried it may say so');
  });

  it('that comes again under the same key is not looked at again, for an hour', async () => {
    const headers = { 'x-replay': 'event-1' };
    await tell(host, vendor, receipt('sent'), { headers });
    const before = host.events.length;
    const again = await tell(host, vendor, receipt('delivered'), { headers });
    assert.equal(again.status, 200);
    assert.equal(await state(), 'sent');
    assert.equal(host.events.length, before);
    time.advance(3601 * SECOND);
    await tell(host, vendor, receipt('delivered'), { headers });
    const receipts = host.events.filter(({ type }) => type === 'delivery.receipt');
    assert.equal(receipts.length, 2);
  });

  it('with the key of another message is another delivery: a body that names no message may be signed alike', async () => {
    const headers = { 'x-replay': 'the same body' };
    await tell(host, vendor, receipt('sent'), { headers });
    await bindPhone(host, new Visitor(), 'bob', PHONES.bob);
    await tell(host, vendor, receipt('sent'), { headers });
    assert.equal(host.events.filter(({ type }) => type === 'delivery.receipt').length, 2);
  });

  it('that goes back from delivered changes nothing, and neither does the same one again', async () => {
    for (const told of ['delivered', 'queued', 'sent', 'accepted', 'undelivered', 'delivered', 'expired'])
      await tell(host, vendor, receipt(told));
    assert.equal(await state(), 'delivered');
    const told = host.events.flatMap((event) => (event.type === 'delivery.receipt' ? [event.state] : []));
    assert.deepEqual(told, ['delivered']);
  });

  it('never verifies, gives no try back and ends no wait, whatever it claims (DESIGN 4, GWY-04)', async () => {
    const code = host.inbox.lastCode();
    const wrong = String((Number(code) + 1) % 1_000_000).padStart(6, '0');
    for (let at = 0; at < 2; at += 1) await page.submit('code', { code: wrong });
    const claims = { status: 'verified', verified: true, code, tries: 0, result: 'verified', consumed: true };
    for (const told of ['delivered', 'undelivered'])
      await tell(host, vendor, [
        { type: 'receipt', state: told, ...claims },
        { type: 'verified', ...claims },
      ]);
    await host.sekisho.idle();
    const shown = await page.visitor.open(page.url);
    assert.ok(shown.form('code') || shown.form('send'), 'the code is still awaited');
    const third = await page.submit('code', { code: wrong });
    assert.match(third.text(), /Tries left: 2\b/);
    time.advance(31 * SECOND);
    const { claims: proved } = await arrive(host, request, await enterCode(host, page));
    assert.ok(proved, 'and the right one still works');
  });

  it('in a body that is too large, broken, empty or no list is refused or says nothing, and nothing falls over', async () => {
    const large = await tell(host, vendor, `[${' '.repeat(1024 * 1024)}]`);
    assert.equal(large.status, 413);
    const bodies = ['', '{', 'null', '[null]', '[1]', '{"type":"receipt"}', '[{"type":"receipt"}]', '"x"'];
    for (const body of bodies) assert.equal((await tell(host, vendor, body)).status, 200, body);
    const deep = await tell(host, vendor, '['.repeat(5000));
    assert.equal(deep.status, 200);
    const many = Array.from({ length: 2000 }, () => receipt('sent')[0]);
    assert.equal((await tell(host, vendor, many)).status, 200);
    assert.equal(await state(), 'sent');
    assert.deepEqual(
      host.events.filter(({ type }) => type === 'fault'),
      [],
    );
  });

  it('that we cannot check just now is to come again: 5xx, since vendors give up after a 4xx', async () => {
    assert.equal((await tell(host, vendor, receipt('delivered'), { sign: 'out of order' })).status, 503);
    assert.equal(await state(), 'accepted');
  });

  it('with other methods or compressed bodies is refused', async () => {
    const address = url.replace(host.issuer, host.address);
    for (const method of ['PUT', 'DELETE', 'PATCH'])
      assert.equal((await fetch(address, { method, headers: { 'x-sign': 'right' } })).status, 405);
    const headers = { 'content-encoding': 'gzip' };
    assert.equal((await tell(host, vendor, receipt('delivered'), { headers })).status, 400);
    assert.equal(await state(), 'accepted');
  });

  it('is checked against the address that vendors were given, whatever Host a request names', async () => {
    await fetch(`${url.replace(host.issuer, host.address)}?x=1`, {
      method: 'POST',
      headers: { 'x-sign': 'right', 'x-forwarded-host': 'evil.example', 'x-twice': 'a' },
      body: JSON.stringify(receipt('sent')),
    });
    const [heard] = vendor.heard;
    assert.equal(heard!.url.href, `${url}?x=1`);
  });
});
