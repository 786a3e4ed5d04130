import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { createEmailNotifier } from '../../src/notifiers/email.ts';
import { CANARY_NOTICE, failureOf } from './failure.ts';
import { type MailServer, readMail, startMailServer } from './mail-server.ts';
import { type Rudeness, type RudeServer, startRudeServer } from './rude-server.ts';

/** Clear text, which only a server on this machine can be spoken to in. */
const settingsFor = (port: number, more: object = {}) => ({
  ...{ host: '127.0.0.1', port, from: 'no-reply@id.example', insecure: true },
  ...more,
});

describe('a mail server that does not answer', () => {
  let rude: RudeServer;
  afterEach(() => rude.close());

  async function tried(rudeness: Rudeness, timeouts: object) {
    rude = await startRudeServer(rudeness);
    const began = performance.now();
    const error = await failureOf(
      createEmailNotifier(settingsFor(rude.port, timeouts)).notify(CANARY_NOTICE),
    );
    return { error, took: performance.now() - began };
  }

  for (const rudeness of ['no greeting', 'an endless greeting'] as const) {
    it(`with ${rudeness} is given up after connectTimeout`, async () => {
      const { error, took } = await tried(rudeness, { connectTimeout: 100 });
      assert.match(error.message, /ETIMEDOUT$/);
      assert.ok(took >= 90 && took < 7000, `${took} ms`);
    });
  }

  it('not even with a handshake, where TLS comes first, is given up after connectTimeout', async () => {
    const tls = { insecure: false, tls: 'implicit' };
    const { error, took } = await tried('no greeting', { ...tls, connectTimeout: 100 });
    assert.match(error.message, /ETIMEDOUT$/);
    assert.ok(took >= 90 && took < 7000, `${took} ms`);
  });

  for (const [rudeness, messages] of [
    ['no answer', 0],
    ['an endless answer', 0],
    ['no receipt', 1],
  ] as const) {
    it(`but gives ${rudeness} is given up after totalTimeout, and not asked again`, async () => {
      const { error, took } = await tried(rudeness, { totalTimeout: 600 });
      assert.match(error.message, /EABORT|ETIMEDOUT/);
      assert.ok(took >= 590 && took < 7000, `${took} ms`);
      assert.deepEqual([rude.connections, rude.messages], [1, messages]);
    });
  }

  it('but drops the connection after the message may have it, so it does not get it twice', async () => {
    const { error } = await tried('drops the message', {});
    assert.match(error.message, /ECONNECTION|ESOCKET/);
    assert.deepEqual([rude.connections, rude.messages], [1, 1]);
  });

  it('gets an old address of a Japanese carrier quoted, as RFC 5321 section 4.1.2 has it', async () => {
    rude = await startRudeServer('drops the message');
    const notifier = createEmailNotifier(settingsFor(rude.port));
    await failureOf(notifier.notify({ ...CANARY_NOTICE, to: 'old..style.@docomo.example' }));
    assert.ok(rude.commands.includes('RCPT TO:<"old..style."@docomo.example>'), rude.commands.join(' '));
  });

  it('or does not exist, is said to be so', async () => {
    rude = await startRudeServer('no greeting');
    await rude.close();
    const notifier = createEmailNotifier(settingsFor(rude.port));
    assert.match((await failureOf(notifier.notify(CANARY_NOTICE))).message, /ESOCKET ECONNREFUSED$/);
    rude = await startRudeServer('no greeting');
  });

  it('is let go by close, which takes no notice afterwards', async () => {
    rude = await startRudeServer('no answer');
    const notifier = createEmailNotifier(settingsFor(rude.port));
    const under = failureOf(notifier.notify(CANARY_NOTICE));
    await notifier.close!();
    assert.match((await under).message, /EABORT/);
    const { connections } = rude;
    await failureOf(notifier.notify(CANARY_NOTICE));
    assert.equal(rude.connections, connections);
  });
});

describe('a notice', () => {
  let server: MailServer;
  afterEach(() => server.close());

  async function send(more: object) {
    server = await startMailServer({ disabledCommands: ['STARTTLS'] });
    await createEmailNotifier(settingsFor(server.port)).notify({ ...CANARY_NOTICE, ...more });
  }

  const injections: [what: string, more: Record<string, string>][] = [
    ['subject', { subject: 'canary\r\nBcc: all@evil.example' }],
    ['subject', { subject: 'canary\nBcc: all@evil.example' }],
    ['subject', { subject: 'canary\u2028Bcc: all@evil.example' }],
    ['subject', { subject: 'canary \u202emoc.live' }],
    ['subject', { subject: '' }],
    ['subject', { subject: 'canary'.repeat(50) }],
    ['address', { to: 'canary@mail.example\r\nRCPT TO:<all@evil.example>' }],
    ['address', { to: 'canary@mail.example, all@evil.example' }],
    ['address', { to: 'canary <all@evil.example>' }],
    ['address', { to: 'canary@mail.example> SIZE=1' }],
    ['address', { to: '"canary@evil.example "@mail.example' }],
    ['address', { to: 'canary(all@evil.example)@mail.example' }],
    ['address', { to: 'canary' }],
    ['address', { to: `${'canary'.repeat(12)}@mail.example` }],
    ['locale', { locale: 'ja\r\nBcc: canary@evil.example' }],
    ['locale', { locale: '' }],
    ['text', { text: ' \n' }],
  ];
  for (const [what, more] of injections) {
    it(`whose ${what} is ${JSON.stringify(Object.values(more)[0]).slice(0, 60)} goes nowhere (GWY-07)`, async () => {
      const error = await failureOf(send(more));
      assert.match(error.message, new RegExp(`its ${what} cannot be used`));
      assert.deepEqual(server.seen, []);
    });
  }

  for (const to of ['a.b+c@mail.example', "o'neil/x=y@mail.example"]) {
    it(`reaches ${to}`, async () => {
      await send({ to });
      assert.deepEqual(server.mails[0]!.to, [to]);
    });
  }

  it('ends where its text ends, whatever the text looks like, and is one message', async () => {
    const text = 'one\n.\nMAIL FROM:<a@evil.example>\n..\n.\r\nRCPT TO:<b@evil.example>\r.\rDATA\n.\n';
    await send({ text });
    assert.equal(server.mails.length, 1);
    const { body, headers } = readMail(server.mails[0]!.raw);
    assert.equal(body.replace(/\r/g, '\n').trimEnd(), text.replace(/\r\n?/g, '\n').trimEnd());
    assert.equal(headers.has('bcc'), false);
    assert.deepEqual(server.seen, ['connect', 'mail', 'rcpt', 'data']);
  });

  it('in clear text is for a test server, so production refuses to start (GWY-01)', async () => {
    await send({});
    assert.equal(server.mails[0]!.secure, false);
    const [finding] = createEmailNotifier(settingsFor(25)).findings!({ production: true });
    assert.equal(finding!.severity, 'fatal');
    const safe = createEmailNotifier({ host: 'mail.example', from: 'a@id.example' });
    assert.deepEqual(safe.findings!({ production: true }), []);
  });
});
