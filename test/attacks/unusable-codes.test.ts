import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, it } from 'node:test';
import fc from 'fast-check';
import { type Page, Visitor } from '../support/browser-client.ts';
import { onEveryStore } from '../support/every-store.ts';
import {
  arrive,
  bindPhone,
  FREE_SENDS,
  givePassword,
  type Host,
  PHONES,
  startHost,
} from '../support/host.ts';
import { MINUTE, SECOND, stopTime } from '../support/time.ts';
import { wrongCodes } from './setting.ts';

const time = stopTime();

onEveryStore('a code that can never be entered (B.3)', ({ open }) => {
  let host: Host;
  beforeEach(async () => {
    host = await startHost({ store: await open(), options: { sends: FREE_SENDS } });
    await bindPhone(host, new Visitor(), 'alice', PHONES.alice);
  });
  afterEach(() => host.close());

  const signIn = () => givePassword(host, new Visitor({ 'accept-language': 'en' }), 'alice');
  const sent = () => host.inbox.messages.length;
  /** Wrong codes, each in a sign-in of its own and as soon as one is looked at. */
  async function enterWrong(count: number): Promise<void> {
    for (let at = 0; at < count; at += 1) {
      time.advance(await untilEntry());
      const { page } = await signIn();
      await page.submit('code', { code: wrongCodes(host.inbox.lastCode(), 1)[0]! });
    }
  }
  const untilEntry = async () => {
    const { waitsUntil } = await host.sekisho.describeAccount('alice');
    return waitsUntil === null ? 0 : waitsUntil - Date.now();
  };

  it('is not sent: the page says until when, and sends it afterwards', async () => {
    await enterWrong(7);
    const before = sent();
    assert.equal(await untilEntry(), 480 * SECOND);
    const { page, request } = await signIn();
    assert.equal(sent(), before, 'nothing was paid for');
    assert.match(page.text(), /no other code is sent before \d{1,2}:\d\d [AP]M UTC\. .*sent again in 8 min/);
    const pressed = await page.submit('send', { channel: 'sms' });
    assert.deepEqual([pressed.status, sent()], [429, before]);
    assert.match(pressed.text(), /wait 8 min/);
    const refused = host.events.filter(({ type }) => type === 'send.refused').at(-1);
    assert.ok(refused && 'limit' in refused && refused.limit === 'failures');
    assert.deepEqual(
      [refused.account !== undefined, refused.client, typeof refused.flow],
      [true, 'app', 'string'],
    );
    time.advance(await untilEntry());
    const code = await (await page.visitor.open(page.url)).submit('send', { channel: 'sms' });
    await host.sekisho.idle();
    assert.equal(sent(), before + 1);
    const right = await code.submit('code', { code: host.inbox.lastCode() });
    assert.ok((await arrive(host, request, right)).claims);
  });

  it('is told with one wait, the longer one, where the last send was a moment ago too', async () => {
    const other = await startHost({ options: { sends: { ...FREE_SENDS, cooldown: [30] } } });
    try {
      await bindPhone(other, new Visitor(), 'alice', PHONES.alice);
      const { readTally } = other.store;
      other.store.readTally = async (...asked) => ({
        ...(await readTally.apply(other.store, asked)),
        ...{ failures: 7, notBefore: Date.now() + 480 * SECOND },
      });
      const { page } = await givePassword(other, new Visitor({ 'accept-language': 'en' }), 'alice');
      const pressed = await page.submit('send', { channel: 'sms' });
      assert.equal(pressed.status, 429);
      assert.match(pressed.text(), /wait 8 min/);
      assert.doesNotMatch(pressed.text(), /Wait \d+ seconds/);
    } finally {
      await other.close();
    }
  });

  it('is not sent again either, and uses up no limit meanwhile', async () => {
    await enterWrong(6);
    time.advance(await untilEntry());
    const { page } = await signIn();
    const before = sent();
    await page.submit('code', { code: wrongCodes(host.inbox.lastCode(), 1)[0]! });
    for (let at = 0; at < 20; at += 1) {
      const again: Page = await (await page.visitor.open(page.url)).submit('send', { channel: 'sms' });
      assert.equal(again.status, 429);
    }
    assert.equal(sent(), before);
    time.advance(await untilEntry());
    await (await page.visitor.open(page.url)).submit('send', { channel: 'sms' });
    await host.sekisho.idle();
    assert.equal(sent(), before + 1);
  });
});

onEveryStore('every code that is sent (B.3)', ({ open }) => {
  type Step = 'sign in' | 'wrong' | 'again' | number;
  const step: fc.Arbitrary<Step> = fc.oneof(
    fc.constantFrom<Step>('sign in', 'wrong', 'wrong', 'wrong', 'again'),
    fc.integer({ min: 1, max: 10 * MINUTE }),
  );

  let host: Host;
  before(async () => {
    host = await startHost({ store: await open(), options: { sends: FREE_SENDS, accountsPerNumber: 100 } });
  });
  after(() => host.close());

  const signIn = async (account: string) => (await givePassword(host, new Visitor(), account)).page;
  async function take(one: Step, page: Page, account: string): Promise<Page> {
    if (typeof one === 'number') time.advance(one);
    if (one === 'sign in' || !page.form('send')) return signIn(account);
    if (one === 'again') return page.submit('send', { channel: 'sms' });
    if (one !== 'wrong' || !page.form('code')) return page;
    return page.submit('code', { code: wrongCodes(host.inbox.lastCode(), 1)[0]! });
  }

  it('can be entered before it ends, whatever was entered, sent and waited before', async () => {
    let people = 0;
    const property = fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 25 }), async (steps) => {
      people += 1;
      const account = `person${people}`;
      await bindPhone(host, new Visitor(), account, PHONES.alice);
      let page = await signIn(account);
      for (const one of steps) {
        const sent = host.inbox.messages.length;
        page = await take(one, page, account);
        await host.sekisho.idle();
        const { waitsUntil } = await host.sekisho.describeAccount(account);
        for (const { expiresAt } of host.inbox.messages.slice(sent))
          assert.ok(
            waitsUntil === null || waitsUntil < expiresAt,
            `${waitsUntil} is not before ${expiresAt}`,
          );
      }
    });
    await fc.assert(property, { numRuns: 25 });
  });
});
