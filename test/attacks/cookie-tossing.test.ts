import assert from 'node:assert/strict';
import { afterEach, beforeEach, it } from 'node:test';
import { Visitor } from '../support/browser-client.ts';
import { createAccounts } from '../support/directory.ts';
import { onEveryStore } from '../support/every-store.ts';
import {
  arrive,
  bindPhone,
  enterCode,
  enterNumber,
  FREE_SENDS,
  givePassword,
  type Host,
  PHONES,
  REDIRECT_URI,
  startHost,
} from '../support/host.ts';

// A host of the same site, such as blog.example.com, sets cookies with Domain=example.com, and the browser sends them to
// id.example.com beside its own (fault A.5).
onEveryStore('an interaction belongs to the browser it began in', ({ open }) => {
  let host: Host;
  beforeEach(async () => {
    const accounts = createAccounts();
    host = await startHost({
      store: await open(),
      options: { sends: FREE_SENDS, signUp: true, accounts },
    });
  });
  afterEach(async () => {
    await host.close();
  });

  /** Gives one browser what the other one has, but for what no other host can set. */
  const toss = (from: Visitor, to: Visitor, uid: string) => {
    for (const path of [`/sekisho/${uid}`, `/auth/${uid}`, `/interaction/${uid}`]) {
      for (const pair of from.cookiesFor(path).split('; ')) {
        const [name = '', value = ''] = pair.split(/=(.*)/s);
        if (!name.startsWith('sekisho-') && !name.startsWith('_session')) to.setCookie(name, value, path);
      }
    }
  };
  const uidOf = (url: string) => new URL(url).pathname.split('/')[2]!;

  it("a victim cannot prove his number inside the attacker's sign-up", async () => {
    const [attacker, victim] = [new Visitor(), new Visitor()];
    const request = await host.request({ prompt: 'create' });
    const begun = await attacker.open(request.url);
    const form = { login: 'mallory', name: '', password: 'correct horse battery' };
    const waiting = await begun.submit('signup', form);
    assert.ok(waiting.form('number'), 'the attacker is asked for a number');
    toss(attacker, victim, uidOf(begun.url));
    const seen = await victim.open(begun.url);
    assert.equal(seen.status, 404);
    assert.equal(seen.form('number'), undefined);
    assert.match(seen.text(), /over|ended|終/i);
    const forged = await seen.post(waiting.form('number')!.action, {
      ...waiting.form('number')!.fields,
      phone: PHONES.alice,
    });
    assert.equal(forged.status, 404, 'also with the token of the form, which is bound to the interaction');
    assert.equal(host.inbox.messages.length, 0, 'nothing is sent');
  });

  it('nor give his password, nor take over the login, in an interaction of somebody else', async () => {
    const [attacker, victim] = [new Visitor(), new Visitor()];
    await bindPhone(host, new Visitor(), 'alice', PHONES.alice);
    const { page } = await givePassword(host, attacker, 'mallory');
    const uid = uidOf(page.url);
    const code = await enterNumber(host, page, PHONES.mallory);
    const done = await enterCode(host, code);
    toss(attacker, victim, uid);
    const resumed = await victim.open(done.next!, { stopAt: REDIRECT_URI });
    assert.equal(new URL(resumed.url).searchParams.get('code'), null, 'the login is not handed over');
    assert.equal(victim.cookie(/^_session$/), undefined, 'and no session is begun in this browser');
  });

  it('the password of a victim, given in a tossed interaction, sends nothing', async () => {
    const [attacker, victim] = [new Visitor(), new Visitor()];
    await bindPhone(host, new Visitor(), 'alice', PHONES.alice);
    const request = await host.request();
    const login = await attacker.open(request.url);
    toss(attacker, victim, uidOf(login.url));
    const sent = host.inbox.messages.length;
    const form = login.form('login')!;
    const answer = await victim.open(form.action, {
      init: { method: 'POST', body: new URLSearchParams({ account: 'alice', password: 'right' }) },
    });
    assert.equal(answer.status, 404);
    await host.sekisho.idle();
    assert.equal(host.inbox.messages.length, sent);
    // The attacker goes on in his own browser: nothing of the victim's came there.
    assert.ok((await attacker.open(login.url)).form('login'));
  });

  it('a browser that has the cookie twice is nobody', async () => {
    const visitor = new Visitor();
    const { page } = await givePassword(host, visitor, 'alice');
    assert.ok(page.form('number'));
    const path = new URL(page.url).pathname;
    const { name } = visitor.cookie(/^sekisho-session-/)!;
    const cookie = `${visitor.cookiesFor(path)}; ${name}=${'A'.repeat(22)}`;
    const response = await visitor.once(page.url, { headers: { cookie } });
    assert.equal(response.status, 404);
  });

  // The kind of cakephp/cakephp #8336: a browser that starts with two tabs, and each gets a cookie before it has one.
  it('two tabs that come first, at one moment, both go on', async () => {
    const visitor = new Visitor();
    const requests = [await host.request(), await host.request()];
    const answers = await Promise.all(requests.map(({ url }) => visitor.once(url)));
    for (const [at, request] of requests.entries()) {
      const login = await visitor.open(new URL(answers[at]!.headers.get('location')!, host.issuer).href);
      const page = await login.submit('login', { account: 'alice', password: 'right' });
      await host.sekisho.idle();
      const code = page.form('number') ? await enterNumber(host, page, PHONES.alice) : page;
      assert.equal((await arrive(host, request, await enterCode(host, code))).claims?.sub, 'alice');
    }
    const { length } = visitor.cookiesFor('/').match(/sekisho-session-/g)!;
    await visitor.open((await host.request({ prompt: 'login' })).url);
    assert.equal(visitor.cookiesFor('/').match(/sekisho-session-/g)!.length, length, 'there come no more');
  });

  it('two tabs of one browser, and one request after the other, go on', async () => {
    const visitor = new Visitor();
    const first = await givePassword(host, visitor, 'alice');
    const second = await givePassword(host, visitor, 'bob');
    const one = await enterNumber(host, first.page, PHONES.alice);
    const codeOne = host.inbox.lastCode();
    const two = await enterNumber(host, second.page, PHONES.bob);
    const doneTwo = await enterCode(host, two);
    assert.equal((await arrive(host, second.request, doneTwo)).claims?.sub, 'bob');
    assert.equal((await one.submit('code', { code: codeOne })).status, 200);
  });
});
