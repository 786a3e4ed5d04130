import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { Visitor } from '../support/browser-client.ts';
import { SECOND, stopTime } from '../support/time.ts';
import { hold } from '../support/vendor.ts';
import { newsOn, startWaiting, type Waiting } from '../support/waiting.ts';

const time = stopTime();

/** What a process leaves that dies during a send: a message on record that nobody says anything more about. */
describe('a send whose process died (fault H.11)', () => {
  let waiting: Waiting | undefined;
  let release: () => void = () => {};
  afterEach(async () => {
    release();
    await waiting?.host.close();
  });
  const look = async () => newsOn(await waiting!.visitor.open(waiting!.here)).state;

  async function start(idempotent: boolean): Promise<void> {
    waiting = await startWaiting({ fallback: { undelivered: [] } }, { idempotent });
    const held = hold(waiting.vendor);
    release = () => held.answer({ outcome: 'accepted' });
    await waiting.page.submit('send', { channel: 'sms' });
    await held.asked;
  }

  it('is said to be open as soon as it has taken as long as a send can take', async () => {
    await start(false);
    time.advance(8 * SECOND);
    assert.equal(await look(), 'sending');
    time.advance(2 * SECOND);
    assert.equal(await look(), 'ambiguous');
  });

  it('has twice that time where it may be tried once more', async () => {
    await start(true);
    time.advance(16 * SECOND);
    assert.equal(await look(), 'sending');
    time.advance(3 * SECOND);
    assert.equal(await look(), 'ambiguous');
  });

  it('is said to be open where it never came to its turn at a gateway', async () => {
    waiting = await startWaiting({ fallback: { undelivered: [] }, concurrency: { vendor: 1 } });
    const held = hold(waiting.vendor);
    release = () => held.answer({ outcome: 'accepted' });
    await waiting.page.submit('send', { channel: 'sms' });
    await held.asked;
    const visitor = new Visitor({ 'accept-language': 'en' });
    const request = await waiting.host.request();
    const login = await visitor.open(request.url);
    const page = await login.submit('login', { account: 'alice', password: 'right' });
    const state = async () => newsOn(await visitor.open(page.url.split('?')[0]!)).state;
    assert.equal(await state(), 'sending');
    time.advance(12 * SECOND);
    assert.equal(await state(), 'ambiguous');
  });
});
