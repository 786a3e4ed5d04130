import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { accountTag } from '../../src/domain/limits.ts';
import { key } from '../../src/ports/store.ts';
import { type Page, Visitor } from '../support/browser-client.ts';
import { onEveryStore } from '../support/every-store.ts';
import {
  arrive,
  bindPhone,
  enterCode,
  enterNumber,
  FREE_SENDS,
  givePassword,
  type Host,
  introspect,
  MFA,
  REDIRECT_URI,
  refresh,
  startHost,
} from '../support/host.ts';
import { copyOf, isSkipped } from '../support/skipped.ts';
import { read } from '../support/source-text.ts';
import { DAY, MINUTE, stopTime } from '../support/time.ts';
import { createVendor, tell, type Vendor } from '../support/vendor.ts';

const time = stopTime();

/** The rows and columns of docs/rules.md. */
const table = readTable(read('docs/rules.md'));

function readTable(text: string): { remedies: string[]; rows: { name: string; ends: boolean[] }[] } {
  const lines = text.split('\n').filter((line) => line.startsWith('| '));
  const cells = (line: string) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim());
  const at = lines.findIndex((line) => line.startsWith('| Remembered'));
  return {
    remedies: cells(lines[at]!).slice(1),
    rows: lines.slice(at + 1).map((line) => {
      const [name = '', ...ends] = cells(line);
      return { name, ends: ends.map((cell) => cell === 'ends') };
    }),
  };
}

onEveryStore('what a remedy ends (BND-05, BND-08, SES-11, lesson 15, faults A.1 and A.8)', ({ open }) => {
  let host: Host;
  let vendor: Vendor;
  before(async () => {
    vendor = createVendor('vendor');
    host = await startHost({ store: await open(), inbox: vendor, options: { sends: FREE_SENDS } });
  });
  after(async () => {
    await host.close();
  });

  const REMEDIES: Record<string, (account: string) => Promise<unknown>> = {
    'number removed': (account) => host.sekisho.removePhone(account),
    'number changed': async (account) => {
      await host.sekisho.removePhone(account);
      time.advance(MINUTE);
      await bindPhone(host, new Visitor(), account, phoneOf(`new ${account}`));
    },
    'browsers forgotten': (account) => host.sekisho.forgetBrowsers(account),
    // One call: what a host does besides is its own.
    'password changed': (account) => host.sekisho.endSessions(account),
    'account disabled': (account) => host.sekisho.endSessions(account),
    'signed out everywhere': (account) => host.sekisho.endSessions(account),
  };

  const phones = new Map<string, string>();
  const phoneOf = (name: string): string => {
    if (!phones.has(name)) phones.set(name, `+8190123${String(45_000 + phones.size)}`);
    return phones.get(name)!;
  };

  const stoppedOf = (account: string) => `stopped ${account}`;

  const OFFLINE = { scope: 'openid offline_access', prompt: 'consent' };

  /** Everything that may be remembered of an account, made for real; what is asked says whether it still counts. */
  async function remember(account: string): Promise<Record<string, () => Promise<boolean>>> {
    const visitor = new Visitor();
    const first = await bindPhone(host, visitor, account, phoneOf(account), true, OFFLINE);
    assert.equal(first.claims!.acr, MFA);
    const plain = await givePassword(host, new Visitor(), account, { ...OFFLINE, client_id: 'plain' });
    const consented = await plain.page.submit('consent', {}, REDIRECT_URI);
    const single = await arrive(host, plain.request, consented);
    const waiting = await givePassword(host, new Visitor(), account);
    const code = host.inbox.lastCode();
    await waiting.page.submit('code', { code: code === '000000' ? '111111' : '000000' });
    await host.sekisho.idle();
    const sessionOnly = copyOf(visitor, /session/);
    const trustOnly = copyOf(visitor, /sekisho-trust/);
    const browserOnly = copyOf(visitor, /sekisho-browser/);
    const state = () => host.sekisho.describeAccount(account);
    const stopped = await bindAndStop(account);
    const boundAt = (await state()).phone!.boundAt;
    return {
      'the number, and who it belongs to': async () => (await state()).phone?.boundAt === boundAt,
      'wrong codes in a row': async () => (await state()).failures === 1,
      'a code that is under way': () => isRight(waiting.page, code),
      'a second factor proved in a session': async () => {
        const request = await host.request({ acr_values: MFA });
        const page = await copyOf(sessionOnly, /./).open(request.url, { stopAt: REDIRECT_URI });
        return new URL(page.url).searchParams.has('code');
      },
      'a session of the provider': async () => {
        const request = await host.request({ client_id: 'plain', prompt: 'none' });
        const page = await copyOf(sessionOnly, /./).open(request.url, { stopAt: REDIRECT_URI });
        return new URL(page.url).searchParams.has('code');
      },
      'a refresh token that says MFA': () => isTaken(first.tokens!.refresh_token!),
      'an access token that says MFA': async () =>
        (await introspect(host, first.tokens!.access_token)).active === true,
      'a refresh token of one factor': () => isTaken(single.tokens!.refresh_token!, 'plain'),
      'a trusted browser': () => isSkipped(host, copyOf(trustOnly, /./), account, 'app'),
      'a known browser and network': () => isSkipped(host, copyOf(browserOnly, /./), account, 'risky'),
      'sends counted for the account': async () => !(await isUnsent(account)),
      'STOP said at the number': () => isStopped(stopped),
    };
  }

  /** STOP ends what the other rows are about, so an account of its own says it. Answers its number. */
  async function bindAndStop(account: string): Promise<string> {
    const e164 = phoneOf(stoppedOf(account));
    await bindPhone(host, new Visitor(), stoppedOf(account), e164);
    const told = [{ type: 'inbound' as const, from: e164, keyword: 'stop' }];
    await tell(host, vendor, told, { url: host.sekisho.webhookUrl('vendor') });
    await host.sekisho.idle();
    return e164;
  }

  async function isStopped(e164: string): Promise<boolean> {
    const { page } = await givePassword(host, new Visitor(), `asks for ${e164}`);
    return /are stopped/.test((await enterNumber(host, page, e164)).text());
  }

  /** Whether the account may send as one that sent nothing within the day. */
  async function isUnsent(account: string): Promise<boolean> {
    const counted = key(accountTag(account), 'sends', 'confirmed');
    const first = { key: counted, now: Date.now(), windows: [{ window: DAY, max: 1 }], cooldown: [] };
    const { granted } = await host.store.reserve(first);
    if (granted) await host.store.release(counted, first.now);
    return granted;
  }

  async function isRight(page: Page, code: string): Promise<boolean> {
    return (await page.submit('code', { code })).next !== undefined;
  }

  async function isTaken(token: string, clientId?: string): Promise<boolean> {
    return refresh(host, token, clientId).then(
      () => true,
      (error: { error?: string }) => {
        assert.equal(error.error, 'invalid_grant');
        return false;
      },
    );
  }

  for (const [column, remedy] of table.remedies.entries()) {
    it(`${remedy}: what the table says`, async () => {
      const account = `account-${column}`;
      const remembered = await remember(account);
      assert.deepEqual(
        table.rows.map(({ name }) => name),
        Object.keys(remembered),
      );
      time.advance(2000);
      await REMEDIES[remedy]!(account);
      await REMEDIES[remedy]!(stoppedOf(account));
      time.advance(2000);
      for (const { name, ends } of table.rows) {
        assert.equal(await remembered[name]!(), !ends[column], `${name}, after: ${remedy}`);
        await host.sekisho.idle();
      }
    });
  }

  it('without a remedy everything counts, so that the rows above can fail', async () => {
    const remembered = await remember('nobody-did-anything');
    time.advance(4000);
    for (const [name, counts] of Object.entries(remembered)) assert.ok(await counts(), name);
    assert.ok(await isUnsent('somebody-else'), 'nor does a send of others count');
    assert.equal(await isStopped(phoneOf('somebody-else')), false, 'nor their STOP');
  });

  it('what was proved before is not learnt or trusted after it, however late it is written', async () => {
    const account = 'slow';
    await bindPhone(host, new Visitor(), account, phoneOf(account));
    const { page, request } = await givePassword(host, new Visitor(), account, { client_id: 'risky' });
    const answer = page.submit('code', { code: host.inbox.lastCode(), trust: 'yes' });
    const forgotten = host.sekisho.forgetBrowsers(account);
    const [done] = await Promise.all([answer, forgotten]);
    await arrive(host, request, done);
    await host.sekisho.idle();
    const { known, trustedBrowsers } = await host.sekisho.describeAccount(account);
    assert.ok(known.length <= 2 && trustedBrowsers <= 1, 'the clock stands still: both at one moment');
    time.advance(1000);
    assert.equal(await isSkipped(host, page.visitor, account, 'risky'), false, 'and it counts for nothing');
  });

  it('a number that was bound again does not bring anything back', async () => {
    const account = 'again';
    const visitor = new Visitor();
    await bindPhone(host, visitor, account, phoneOf(account), true);
    await host.sekisho.idle();
    time.advance(1000);
    await host.sekisho.removePhone(account);
    time.advance(1000);
    const { page, request } = await givePassword(host, new Visitor(), account);
    const code = await enterNumber(host, page, phoneOf(account));
    await arrive(host, request, await enterCode(host, code));
    assert.equal(await isSkipped(host, copyOf(visitor, /trust|browser/), account, 'risky'), false);
  });
});
