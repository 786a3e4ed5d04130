import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { type Page, Visitor } from '../support/browser-client.ts';
import {
  arrive,
  bindPhone,
  enterCode,
  FREE_SENDS,
  givePassword,
  type Host,
  type HostSettings,
  MFA,
  PHONES,
  REDIRECT_URI,
  startHost,
} from '../support/host.ts';

let host: Host;
afterEach(() => host.close());

const start = async (settings: HostSettings = {}) => {
  host = await startHost({ options: { sends: FREE_SENDS }, ...settings });
  await bindPhone(host, new Visitor(), 'alice', PHONES.alice);
};

/** The page by which the library ends the session of another account sends itself. */
const sendItself = (page: Page): Promise<Page> => {
  const [form] = page.forms();
  return page.post(form!.action, form!.fields, REDIRECT_URI);
};

describe('what the host says with a login', () => {
  for (const remember of [true, false])
    it(`holds after the code: the session ${remember ? 'outlives' : 'ends with'} the browser`, async () => {
      await start({
        finish: (_provider, req, res, login) =>
          host.sekisho.gate(req, res, { login: { ...login, remember } }),
      });
      const visitor = new Visitor();
      const { page, request } = await givePassword(host, visitor, 'alice');
      const done = await enterCode(host, page);
      const answer = await visitor.once(done.next!);
      const session = answer.headers.getSetCookie().find((line) => line.startsWith('_session='));
      assert.equal(session!.includes('expires='), remember, session);
      const { claims } = await arrive(host, request, done);
      assert.equal(claims!.acr, MFA, 'loaded again, it is the same answer');
    });
});

describe('an account that signs in where another one is signed in', () => {
  it('gives its own code, and the other session is over', async () => {
    await start();
    await bindPhone(host, new Visitor(), 'bob', PHONES.bob);
    const visitor = new Visitor();
    const first = await givePassword(host, visitor, 'alice');
    await arrive(host, first.request, await enterCode(host, first.page));
    const { page, request } = await givePassword(host, visitor, 'bob', { prompt: 'login' });
    assert.ok(page.form('code'), page.text());
    const done = await enterCode(host, page);
    const left = await visitor.open(done.next!, { stopAt: REDIRECT_URI });
    const { claims } = await arrive(host, request, await sendItself(left));
    assert.deepEqual([claims!.sub, claims!.acr], ['bob', MFA]);
  });
});

describe('an account whose name is in no alphabet of headers', () => {
  it('signs in, and its browser is trusted', async () => {
    await start();
    const name = 'Škoda 山田@例え.jp 👩‍👩‍👧';
    const visitor = new Visitor();
    const { claims } = await bindPhone(host, visitor, name, PHONES.bob, true);
    assert.equal(claims!.sub, name);
    visitor.dropCookies(/^_session/);
    const { page, request } = await givePassword(host, visitor, name, { client_id: 'risky' });
    assert.equal((await arrive(host, request, page)).claims!.sub, name, 'no code is asked for');
  });
});
