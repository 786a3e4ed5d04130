import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { afterEach, describe, it } from 'node:test';
import { decodeJwt } from 'jose';
import type { Configuration } from 'oidc-provider';
import { createKeyRing } from '../../src/domain/keys.ts';
import { createAdapterFactory } from '../../src/oidc/adapter.ts';
import { systemClock } from '../../src/ports/clock.ts';
import type { Store } from '../../src/ports/store.ts';
import { openSqliteStore } from '../../src/stores/sqlite.ts';
import { type Page, Visitor } from '../support/browser-client.ts';
import { onEveryStore } from '../support/every-store.ts';
import { failingStore } from '../support/failing-store.ts';
import {
  bindPhone,
  CLIENT_SECRET,
  enterCode,
  enterNumber,
  FREE_SENDS,
  type Host,
  MFA,
  PHONES,
  REDIRECT_URI,
  SFA,
  startHost,
} from '../support/host.ts';
import { MINUTE, SECOND, stopTime } from '../support/time.ts';

const time = stopTime();
const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code';

let host: Host;
let elsewhere: Store | undefined;
afterEach(async () => {
  await host.close();
  await elsewhere?.close();
  elsewhere = undefined;
});

/** A host that switches the device flow on; alice has a number. */
async function start(store: Store, more: Configuration = {}): Promise<void> {
  const clients = ['app', 'bank', 'plain'].map((client_id) => ({
    client_id,
    client_secret: CLIENT_SECRET,
    redirect_uris: [REDIRECT_URI],
    grant_types: ['authorization_code', 'refresh_token', DEVICE_GRANT],
    response_types: ['code' as const],
  }));
  const features = { deviceFlow: { enabled: true }, devInteractions: { enabled: false } };
  host = await startHost({
    store,
    options: { sends: FREE_SENDS },
    configuration: { clients, features, ...more },
  });
  await bindPhone(host, new Visitor(), 'alice', PHONES.alice);
}
const open = () => openSqliteStore({ file: ':memory:' });

async function send(path: string, client_id: string, fields: Record<string, string>) {
  const body = new URLSearchParams({ client_id, client_secret: CLIENT_SECRET, ...fields });
  const answer = await fetch(new URL(path, host.issuer), { method: 'POST', body });
  return (await answer.json()) as Record<string, string>;
}

/** What a television shows, and what it gets when it asks: the claims of its ID token, or the error. */
async function startDevice(client = 'app', extra: Record<string, string> = {}) {
  const device = await send('/device/auth', client, { scope: 'openid', ...extra });
  let refreshToken = '';
  const grant = async (grant_type: string, fields: Record<string, string>) => {
    const got = await send('/token', client, { grant_type, ...fields });
    refreshToken = got['refresh_token'] ?? refreshToken;
    return got['id_token'] === undefined ? got['error'] : decodeJwt(got['id_token']);
  };
  return {
    url: device['verification_uri_complete']!,
    ask: () => grant(DEVICE_GRANT, { device_code: device['device_code']! }),
    refresh: () => grant('refresh_token', { refresh_token: refreshToken }),
  };
}

/** The person opens the address on a phone and says that it is the code on the television. */
async function confirm(visitor: Visitor, url: string): Promise<Page> {
  const shown = await visitor.open(url);
  return (await shown.submit('device')).submit('device', { confirm: 'yes' });
}

async function givePassword(page: Page, account = 'alice'): Promise<Page> {
  const next = await page.submit('login', { account, password: 'right' });
  await host.sekisho.idle();
  return next;
}

/** Signs in for a device, up to the page of success. */
async function signIn(page: Page, account = 'alice'): Promise<Page> {
  const next = await givePassword(page, account);
  const code = next.form('number') ? await enterNumber(host, next, PHONES.bob) : next;
  const done = await enterCode(host, code);
  return done.visitor.open(done.next!);
}

onEveryStore('a device that a person signs in from a browser (RFC 8628)', ({ open }) => {
  it('gets nothing for the password alone, and its tokens for the code', async () => {
    await start(await open());
    const { url, ask } = await startDevice('bank');
    const code = await givePassword(await confirm(new Visitor(), url));
    assert.ok(code.form('code'), code.text());
    const uid = new URL(code.url).pathname.split('/').at(-1)!;
    await code.visitor.open(new URL(`/device/${uid}`, host.issuer).href);
    assert.equal(await ask(), 'authorization_pending');

    const other = await startDevice('bank');
    await signIn(await confirm(new Visitor(), other.url));
    const { sub, acr, amr } = (await other.ask()) as Record<string, unknown>;
    assert.deepEqual([sub, acr, amr], ['alice', MFA, ['pwd', 'sms', 'mfa']]);
    assert.equal(await other.ask(), 'invalid_grant', 'once');
  });
});

describe('what a device asks of a session that exists', () => {
  it('is not answered by a look with HEAD', async () => {
    await start(await open());
    const { url, ask } = await startDevice();
    const done = await enterCode(host, await givePassword(await confirm(new Visitor(), url)));
    assert.equal((await done.visitor.once(done.next!, { method: 'HEAD' })).status, 200);
    assert.equal(await ask(), 'authorization_pending');
    await done.visitor.open(done.next!);
    assert.equal(((await ask()) as Record<string, unknown>)['sub'], 'alice');
  });

  it('is the code, where the session gave a password alone; giving up tells the device', async () => {
    await start(await open());
    const visitor = new Visitor();
    const plain = await startDevice('plain');
    await givePassword(await confirm(visitor, plain.url));
    assert.equal(((await plain.ask()) as Record<string, unknown>)['acr'], SFA);
    const { url, ask } = await startDevice('bank');
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
      await signIn(await confirm(visitor, (await startDevice()).url));
      time.advance(10 * MINUTE);
      const { url, ask } = await startDevice('app', { max_age });
      const login = await confirm(visitor, url);
      assert.equal(await ask(), 'authorization_pending');
      await signIn(login);
      const { acr, auth_time } = (await ask()) as Record<string, unknown>;
      assert.deepEqual([acr, auth_time], [MFA, Date.now() / 1000]);
    });
});

describe('what a device refreshes', () => {
  it('says what was proved for it, and when, until the number is removed', async () => {
    await start(await open(), { issueRefreshToken: async () => true, rotateRefreshToken: true });
    const { url, ask, refresh } = await startDevice();
    await signIn(await confirm(new Visitor(), url));
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
    await signIn(await confirm(visitor, (await startDevice()).url));
    const { url, ask } = await startDevice('app', { max_age: '0' });
    const left = await signIn(await confirm(visitor, url), 'bob');
    const [form] = left.forms();
    await left.post(form!.action, form!.fields);
    const { sub, acr } = (await ask()) as Record<string, unknown>;
    assert.deepEqual([sub, acr], ['bob', MFA]);
  });
});

describe('the page that leads on from the code', () => {
  it('tells the same when it is opened again, and only in that browser', async () => {
    await start(await open());
    const { url, ask } = await startDevice();
    const done = await enterCode(host, await givePassword(await confirm(new Visitor(), url)));
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
    const { url, ask } = await startDevice();
    const code = await givePassword(await confirm(new Visitor(), url));
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
    await signIn(await confirm(visitor, (await startDevice()).url));
    const { url, ask } = await startDevice();
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
      const { url, ask } = await startDevice();
      const login = await confirm(new Visitor(), url);
      time.advance(MINUTE);
      await apply();
      time.advance(SECOND);
      await signIn(login);
      assert.equal(((await ask()) as Record<string, unknown>)['acr'], MFA);
    });

    it(`it is good for nothing where ${what} after that, and no remedy can delete it`, async () => {
      elsewhere = await open();
      const ring = createKeyRing([randomBytes(32).toString('base64url')]);
      await start(await open(), {
        adapter: createAdapterFactory({ store: elsewhere, clock: systemClock, ring }),
      });
      const { url, ask } = await startDevice();
      await signIn(await confirm(new Visitor(), url));
      time.advance(SECOND);
      await apply();
      time.advance(SECOND);
      assert.equal(await ask(), 'invalid_grant');
    });
  }
});
