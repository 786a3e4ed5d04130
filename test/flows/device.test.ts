import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { afterEach, describe, it } from 'node:test';
import type { Configuration } from 'oidc-provider';
import { createKeyRing } from '../../src/domain/keys.ts';
import { createAdapterFactory } from '../../src/oidc/adapter.ts';
import { systemClock } from '../../src/ports/clock.ts';
import type { Store } from '../../src/ports/store.ts';
import { openSqliteStore } from '../../src/stores/sqlite.ts';
import { Visitor } from '../support/browser-client.ts';
import { confirm, givePassword, signIn, startDevice, startDeviceHost } from '../support/device.ts';
import { onEveryStore } from '../support/every-store.ts';
import { failingStore } from '../support/failing-store.ts';
import { bindPhone, enterCode, type Host, MFA, PHONES, SFA } from '../support/host.ts';
import { MINUTE, SECOND, stopTime } from '../support/time.ts';

const time = stopTime();

let host: Host;
let elsewhere: Store | undefined;
afterEach(async () => {
  await host.close();
  await elsewhere?.close();
  elsewhere = undefined;
});

const start = async (store: Store, more?: Configuration) => {
  host = await startDeviceHost(store, more);
};
const open = () => openSqliteStore({ file: ':memory:' });

onEveryStore('a device that a person signs in from a browser (RFC 8628)', ({ open }) => {
  it('gets nothing for the password alone, and its tokens for the code', async () => {
    await start(await open());
    const { url, ask } = await startDevice(host, 'bank');
    const code = await givePassword(host, await confirm(new Visitor(), url));
    assert.ok(code.form('code'), code.text());
    const uid = new URL(code.url).pathname.split('/').at(-1)!;
    await code.visitor.open(new URL(`/device/${uid}`, host.issuer).href);
    assert.equal(await ask(), 'authorization_pending');

    const other = await startDevice(host, 'bank');
    await signIn(host, await confirm(new Visitor(), other.url));
    const { sub, acr, amr } = (await other.ask()) as Record<string, unknown>;
    assert.deepEqual([sub, acr, amr], ['alice', MFA, ['pwd', 'sms', 'mfa']]);
    assert.equal(await other.ask(), 'invalid_grant', 'once');
  });
});

describe('what a device asks of a session that exists', () => {
  it('is not answered by a look with HEAD', async () => {
    await start(await open());
    const { url, ask } = await startDevice(host);
    const done = await enterCode(host, await givePassword(host, await confirm(new Visitor(), url)));
    assert.equal((await done.visitor.once(done.next!, { method: 'HEAD' })).status, 200);
    assert.equal(await ask(), 'authorization_pending');
    await done.visitor.open(done.next!);
    assert.equal(((await ask()) as Record<string, unknown>)['sub'], 'alice');
  });

  it('is the code, where the session gave a password alone; giving up tells the device', async () => {
    await start(await open());
    const visitor = new Visitor();
    const plain = await startDevice(host, 'plain');
    await givePassword(host, await confirm(visitor, plain.url));
    assert.equal(((await plain.ask()) as Record<string, unknown>)['acr'], SFA);
    const { url, ask } = await startDevice(host, 'bank');
    const page = await confirm(visitor, url);
    assert.equal(await ask(), 'authorization_pending');
    const left = await page.submit('cancel');
    await visitor.open(left.next!);
    assert.equal(await ask(), 'unmet_authentication_requirements');
  });

  for (const max_age of ['0', '60'])
    it(`is everything anew, where max_age is ${max_age}`, async () => {
      await start(await open());
      const visitor = new Visitor();
      await signIn(host, await confirm(visitor, (await startDevice(host)).url));
      time.advance(10 * MINUTE);
      const { url, ask } = await startDevice(host, 'app', { max_age });
      const login = await confirm(visitor, url);
      assert.equal(await ask(), 'authorization_pending');
      await signIn(host, login);
      const { acr, auth_time } = (await ask()) as Record<string, unknown>;
      assert.deepEqual([acr, auth_time], [MFA, Date.now() / 1000]);
    });
});

describe('what a device refreshes', () => {
  it('says what was proved for it, and when, until the number is removed', async () => {
    await start(await open(), { issueRefreshToken: async () => true, rotateRefreshToken: true });
    const { url, ask, refresh } = await startDevice(host);
    await signIn(host, await confirm(new Visitor(), url));
    const first = (await ask()) as Record<string, unknown>;
    time.advance(10 * MINUTE);
    for (let round = 0; round < 2; round += 1) {
      const { acr, amr, auth_time } = (await refresh()) as Record<string, unknown>;
      assert.deepEqual([acr, amr, auth_time], [MFA, first['amr'], first['auth_time']]);
    }
    await host.sekisho.removePhone('alice');
    assert.equal(await refresh(), 'invalid_grant');
  });
});

describe('a device that one person signs in where another is signed in', () => {
  it('gets the tokens of whoever gave the code, also for max_age=0', async () => {
    await start(await open());
    await bindPhone(host, new Visitor(), 'bob', PHONES.bob);
    const visitor = new Visitor();
    await signIn(host, await confirm(visitor, (await startDevice(host)).url));
    const { url, ask } = await startDevice(host, 'app', { max_age: '0' });
    const left = await signIn(host, await confirm(visitor, url), 'bob');
    const [form] = left.forms();
    await left.post(form!.action, form!.fields);
    const { sub, acr } = (await ask()) as Record<string, unknown>;
    assert.deepEqual([sub, acr], ['bob', MFA]);
  });
});

describe('the page that leads on from the code', () => {
  it('tells the same when it is opened again, and only in that browser', async () => {
    await start(await open());
    const { url, ask } = await startDevice(host);
    const done = await enterCode(host, await givePassword(host, await confirm(new Visitor(), url)));
    const first = await done.visitor.open(done.next!);
    const again = await done.visitor.open(done.next!);
    assert.deepEqual([again.status, again.html], [200, first.html]);
    assert.notEqual((await new Visitor().open(done.next!)).html, first.html);
    assert.equal(((await ask()) as Record<string, unknown>)['acr'], MFA);
  });
});

describe('a device whose person a failure of ours meets', () => {
  const ofStanding = ({ method, key }: { method: string; key: string }) =>
    method === 'put' && key.includes('}standing:');

  it('gets its tokens when the page is loaded again after the code', async () => {
    const { store, failOnce } = failingStore(await open());
    await start(store);
    const { url, ask } = await startDevice(host);
    const code = await givePassword(host, await confirm(new Visitor(), url));
    const done = await enterCode(host, code);
    failOnce(ofStanding);
    assert.equal((await done.visitor.open(done.next!)).status, 503);
    assert.equal(await ask(), 'authorization_pending');
    assert.equal((await done.visitor.open(done.next!)).status, 200);
    assert.equal(((await ask()) as Record<string, unknown>)['acr'], MFA);
  });

  it('gets them when its code is entered again', async () => {
    const { store, failOnce } = failingStore(await open());
    await start(store);
    const visitor = new Visitor();
    await signIn(host, await confirm(visitor, (await startDevice(host)).url));
    const { url, ask } = await startDevice(host);
    failOnce(ofStanding);
    assert.equal((await confirm(visitor, url)).status, 503);
    assert.equal(await ask(), 'authorization_pending');
    assert.equal((await confirm(visitor, url)).status, 200);
    assert.equal(((await ask()) as Record<string, unknown>)['acr'], MFA);
  });
});

const REMEDIES: Record<string, () => Promise<unknown>> = {
  'the number was removed': () => host.sekisho.removePhone('alice'),
  'the account was signed out everywhere': () => host.sekisho.endSessions('alice'),
};

describe('the code of a device goes by the sign-in, which is younger than it', () => {
  for (const [what, apply] of Object.entries(REMEDIES)) {
    it(`it is good where ${what} before that`, async () => {
      await start(await open());
      const { url, ask } = await startDevice(host);
      const login = await confirm(new Visitor(), url);
      time.advance(MINUTE);
      await apply();
      time.advance(SECOND);
      await signIn(host, login);
      assert.equal(((await ask()) as Record<string, unknown>)['acr'], MFA);
    });

    it(`it is good for nothing where ${what} after that, and no remedy can delete it`, async () => {
      elsewhere = await open();
      const ring = createKeyRing([randomBytes(32).toString('base64url')]);
      await start(await open(), {
        adapter: createAdapterFactory({ store: elsewhere, clock: systemClock, ring }),
      });
      const { url, ask } = await startDevice(host);
      await signIn(host, await confirm(new Visitor(), url));
      time.advance(SECOND);
      await apply();
      time.advance(SECOND);
      assert.equal(await ask(), 'invalid_grant');
    });
  }
});
