import assert from 'node:assert/strict';
import { afterEach, beforeEach, it } from 'node:test';
import type { Notice } from '../../src/ports/notifier.ts';
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
  MFA,
  PHONES,
  REDIRECT_URI,
  startHost,
} from '../support/host.ts';
import { MINUTE, SECOND, stopTime } from '../support/time.ts';

const time = stopTime();

onEveryStore(
  'a browser is trusted where the page offered it, and nowhere else (SES-06, fault A.6)',
  ({ open }) => {
    let host: Host;
    let told: Notice[];
    beforeEach(async () => {
      told = [];
      const notifier = { name: 'mail', notify: async (notice: Notice) => void told.push(notice) };
      host = await startHost({
        store: await open(),
        options: {
          sends: FREE_SENDS,
          signUp: true,
          accounts: createAccounts(),
          brand: { support: 'help@example.com' },
          notices: { notifier, find: (account) => ({ email: `${account}@example.com` }) },
        },
      });
    });
    afterEach(() => host.close());

    const trusted = async (account: string) => (await host.sekisho.describeAccount(account)).trustedBrowsers;

    it('not by a forged field where MFA is demanded, or the client always asks', async () => {
      await bindPhone(host, new Visitor(), 'alice', PHONES.alice);
      const demands: Record<string, string>[] = [
        { client_id: 'bank' },
        { client_id: 'strict' },
        { acr_values: MFA },
      ];
      for (const extra of demands) {
        const { page, request } = await givePassword(host, new Visitor(), 'alice', extra);
        assert.doesNotMatch(page.html, /name="trust"/);
        const { claims } = await arrive(host, request, await enterCode(host, page, { trust: 'yes' }));
        assert.equal(claims!.acr, MFA);
        assert.equal(await trusted('alice'), 0, JSON.stringify(extra));
      }
      assert.equal(told.filter(({ subject }) => /trusted/.test(subject)).length, 0);
    });

    it('not at a sign-up', async () => {
      const visitor = new Visitor();
      const request = await host.request({ prompt: 'create' });
      const form = await visitor.open(request.url, { stopAt: REDIRECT_URI });
      const applicant = { login: 'hanako', name: '', password: 'correct horse battery' };
      const number = await form.submit('signup', applicant);
      const code = await enterNumber(host, number, PHONES.bob);
      const { claims } = await arrive(host, request, await enterCode(host, code, { trust: 'yes' }));
      assert.equal(await trusted(claims!.sub), 0);
    });

    it('and then the holder is told', async () => {
      await bindPhone(host, new Visitor(), 'alice', PHONES.alice, true);
      await host.sekisho.idle();
      assert.equal(await trusted('alice'), 1);
      const notice = told.find(({ subject }) => /a browser was trusted/.test(subject));
      assert.match(notice?.text ?? '', /does not ask for a security code for a while/);
    });

    it('the secret before the newest one is reported as a repetition while it counts (fault A.12)', async () => {
      const owner = new Visitor();
      await bindPhone(host, owner, 'alice', PHONES.alice, true);
      const cookie = owner.cookie(/sekisho-trust/)!;
      const again = async (after: number) => {
        time.advance(after);
        const visitor = new Visitor();
        visitor.setCookie(cookie.name, cookie.value);
        await givePassword(host, visitor, 'alice');
        return host.events.filter(({ type }) => type.startsWith('browser.')).at(-1);
      };
      const first = await again(MINUTE);
      assert.ok(first?.type === 'browser.recognised' && !first.repeated);
      const second = await again(SECOND);
      assert.ok(second?.type === 'browser.recognised' && second.repeated && second.browser === 'trusted');
      assert.equal((await again(MINUTE))?.type, 'browser.replayed');
    });
  },
);
