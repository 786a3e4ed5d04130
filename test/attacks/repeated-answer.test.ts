import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { type Page, Visitor } from '../support/browser-client.ts';
import { onEveryStore } from '../support/every-store.ts';
import {
  bindPhone,
  enterCode,
  FREE_SENDS,
  givePassword,
  type Host,
  MFA,
  REDIRECT_URI,
  type SignInRequest,
  startHost,
  tokens,
} from '../support/host.ts';
import { MINUTE, SECOND, stopTime } from '../support/time.ts';

const time = stopTime();

onEveryStore('the answer to a finished sign-in, given again (fault C.2)', ({ open }) => {
  let host: Host;
  before(async () => {
    host = await startHost({ store: await open(), options: { sends: FREE_SENDS } });
  });
  after(() => host.close());

  let accounts = 0;
  /** A sign-in whose answer the browser has, and whose code nobody used. */
  async function signIn(): Promise<{ account: string; request: SignInRequest; page: Page; again: string }> {
    accounts += 1;
    const account = `account-${accounts}`;
    await bindPhone(host, new Visitor(), account, `+8190123${String(48_000 + accounts)}`);
    time.advance(MINUTE);
    const { page, request } = await givePassword(host, new Visitor(), account, { acr_values: MFA });
    const again = (await enterCode(host, page)).next!;
    await page.visitor.open(again, { stopAt: REDIRECT_URI });
    time.advance(2 * SECOND);
    return { account, request, page, again };
  }

  const isSignedIn = async ({ visitor }: Page): Promise<boolean> => {
    const { url } = await host.request({ client_id: 'plain', prompt: 'none' });
    return new URL((await visitor.open(url, { stopAt: REDIRECT_URI })).url).searchParams.has('code');
  };

  /** Presses the link once more; what it still opens. */
  async function repeat({ request, page, again }: Awaited<ReturnType<typeof signIn>>) {
    const { url } = await page.visitor.open(again, { stopAt: REDIRECT_URI });
    const got = tokens(host, request, url).then(
      () => true,
      () => false,
    );
    return { tokens: await got, session: await isSignedIn(page) };
  }

  it('holds a session and a code, without a remedy: what is below can fail', async () => {
    assert.deepEqual(await repeat(await signIn()), { tokens: true, session: true });
  });

  it('holds neither, once the account was signed out everywhere', async () => {
    const done = await signIn();
    await host.sekisho.endSessions(done.account);
    time.advance(SECOND);
    assert.deepEqual(await repeat(done), { tokens: false, session: false });
  });

  it('holds no code that says MFA, once the number was removed', async () => {
    const done = await signIn();
    await host.sekisho.removePhone(done.account);
    time.advance(SECOND);
    assert.equal((await repeat(done)).tokens, false);
  });

  it('holds neither, once the person signed out', async () => {
    const done = await signIn();
    const asked = await done.page.visitor.open(`${host.issuer}/session/end`);
    await asked.post(`${host.issuer}/session/end/confirm`, { ...asked.forms()[0]!.fields, logout: 'yes' });
    assert.equal(await isSignedIn(done.page), false);
    assert.deepEqual(await repeat(done), { tokens: false, session: false });
  });
});
