import assert from 'node:assert/strict';
import { afterEach, beforeEach, it } from 'node:test';
import { Visitor } from '../support/browser-client.ts';
import { onEveryStore } from '../support/every-store.ts';
import { failingStore } from '../support/failing-store.ts';
import { bindPhone, type Host, PHONES, REDIRECT_URI, startHost, tokens } from '../support/host.ts';

onEveryStore('two requests of one session at one moment', ({ open }) => {
  let host: Host;
  let store: ReturnType<typeof failingStore>;
  let visitor: Visitor;
  beforeEach(async () => {
    store = failingStore(await open());
    host = await startHost({ store: store.store });
    visitor = new Visitor();
    await bindPhone(host, visitor, 'alice', PHONES.alice, false, { client_id: 'bank' });
  });
  afterEach(() => host.close());

  /** Holds sessions back that are to be saved, until all who read them did. */
  const holdSaves = () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const held: string[] = [];
    const isSave = ({ method, key }: { method: string; key: string }) =>
      ['put', 'replace'].includes(method) && key.endsWith('}oidc:Session');
    store.delay((call) => isSave(call) && held.push(call.key) > 0, promise);
    const areHeld = async (number: number) => {
      while (held.length < number) await new Promise((later) => setTimeout(later, 5));
    };
    return { areHeld, release: resolve };
  };
  const silent = async (client_id: string) => {
    const request = await host.request({ client_id, prompt: 'none' });
    return { request, answer: visitor.once(request.url) };
  };
  const signOut = async () => {
    const question = await visitor.open(`${host.issuer}/session/end`);
    await question.submit('confirm', { logout: 'yes' });
  };

  // The kind of Abblix/Oidc.Server #307: the later of the two wrote over the other, whose application was never signed out.
  it('are both of it: each application gets tokens, and is signed out with it', async () => {
    const { areHeld, release } = holdSaves();
    const both = [await silent('app'), await silent('plain')];
    await areHeld(2);
    release();
    const got = await Promise.all(
      both.map(async ({ request, answer }) => {
        const callback = (await answer).headers.get('location')!;
        return (await tokens(host, request, callback)).access_token;
      }),
    );
    await signOut();
    for (const token of got) {
      const { status } = await fetch(`${host.issuer}/me`, { headers: { authorization: `Bearer ${token}` } });
      assert.equal(status, 401);
    }
  });

  // The kind of inception-project/inception #4439: what was under way at the sign-out brought the session back.
  it('are none of it any more where one of them is a sign-out', async () => {
    const { areHeld, release } = holdSaves();
    const { answer } = await silent('app');
    await areHeld(1);
    store.delay(() => false, Promise.resolve());
    await signOut();
    release();
    await answer;
    const again = await (await silent('app')).answer;
    assert.ok(again.headers.get('location')!.startsWith(`${REDIRECT_URI}?error=login_required`));
  });

  it('keep the question of a sign-out that was shown meanwhile', async () => {
    const { areHeld, release } = holdSaves();
    const { answer } = await silent('app');
    await areHeld(1);
    store.delay(() => false, Promise.resolve());
    const question = await visitor.open(`${host.issuer}/session/end`);
    release();
    await answer;
    assert.equal((await question.submit('confirm', { logout: 'yes' })).status, 200);
    const again = await (await silent('app')).answer;
    assert.match(again.headers.get('location')!, /error=login_required/);
  });
});
