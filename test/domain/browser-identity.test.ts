import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, it } from 'node:test';
import { rememberBrowser, useBrowser } from '../../src/domain/browser-identity.ts';
import type { Core } from '../../src/domain/core.ts';
import type { SekishoEvent } from '../../src/events.ts';
import { parseOptions } from '../../src/options.ts';
import type { Store } from '../../src/ports/store.ts';
import { buildCore } from '../../src/sekisho/core.ts';
import { onEveryStore } from '../support/every-store.ts';
import { createInbox } from '../support/inbox.ts';
import { interruptedStore } from '../support/interrupted-store.ts';
import { DAY, MINUTE, SECOND } from '../support/time.ts';

const SILENT = { info() {}, warn() {}, error() {} };

onEveryStore('the cookie of a known browser', ({ open }) => {
  let opened: Store;
  let core: Core;
  let now: number;
  let events: SekishoEvent[];
  let meanwhile: (work: () => Promise<unknown>) => void;

  beforeEach(async () => {
    opened = await open();
    now = Date.UTC(2026, 5, 1);
    events = [];
    const { store, interrupt } = interruptedStore(opened, (key) => key.endsWith('}browser'));
    meanwhile = interrupt;
    const options = parseOptions({
      ...{ issuer: 'http://localhost', secrets: [randomBytes(32).toString('base64url')], countries: ['JP'] },
      ...{ store, gateway: createInbox(), clock: { now: () => now } },
      onEvent: (event: SekishoEvent) => void events.push(event),
    });
    ({ core } = await buildCore(options, SILENT));
  });
  afterEach(() => opened.close());

  const lastEvent = () => {
    const { time: _, ...event } = events.at(-1)!;
    return event;
  };

  it('leaves an event when the secret before the newest one is used while it counts (fault A.12)', async () => {
    const { name, next } = await rememberBrowser(core, 'alice', undefined, now);
    const use = () => useBrowser(core, 'alice', next!.value);
    assert.equal((await use()).name, name);
    const recognised = { type: 'browser.recognised', browser: 'known', account: 'alice' };
    assert.deepEqual(lastEvent(), { ...recognised, repeated: false });
    now += SECOND;
    assert.deepEqual(await use(), { name }, 'it counts, and there is no next one');
    assert.deepEqual(lastEvent(), { ...recognised, repeated: true });
    now += MINUTE;
    assert.equal((await use()).name, undefined);
    assert.deepEqual(lastEvent(), { type: 'browser.replayed', browser: 'known', account: 'alice' });
  });

  it('is good for another 180 days after a proof, which changes its secret once in a sign-in', async () => {
    const { name, next } = await rememberBrowser(core, 'alice', undefined, now);
    now += MINUTE;
    assert.deepEqual(await rememberBrowser(core, 'alice', next!.value, now - MINUTE), { name });
    now += 160 * DAY;
    const renewed = await rememberBrowser(core, 'alice', next!.value, now);
    assert.equal(renewed.name, name);
    assert.equal(renewed.next!.expiresAt, now + 180 * DAY);
    now += 170 * DAY;
    assert.equal((await useBrowser(core, 'alice', renewed.next!.value)).name, name);
  });

  it('is good for another 180 days also where the risk rule changed its secret in the same sign-in', async () => {
    const first = await rememberBrowser(core, 'alice', undefined, now);
    now += 170 * DAY;
    const { name, next } = await useBrowser(core, 'alice', first.next!.value);
    const renewed = await rememberBrowser(core, 'alice', next!.value, now);
    assert.equal(renewed.name, name);
    assert.equal(renewed.next!.expiresAt, now + 180 * DAY);
  });

  it('is not brought back by a renewal when a copy ended it meanwhile (lesson 15)', async () => {
    const first = await rememberBrowser(core, 'alice', undefined, now);
    now += 100 * DAY;
    const { name, next } = await useBrowser(core, 'alice', first.next!.value);
    now += MINUTE;
    meanwhile(() => useBrowser(core, 'alice', first.next!.value));
    const remembered = await rememberBrowser(core, 'alice', next!.value, now);
    assert.equal(lastEvent().type, 'browser.replayed');
    assert.notEqual(remembered.name, name, 'it is another browser now');
    assert.equal((await useBrowser(core, 'alice', next!.value)).name, undefined);
  });

  it('is not put back to an older secret by a renewal, when it was used meanwhile', async () => {
    const { name, next } = await rememberBrowser(core, 'alice', undefined, now);
    now += 100 * DAY;
    let used: Awaited<ReturnType<typeof useBrowser>> | undefined;
    meanwhile(async () => {
      used = await useBrowser(core, 'alice', next!.value);
    });
    await rememberBrowser(core, 'alice', next!.value, now);
    now += MINUTE;
    assert.equal((await useBrowser(core, 'alice', used!.next!.value)).name, name);
  });
});
