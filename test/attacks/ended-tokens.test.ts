import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { afterEach, describe, it } from 'node:test';
import { createKeyRing } from '../../src/domain/keys.ts';
import { createAdapterFactory } from '../../src/oidc/adapter.ts';
import { systemClock } from '../../src/ports/clock.ts';
import type { Store } from '../../src/ports/store.ts';
import { openSqliteStore } from '../../src/stores/sqlite.ts';
import { Visitor } from '../support/browser-client.ts';
import { failingStore } from '../support/failing-store.ts';
import {
  arrive,
  bindPhone,
  enterCode,
  FREE_SENDS,
  type Host,
  MFA,
  PHONES,
  REDIRECT_URI,
  refresh,
  startHost,
} from '../support/host.ts';
import { MINUTE, SECOND, stopTime } from '../support/time.ts';

const time = stopTime();
const OFFLINE = { scope: 'openid offline_access', prompt: 'consent' };
const refused = { error: 'invalid_grant' };

let host: Host;
let elsewhere: Store | undefined;
afterEach(async () => {
  await host.close();
  await elsewhere?.close();
  elsewhere = undefined;
});

/** A host whose provider keeps its records where no remedy can delete them, and a way to hold its writes back. */
async function start() {
  const [own, other] = await Promise.all([open(), open()]);
  elsewhere = other.store;
  const ring = createKeyRing([randomBytes(32).toString('base64url')]);
  const adapter = createAdapterFactory({ store: other.store, clock: systemClock, ring });
  host = await startHost({
    store: own.store,
    options: { sends: FREE_SENDS },
    configuration: { adapter, rotateRefreshToken: true },
  });
  const visitor = new Visitor();
  const first = await bindPhone(host, visitor, 'alice', PHONES.alice, false, OFFLINE);
  assert.equal(first.claims!.acr, MFA);
  time.advance(MINUTE);
  return { own, other, visitor, token: first.tokens!.refresh_token! };
}
const open = async () => failingStore(await openSqliteStore({ file: ':memory:' }));

/** Lets the next write of a kind wait; what is done meanwhile is done before it. */
function hold({ delay }: Awaited<ReturnType<typeof open>>, part: string) {
  const [atIt, reached] = signal();
  const [goOn, released] = signal();
  delay(({ method, key }) => {
    const there = method === 'put' && key.includes(part);
    if (there) atIt();
    return there;
  }, released);
  return { reached, goOn };
}

function signal(): [() => void, Promise<void>] {
  const { promise, resolve } = Promise.withResolvers<void>();
  return [resolve, promise];
}

const REMEDIES: Record<string, () => Promise<unknown>> = {
  'the number was removed': () => host.sekisho.removePhone('alice'),
  'the account was signed out everywhere': () => host.sekisho.endSessions('alice'),
};

describe('a token goes by when it was proved, and not by when it was made (fault A.8, lesson 15)', () => {
  for (const [what, apply] of Object.entries(REMEDIES)) {
    for (const kind of ['AccessToken', 'RefreshToken'])
      it(`refreshing gives nothing when ${what} while the ${kind} was written`, async () => {
        const { other, token } = await start();
        const { reached, goOn } = hold(other, `}oidc:${kind}`);
        const refreshing = assert.rejects(refresh(host, token), refused);
        await reached;
        await apply();
        time.advance(2 * SECOND);
        goOn();
        await refreshing;
      });

    it(`refreshing does not renew it: younger than the moment ${what}, by another clock`, async () => {
      const { token } = await start();
      const { refresh_token, access_token } = await refresh(host, token);
      time.advance(-5 * SECOND);
      await apply();
      time.advance(10 * SECOND);
      await assert.rejects(refresh(host, refresh_token!), refused);
      if (what.includes('everywhere'))
        assert.equal((await userinfo(access_token)).status, 401, 'an access token has the time of the login');
    });
  }

  it('a code is not taken when the number it rests on was removed before the code was made', async () => {
    const { own, visitor } = await start();
    const { reached, goOn } = hold(own, '}standing:');
    const request = await host.request({ acr_values: MFA });
    const opening = visitor.open(request.url, { stopAt: REDIRECT_URI });
    await reached;
    await host.sekisho.removePhone('alice');
    time.advance(2 * SECOND);
    goOn();
    const page = await opening;
    assert.ok(new URL(page.url).searchParams.has('code'), 'what was read before still counted');
    await assert.rejects(arrive(host, request, page), refused);
  });

  it('tokens of an earlier login are good when the number was proved after it was bound again', async () => {
    const { visitor } = await start();
    await host.sekisho.removePhone('alice');
    time.advance(SECOND);
    await bindPhone(host, new Visitor(), 'alice', PHONES.bob);
    const request = await host.request({ ...OFFLINE, acr_values: MFA });
    const page = await visitor.open(request.url, { stopAt: REDIRECT_URI });
    const code = await page.submit('send', {});
    await host.sekisho.idle();
    const { claims, tokens } = await arrive(host, request, await enterCode(host, code));
    assert.equal(claims!.acr, MFA);
    const next = await refresh(host, tokens!.refresh_token!);
    assert.equal((await userinfo(next.access_token)).status, 200);
  });
});

const userinfo = (token: string) =>
  fetch(new URL('/me', host.issuer), { headers: { authorization: `Bearer ${token}` } });
