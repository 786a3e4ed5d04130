import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { createEmailNotifier } from '../../src/notifiers/email.ts';
import type { FindAddress } from '../../src/ports/notifier.ts';
import { type MailServer, makeCertificate, readMail, startMailServer } from '../notifiers/mail-server.ts';
import { startRudeServer } from '../notifiers/rude-server.ts';
import { type Page, Visitor } from '../support/browser-client.ts';
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
  startHost,
} from '../support/host.ts';

const pair = makeCertificate();
const FROM = 'no-reply@id.example';

let server: MailServer;
let host: Host;
beforeEach(async () => {
  server = await startMailServer({ ...pair, secure: true });
});
afterEach(async () => {
  await host.close();
  await server.close();
});

/** Where people of the bank are told things: everybody at home in Japanese and at work in English. */
const find = (account: string) => [
  { email: `${account}@home.example`, locale: 'ja' },
  { email: `${account}@work.example`, locale: 'en' },
];

async function startBank(settings: object = {}, findAddress: FindAddress = find): Promise<void> {
  const usual = { host: 'localhost', port: server.port, ca: pair.cert, from: FROM };
  host = await startHost({
    options: {
      sends: FREE_SENDS,
      // A wait after wrong codes is another test's.
      failures: { delays: [0] },
      brand: { name: 'Sekisho Bank', names: { ja: '関所銀行' }, support: '03-0000-0000' },
      notices: {
        notifier: createEmailNotifier({ ...usual, ...settings }),
        find: findAddress,
        timeZone: 'Asia/Tokyo',
      },
    },
  });
}

/** What arrived since the last look, by address. */
function mails(): Map<string, ReturnType<typeof readMail>> {
  return new Map(server.mails.splice(0).map(({ to, raw }) => [to.join(), readMail(raw)]));
}
const notices = () => host.events.filter(({ type }) => type.startsWith('notice.'));

/** Types wrong codes; answers the page after the last one. */
async function typeWrong(page: Page, times: number): Promise<Page> {
  const right = Number(host.inbox.lastCode());
  let at = page;
  for (let wrong = 1; wrong <= times; wrong += 1)
    at = await at.submit('code', { code: String((right + wrong) % 1_000_000).padStart(6, '0') });
  await host.sekisho.idle();
  return at;
}

describe('a number that is bound', () => {
  it('is told at every address in its language, with the number masked and no code (BND-02, LOG-02)', async () => {
    await startBank();
    const { claims } = await bindPhone(host, new Visitor({ 'accept-language': 'en' }), 'alice', PHONES.alice);
    assert.equal(claims!.acr, MFA);
    await host.sekisho.idle();
    const code = host.inbox.lastCode();
    assert.deepEqual(
      server.mails.map(({ secure, from }) => [secure, from]),
      [
        [true, FROM],
        [true, FROM],
      ],
    );
    const told = mails();
    const [home, work] = [told.get('alice@home.example')!, told.get('alice@work.example')!];
    assert.equal(home.subject, '【関所銀行】電話番号が登録されました');
    assert.equal(work.subject, 'Sekisho Bank: a phone number was registered');
    for (const { subject, body } of [home, work]) {
      assert.match(body, /••••••••01\n[\s\S]*03-0000-0000\n/);
      assert.doesNotMatch(`${subject}${body}`, /12340001|9012340|https?:|\{/);
      assert.ok(!body.includes(code));
    }
    assert.equal(notices().length, 2);
    for (const event of notices())
      assert.deepEqual(
        { ...event, time: '' },
        { type: 'notice.sent', notice: 'number_bound', notifier: 'email', account: 'alice', time: '' },
      );
    assert.doesNotMatch(host.logged.join(), /@home|@work/, 'no address is logged');
  });

  it('is told of when it was removed, and when there was none nobody is told (BND-02)', async () => {
    await startBank();
    await bindPhone(host, new Visitor(), 'alice', PHONES.alice);
    await host.sekisho.idle();
    mails();
    assert.equal(await host.sekisho.removePhone('alice'), true);
    await host.sekisho.idle();
    const told = mails();
    assert.deepEqual([...told.keys()].sort(), ['alice@home.example', 'alice@work.example']);
    assert.match(told.get('alice@work.example')!.body, /removed[\s\S]*••••••••01/);
    assert.equal(await host.sekisho.removePhone('alice'), false);
    assert.equal(await host.sekisho.removePhone('bob'), false);
    await host.sekisho.idle();
    assert.equal(mails().size, 0);
  });

  it('is not told of before its code was entered, nor at a later sign-in', async () => {
    await startBank();
    const visitor = new Visitor();
    const { page, request } = await givePassword(host, visitor, 'alice');
    const code = await enterNumber(host, page, PHONES.alice);
    assert.equal(mails().size, 0);
    await arrive(host, request, await enterCode(host, code));
    await host.sekisho.idle();
    assert.equal(mails().size, 2);
    const later = await givePassword(host, new Visitor(), 'alice');
    await arrive(host, later.request, await enterCode(host, later.page));
    await host.sekisho.idle();
    assert.equal(mails().size, 0);
  });
});

describe('wrong codes after a right password', () => {
  beforeEach(async () => {
    await startBank();
    await bindPhone(host, new Visitor(), 'alice', PHONES.alice);
    await host.sekisho.idle();
    mails();
  });

  it('are told of once at the fifth, not five times (SES-10)', async () => {
    const { page } = await givePassword(host, new Visitor(), 'alice');
    const fourth = await typeWrong(page, 4);
    assert.equal(server.mails.length, 0);
    await typeWrong(fourth, 1);
    const to = server.mails.map((mail) => mail.to.join()).sort();
    assert.deepEqual(to, ['alice@home.example', 'alice@work.example'], 'one for each address');
    const told = mails();
    assert.match(told.get('alice@work.example')!.body, /wrong security codes in a row/);
    assert.doesNotMatch(told.get('alice@work.example')!.body, /•/);
  });

  it('are told of when somebody starts anew after four, too', async () => {
    await typeWrong((await givePassword(host, new Visitor(), 'alice')).page, 4);
    assert.equal(mails().size, 0);
    const anew = await givePassword(host, new Visitor(), 'alice');
    await typeWrong(anew.page, 1);
    assert.equal(mails().size, 2);
  });

  it('are not told of after a right one came in between', async () => {
    const first = await givePassword(host, new Visitor(), 'alice');
    await arrive(host, first.request, await enterCode(host, await typeWrong(first.page, 4)));
    await typeWrong((await givePassword(host, new Visitor(), 'alice')).page, 4);
    assert.equal(mails().size, 0);
  });
});

describe('a mail server that fails', () => {
  it('takes nothing back: the number is bound, the sign-in done, and events say what failed (BND-02)', async () => {
    await startBank();
    await server.close();
    const { claims } = await bindPhone(host, new Visitor(), 'alice', PHONES.alice);
    assert.equal(claims!.acr, MFA);
    await host.sekisho.idle();
    assert.equal(await host.sekisho.hasPhone('alice'), true);
    assert.deepEqual(
      notices().map(({ type }) => type),
      ['notice.failed', 'notice.failed'],
    );
    assert.match(host.logged.join(), /ESOCKET ECONNREFUSED/, 'and the operator learns why');
    assert.doesNotMatch(host.logged.join(), /@home|@work/);
    assert.equal(await host.sekisho.removePhone('alice'), true);
  });

  it('keeps nobody waiting, and is waited for at the end (THR-06, OPS-04)', async (t) => {
    const rude = await startRudeServer('no answer');
    t.after(() => rude.close());
    await startBank({ host: '127.0.0.1', port: rude.port, insecure: true, totalTimeout: 700 });
    const { claims } = await bindPhone(host, new Visitor(), 'alice', PHONES.alice);
    assert.equal(claims!.acr, MFA);
    assert.deepEqual(notices(), [], 'the relying party has its token while the mail server thinks');
    await host.sekisho.close();
    assert.equal(notices().length, 2);
  });

  it('hinders nobody when the host cannot say where to write', async () => {
    await startBank({}, () => Promise.reject(new Error('canary alice@home.example')));
    const { claims } = await bindPhone(host, new Visitor(), 'alice', PHONES.alice);
    assert.equal(claims!.acr, MFA);
    await host.sekisho.idle();
    assert.deepEqual(
      notices().map(({ type }) => type),
      ['notice.failed'],
    );
    assert.doesNotMatch(host.logged.join(), /canary/);
  });
});

describe('e-mail', () => {
  it('is no way to get a code, whoever asks for it, and no amr ever names it (OTP-08)', async () => {
    await startBank();
    const { claims } = await bindPhone(host, new Visitor(), 'alice', PHONES.alice);
    assert.deepEqual((claims!.amr as string[]).sort(), ['mfa', 'pwd', 'sms']);
    await host.sekisho.idle();
    mails();
    const { page, request } = await givePassword(host, new Visitor(), 'alice');
    const asked = await page.submit('send', { channel: 'email', email: 'alice@home.example' });
    await host.sekisho.idle();
    assert.equal(mails().size, 0);
    assert.ok(host.inbox.messages.every(({ channel, to }) => channel === 'sms' && to === PHONES.alice));
    const later = await arrive(host, request, await enterCode(host, asked));
    assert.deepEqual((later.claims!.amr as string[]).sort(), ['mfa', 'pwd', 'sms']);
  });
});
