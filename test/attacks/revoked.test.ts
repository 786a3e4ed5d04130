import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import type { Store } from '../../src/ports/store.ts';
import { openSqliteStore } from '../../src/stores/sqlite.ts';
import { Visitor } from '../support/browser-client.ts';
import {
  arrive,
  bindPhone,
  enterCode,
  FREE_SENDS,
  givePassword,
  type Host,
  MFA,
  PHONES,
  REDIRECT_URI,
  SFA,
  startHost,
} from '../support/host.ts';
import { MINUTE, stopTime } from '../support/time.ts';

const time = stopTime();
let host: Host;
const start = async (store?: Store) => {
  host = await startHost({ ...(store ? { store } : {}), options: { sends: FREE_SENDS } });
};
afterEach(() => host.close());

const ask = async (visitor: Visitor, extra: Record<string, string>) => {
  const request = await host.request(extra);
  return { request, page: await visitor.open(request.url, { stopAt: REDIRECT_URI }) };
};

describe('lesson 15: a second factor ends with its authenticator (BND-08)', () => {
  it('also in sessions that gave it before the number was removed', async () => {
    await start();
    const visitor = new Visitor();
    await bindPhone(host, visitor, 'alice', PHONES.alice);
    time.advance(10 * MINUTE);
    const before = await ask(visitor, { acr_values: MFA });
    assert.equal((await arrive(host, before.request, before.page)).claims!.acr, MFA);
    await host.sekisho.removePhone('alice');

    const plain = await ask(visitor, { client_id: 'plain' });
    const { claims } = await arrive(host, plain.request, plain.page);
    assert.deepEqual([claims!.acr, claims!['amr']], [SFA, ['pwd']], 'no token says it any more (SES-02)');
    const { page } = await ask(visitor, { acr_values: MFA });
    assert.ok(page.form('login'), 'the password first, for a number is to be bound (BND-01)');
    const number = await page.submit('login', { account: 'alice', password: 'right' }, REDIRECT_URI);
    assert.ok(number.form('number'), 'and it does not bring the second factor back');
  });

  it('and does not come back when the same number is bound again elsewhere', async () => {
    await start();
    const visitor = new Visitor();
    await bindPhone(host, visitor, 'alice', PHONES.alice);
    await host.sekisho.removePhone('alice');
    await bindPhone(host, new Visitor(), 'alice', PHONES.alice);
    const { page } = await ask(visitor, { acr_values: MFA });
    assert.ok(page.form('send'), 'the code is asked for');
  });

  it('also between the right code and the way back to the provider', async () => {
    await start();
    await bindPhone(host, new Visitor(), 'alice', PHONES.alice);
    const { page } = await givePassword(host, new Visitor(), 'alice');
    const done = await enterCode(host, page);
    await host.sekisho.removePhone('alice');
    const resumed = await page.visitor.open(done.next!, { stopAt: REDIRECT_URI });
    assert.ok(resumed.form('number'), resumed.url);
  });

  it('counts in no session whose record does not say which authenticator it was', async () => {
    const store = await openSqliteStore({ file: ':memory:' });
    const forgetful = new Proxy(store, {
      get(target, name) {
        const method = Reflect.get(target, name);
        if (typeof method !== 'function') return method;
        return (key: string, value: { facts: object[] }, ...rest: unknown[]) => {
          const old = name === 'put' && key.includes('}standing:');
          const facts = old ? value.facts.map((fact) => ({ ...fact, authenticator: undefined })) : [];
          return method.call(target, key, old ? { ...value, facts } : value, ...rest);
        };
      },
    });
    await start(forgetful);
    const visitor = new Visitor();
    await bindPhone(host, visitor, 'alice', PHONES.alice);
    assert.ok((await ask(visitor, { acr_values: MFA })).page.form('send'), 'with a number that is bound');
    await host.sekisho.removePhone('alice');
    const { page } = await ask(visitor, { acr_values: MFA });
    assert.ok(page.form('number'), 'and without one');
  });
});
