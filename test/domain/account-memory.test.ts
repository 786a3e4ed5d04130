import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, it } from 'node:test';
import { accountMemory, readLearnt } from '../../src/domain/account-memory.ts';
import { forgetBrowsers, removePhone } from '../../src/domain/account-remedies.ts';
import type { Core } from '../../src/domain/core.ts';
import { bindNumber } from '../../src/domain/enrolment.ts';
import { accountTag } from '../../src/domain/limits.ts';
import { parseOptions } from '../../src/options.ts';
import type { AccountMemory, ProvedSignIn } from '../../src/ports/signal.ts';
import { key, type Store } from '../../src/ports/store.ts';
import { buildCore } from '../../src/sekisho/core.ts';
import { onEveryStore } from '../support/every-store.ts';
import { PHONES } from '../support/host.ts';
import { createInbox } from '../support/inbox.ts';
import { interruptedStore } from '../support/interrupted-store.ts';
import { MINUTE, SECOND } from '../support/time.ts';

const SILENT = { info() {}, warn() {}, error() {} };
const NO_RECORDS = { endPhoneTokens: async () => {}, endAll: async () => 0 };
const MEMORY = key(accountTag('alice'), 'known');

onEveryStore('what signals learn of an account', ({ open }) => {
  let opened: Store;
  let core: Core;
  let now: number;
  let browsers: AccountMemory;
  let networks: AccountMemory;
  let meanwhile: (work: () => Promise<unknown>) => void;

  beforeEach(async () => {
    opened = await open();
    now = Date.UTC(2026, 5, 1);
    const { store, interrupt } = interruptedStore(opened, (name) => name === MEMORY);
    meanwhile = interrupt;
    const options = parseOptions({
      ...{ issuer: 'http://localhost', secrets: [randomBytes(32).toString('base64url')], countries: ['JP'] },
      ...{ store, gateway: createInbox(), clock: { now: () => now } },
    });
    ({ core } = await buildCore(options, SILENT));
    browsers = accountMemory(core, () => 'new-browser');
    networks = accountMemory(core, () => 'new-network');
  });
  afterEach(() => opened.close());

  /** A sign-in that was proved now, with the number it binds. */
  async function bind(e164: string): Promise<ProvedSignIn> {
    const { id } = await bindNumber(core, 'alice', e164, ['sms'], 1);
    const about = { accountId: 'alice', clientId: 'app', ip: undefined, userAgent: '', browserId: undefined };
    return { ...about, authenticator: id, provedAt: now };
  }

  it('stays when an earlier number is learnt late (BND-05)', async () => {
    const before = await bind(PHONES.alice);
    now += MINUTE;
    await removePhone(core, NO_RECORDS, 'alice');
    now += MINUTE;
    const after = await bind(PHONES.bob);
    await browsers.learn(after, 'laptop', 180);
    await browsers.learn(before, 'stolen', 180);
    await browsers.learn(before, 'laptop', 180);
    assert.equal(await browsers.knows('alice', 'laptop'), true);
    assert.equal(await browsers.knows('alice', 'stolen'), false);
  });

  it('stays when the number was bound anew without a remedy, and an earlier one is learnt late', async () => {
    const after = await bind(PHONES.alice);
    const before = { ...after, authenticator: 'earlier', provedAt: now - MINUTE };
    await browsers.learn(after, 'laptop', 180);
    await browsers.learn(before, 'laptop', 180);
    assert.equal(await browsers.knows('alice', 'laptop'), true);
  });

  it('is all there when signals write at once', async () => {
    const signIn = await bind(PHONES.alice);
    meanwhile(() => browsers.learn(signIn, 'laptop', 180));
    await networks.learn(signIn, '203.0.113', 90);
    assert.equal(await browsers.knows('alice', 'laptop'), true);
    assert.equal(await networks.knows('alice', '203.0.113'), true);
  });

  it('counts from the newest proof, also where an older one is learnt after it', async () => {
    const signIn = await bind(PHONES.alice);
    await browsers.learn({ ...signIn, provedAt: now + MINUTE }, 'laptop', 180);
    await browsers.learn(signIn, 'laptop', 180);
    assert.deepEqual(
      (await readLearnt(core, 'alice')).map(({ at }) => at),
      [now + MINUTE],
    );
  });

  it('is not written any more when a remedy was applied meanwhile (lesson 15)', async () => {
    const signIn = await bind(PHONES.alice);
    await browsers.learn(signIn, 'laptop', 180);
    now += SECOND;
    meanwhile(() => forgetBrowsers(core, 'alice'));
    await networks.learn(signIn, '203.0.113', 90);
    assert.equal(await core.store.get(MEMORY, now), undefined);
    assert.equal(await browsers.knows('alice', 'laptop'), false);
    await networks.learn(signIn, '203.0.113', 90);
    assert.equal(await core.store.get(MEMORY, now), undefined, 'nor later');
  });

  it('is at most 30 things for each signal, those that were proved last', async () => {
    const signIn = await bind(PHONES.alice);
    await networks.learn(signIn, '203.0.113', 90);
    for (let at = 0; at < 31; at += 1)
      await browsers.learn({ ...signIn, provedAt: now + at }, `browser ${at}`, 180);
    assert.equal(await browsers.knows('alice', 'browser 0'), false);
    assert.equal(await browsers.knows('alice', 'browser 1'), true);
    assert.equal(await networks.knows('alice', '203.0.113'), true);
  });
});
