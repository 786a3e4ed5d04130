import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { Visitor } from '../support/browser-client.ts';
import {
  arrive,
  CLIENT_SECRET,
  enterCode,
  enterNumber,
  givePassword,
  type Host,
  type HostSettings,
  PHONES,
  REDIRECT_URI,
  startHost,
  tokens,
} from '../support/host.ts';
import { stopTime } from '../support/time.ts';

const NATIVE = 'com.example.app:/cb';

/** A sign-in up to the page that says that all is done. */
async function finish(host: Host, visitor: Visitor, extra: Record<string, string> = {}) {
  const { page, request } = await givePassword(host, visitor, 'alice', extra);
  const done = await enterCode(host, await enterNumber(host, page, PHONES.alice));
  return { next: done.next!, request };
}

describe('the link of the page that says that all is done (fault C.2, lesson 27)', () => {
  const time = stopTime();
  let host: Host;
  afterEach(() => host.close());
  const start = async (settings: HostSettings = {}) => {
    host = await startHost(settings);
    return new Visitor();
  };

  it('leads to the same place again, with the same session, where the first answer was lost', async () => {
    const visitor = await start();
    const { next, request } = await finish(host, visitor);
    const cookie = visitor.cookiesFor(new URL(next).pathname);
    const lost = await fetch(next, { headers: { ...visitor.headers, cookie }, redirect: 'manual' });
    assert.equal(lost.status, 303);
    const again = await visitor.open(next, { stopAt: REDIRECT_URI });
    assert.equal(again.url, lost.headers.get('location'));
    assert.ok((await tokens(host, request, again.url)).id_token);
    const silent = await host.request({ prompt: 'none' });
    const page = await visitor.open(silent.url, { stopAt: REDIRECT_URI });
    assert.ok(new URL(page.url).searchParams.get('code'), 'the session came with the second answer');
  });

  // The kind of cesargb/laravel-magiclink #96: a scanner of links asks with HEAD, and the person comes too late.
  it('goes nowhere for a look with HEAD', async () => {
    const visitor = await start();
    const { next, request } = await finish(host, visitor);
    const look = await visitor.once(next, { method: 'HEAD' });
    assert.deepEqual([look.status, look.headers.get('location')], [200, null]);
    const page = await visitor.open(next, { stopAt: REDIRECT_URI });
    assert.ok((await tokens(host, request, page.url)).id_token);
  });

  it('opens a native application by a second press, which its redirect may need', async () => {
    const visitor = await start({
      configuration: {
        clients: [
          {
            client_id: 'app',
            client_secret: CLIENT_SECRET,
            application_type: 'native',
            redirect_uris: [NATIVE],
          },
        ],
      },
    });
    const { page } = await givePassword(host, visitor, 'alice', { redirect_uri: NATIVE });
    const done = await enterCode(host, await enterNumber(host, page, PHONES.alice));
    const consent = await visitor.open(done.next!);
    const last = consent.form('consent')!;
    const posted = await visitor.once(last.action, { method: 'POST' });
    const next = posted.headers.get('location')!;
    const places = [];
    for (let press = 0; press < 3; press += 1)
      places.push((await visitor.once(next)).headers.get('location'));
    assert.match(places[0]!, /^com\.example\.app:\/cb\?code=/);
    assert.deepEqual(new Set(places).size, 1);
  });

  it('answers a form_post once more as well', async () => {
    const visitor = await start();
    const { next } = await finish(host, visitor, { response_mode: 'form_post' });
    const [first, second] = [await visitor.open(next), await visitor.open(next)];
    assert.match(first.html, /name="code"/);
    assert.equal(second.html, first.html);
    assert.equal(second.response.headers.get('content-type'), first.response.headers.get('content-type'));
  });

  it('answers nobody else, and nobody after two minutes: then a page says what is left to do', async () => {
    const visitor = await start();
    const { next } = await finish(host, visitor);
    const stranger = new Visitor();
    for (const pair of visitor.cookiesFor(new URL(next).pathname).split('; ')) {
      const [name = '', value = ''] = pair.split(/=(.*)/s);
      if (!name.startsWith('sekisho-session')) stranger.setCookie(name, value);
    }
    await visitor.open(next, { stopAt: REDIRECT_URI });
    const refused = await stranger.open(next, { stopAt: REDIRECT_URI });
    assert.equal(refused.status, 404);
    assert.ok(!refused.html.includes('code='));
    time.advance(121_000);
    const late = await visitor.open(next, { stopAt: REDIRECT_URI });
    assert.equal(late.status, 404);
    assert.match(late.text(), /This page has ended/);
    assert.match(late.text(), /start again/);
  });

  it('asks first where another person is signed in, and goes on after that', async () => {
    const visitor = await start();
    const { next, request } = await finish(host, visitor);
    await arrive(host, request, await visitor.open(next, { stopAt: REDIRECT_URI }));
    const other = await givePassword(host, visitor, 'bob', { prompt: 'login' });
    const done = await enterCode(host, await enterNumber(host, other.page, PHONES.bob));
    const asked = await visitor.open(done.next!);
    assert.ok(asked.form('confirm'), asked.url);
    const last = await asked.submit('confirm', {}, REDIRECT_URI);
    const answer = await tokens(host, other.request, last.url);
    assert.equal(answer.claims()?.sub, 'bob');
  });
});
