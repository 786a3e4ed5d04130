import assert from 'node:assert/strict';
import { afterEach, beforeEach, it } from 'node:test';
import { Visitor } from '../support/browser-client.ts';
import { onEveryStore } from '../support/every-store.ts';
import { bindPhone, FREE_SENDS, type Host, PHONES, startHost } from '../support/host.ts';
import { copyOf, isSkipped } from '../support/skipped.ts';
import { MINUTE, stopTime } from '../support/time.ts';

const time = stopTime();

onEveryStore('a known browser (lesson 15)', ({ open }) => {
  let host: Host;
  beforeEach(async () => {
    host = await startHost({ store: await open(), options: { sends: FREE_SENDS } });
  });
  afterEach(() => host.close());

  it('a copied cookie of a known browser ends it for both, and is reported (fault A.1)', async () => {
    const account = 'copied';
    const owner = new Visitor();
    await bindPhone(host, owner, account, PHONES.alice);
    await host.sekisho.idle();
    time.advance(MINUTE);
    const thief = copyOf(owner, /sekisho-browser/);
    assert.equal(await isSkipped(host, thief, account, 'risky'), true, 'as the owner would be');
    time.advance(MINUTE);
    assert.equal(await isSkipped(host, copyOf(owner, /sekisho-browser/), account, 'risky'), false);
    assert.ok(host.events.some(({ type }) => type === 'browser.replayed'));
    assert.equal(await isSkipped(host, thief, account, 'risky'), false, 'the thief is known no more either');
  });

  it('a cookie that somebody else kept of this computer is not known by what is proved there later', async () => {
    const shared = new Visitor();
    await bindPhone(host, shared, 'planter', PHONES.alice);
    await host.sekisho.idle();
    const kept = copyOf(shared, /sekisho-browser/);
    shared.dropCookies(/^_/);
    time.advance(MINUTE);
    await bindPhone(host, shared, 'planted', PHONES.bob);
    await host.sekisho.idle();
    time.advance(MINUTE);
    assert.equal(await isSkipped(host, kept, 'planted', 'risky'), false);
  });
});
