import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { Visitor } from '../support/browser-client.ts';
import { PASSWORD, REDIRECT_URI, requestAt } from '../support/test-server.ts';
import { acceptedTwice, createLedger, type Ledger, sentTwice, summary } from './ledger.ts';
import { beginSignIn, finishSignIn, type SignIn, startLoad, untilCodePage } from './people.ts';
import type { Person, Site } from './site.ts';

/** What a fault did to people. */
export interface Aftermath {
  ledger: Ledger;
  /** Messages that nobody had asked for, all numbers together. */
  sentTwice: number;
}

const WAITING = 3;
/** So many of those who were told that their number is bound are looked at, the latest first. */
const LOOKED_AT = 16;
const REPLAYED = 10;

/**
 * Lets eight people sign in while something fails, and holds the site to what it promises after any fault: no binding it
 * acknowledged is lost, no code is accepted twice, nobody is let in by a password alone, and who had the page for the code
 * open gets in once it is over.
 *
 * @param fault What happens meanwhile; resolves when the site should work again.
 */
export async function underLoad(
  test: TestContext,
  site: Site,
  fault: () => Promise<void>,
): Promise<Aftermath> {
  const ledger = createLedger();
  const waiting = await Promise.all(
    Array.from({ length: WAITING }, async () =>
      untilCodePage(await beginSignIn(site, ledger, site.nextAccount())),
    ),
  );
  const load = startLoad(site, ledger);
  await fault();
  const done = await load.stop();
  const late = await Promise.all(waiting.map(finishSignIn));
  test.diagnostic(summary(site, ledger));
  assert.deepEqual(
    late,
    waiting.map(() => true),
    'who had the page for the code open gets in',
  );
  assert.deepEqual(ledger.gaveUp, [], 'everybody gets in in the end');
  assert.ok(done.length > 0, 'somebody signed in');
  await assertBound(site, ledger);
  await assertUsedCodesAreDead(site, [...done, ...waiting]);
  return { ledger, sentTwice: [...sentTwice(site, ledger).values()].reduce((sum, times) => sum + times, 0) };
}

/** The password alone binds no other number, and a wrong code lets nobody in. */
async function assertBound(site: Site, ledger: Ledger): Promise<void> {
  assert.deepEqual([...ledger.unbound], [], 'nobody who was told so was asked for a number again');
  const latest = [...ledger.bound].slice(-LOOKED_AT).map(([login, phone]): Person => ({ login, phone }));
  for (let at = 0; at < latest.length; at += 8)
    await Promise.all(latest.slice(at, at + 8).map((person) => assertAsked(site, person)));
}

async function assertAsked(site: Site, { login, phone }: Person): Promise<void> {
  const visitor = new Visitor({ accept: 'text/html' });
  const page = await visitor.open(requestAt(site.issuer), { stopAt: REDIRECT_URI });
  const asked = await page.submit('login', { login, password: PASSWORD }, REDIRECT_URI);
  assert.ok(!asked.form('number'), `${login} is asked for a number, and ${phone} was bound`);
  assert.ok(asked.form('code'), `${login}: ${asked.status} ${asked.text().slice(0, 200)}`);
  const since = Date.now() - 1000;
  const code = await site.vendor.codeFor(phone, since);
  const wrong = code === '000000' ? '111111' : '000000';
  const refused = await asked.submit('code', { code: wrong }, REDIRECT_URI);
  assert.ok(!refused.next && !refused.url.startsWith(REDIRECT_URI), `${login} was let in by a wrong code`);
}

/** The forms with codes that were right are sent once more, by the browser that sent them. */
export async function assertUsedCodesAreDead(site: Site, done: readonly SignIn[]): Promise<void> {
  for (const { visitor, codeForm } of done.slice(-REPLAYED)) {
    const body = new URLSearchParams(codeForm!.fields);
    const again = await visitor.once(codeForm!.action, { method: 'POST', body });
    assert.ok(again.status >= 400, `${again.status} for a code that was used`);
  }
  assert.deepEqual(acceptedTwice(site), [], 'no code is accepted twice');
}
