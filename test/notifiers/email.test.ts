import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import type { SMTPServerOptions } from 'smtp-server';
import { createEmailNotifier } from '../../src/notifiers/email.ts';
import type { Notice } from '../../src/ports/notifier.ts';
import { failureOf, CANARY_NOTICE as NOTICE } from './failure.ts';
import { type MailServer, makeCertificate, readMail, startMailServer } from './mail-server.ts';

const pair = makeCertificate();
const stranger = makeCertificate('DNS:mail.example');
const LOGIN = { user: 'canary-user', password: 'canary-password' };

let server: MailServer;
afterEach(() => {
  delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
  return server.close();
});

const settingsFor = (port: number, more: object = {}) => ({
  ...{ host: 'localhost', port, ca: pair.cert, from: 'no-reply@id.example' },
  ...more,
});

async function sendTo(options: SMTPServerOptions, settings: object = {}, notice: Partial<Notice> = {}) {
  server = await startMailServer({ ...pair, ...options });
  await createEmailNotifier(settingsFor(server.port, settings)).notify({ ...NOTICE, ...notice });
  return server.mails[0]!;
}

describe('the e-mail notifier', () => {
  for (const [tls, secure] of [
    ['implicit', true],
    ['starttls', false],
  ] as const) {
    it(`hands a notice over with ${tls} TLS and a login`, async () => {
      const mail = await sendTo({ secure }, { tls, ...LOGIN, fromName: '関所 "Bank", Tokyo' });
      assert.deepEqual([mail.secure, mail.user], [true, LOGIN.user]);
      assert.deepEqual([mail.from, mail.to], ['no-reply@id.example', [NOTICE.to]]);
      const { subject, headers, body } = readMail(mail.raw);
      assert.deepEqual([subject, body.trimEnd()], [NOTICE.subject, NOTICE.text.trimEnd()]);
      assert.equal(headers.get('to'), NOTICE.to);
      assert.match(headers.get('from')!, /<no-reply@id\.example>$/);
      assert.equal(headers.get('content-language'), 'ja');
      assert.equal(headers.get('auto-submitted'), 'auto-generated');
      assert.match(headers.get('content-type')!, /^text\/plain; charset=utf-8/, 'no HTML, so no links');
      assert.equal(headers.has('x-mailer'), false);
      assert.equal(headers.has('otp-token'), false);
      assert.deepEqual(server.seen, ['connect', 'auth', 'mail', 'rcpt', 'data']);
    });
  }

  it('needs no login where none is set', async () => {
    const mail = await sendTo({ secure: true });
    assert.equal(mail.user, undefined);
    assert.ok(!server.seen.includes('auth'));
  });

  it('sends nothing to a server without STARTTLS, nor to one where somebody took it out', async () => {
    for (const options of [
      { disabledCommands: ['STARTTLS'] },
      { hideSTARTTLS: true, disabledCommands: ['STARTTLS'] },
    ]) {
      const error = await failureOf(sendTo(options, { tls: 'starttls', ...LOGIN }));
      assert.match(error.message, /ETLS/);
      assert.deepEqual(server.seen, ['connect'], 'neither login nor address nor text');
      await server.close();
    }
  });

  for (const [what, word, own, settings] of [
    ['nobody vouches for', /SELF_SIGNED_CERT/, pair, { ca: undefined }],
    ['another authority signed', /ESOCKET/, pair, { ca: makeCertificate().cert }],
    ['is for another name', /ERR_TLS_CERT_ALTNAME_INVALID/, stranger, { ca: stranger.cert }],
  ] as const) {
    it(`sends nothing to a server whose certificate ${what}, whatever the environment says`, async () => {
      process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';
      const error = await failureOf(sendTo({ secure: true, ...own }, { ...LOGIN, ...settings }));
      assert.match(error.message, word);
      assert.deepEqual(server.mails, []);
      assert.ok(!server.seen.includes('auth'));
    });
  }

  it('speaks no TLS older than 1.2', async () => {
    const old = {
      secure: true,
      minVersion: 'TLSv1',
      maxVersion: 'TLSv1.1',
      ciphers: 'DEFAULT@SECLEVEL=0',
    } as const;
    assert.match((await failureOf(sendTo(old))).message, /PROTOCOL_VERSION/);
    assert.deepEqual(server.mails, []);
  });

  it('says the step and the reply code of a refused login, and nothing of its words (LOG-02, GWY-06)', async () => {
    const refuse: SMTPServerOptions['onAuth'] = ({ username, password }, _session, done) =>
      done(Object.assign(new Error(`no ${username} ${password}`), { responseCode: 535 }));
    const error = await failureOf(sendTo({ secure: true, onAuth: refuse }, LOGIN));
    assert.equal(error.message, 'The mail server did not take a notice: EAUTH 535');
    assert.deepEqual(server.seen, ['connect', 'auth'], 'one attempt');
  });

  it('hands no notice to a server that takes no login where one is set', async () => {
    const error = await failureOf(sendTo({ secure: true, disabledCommands: ['AUTH'] }, LOGIN));
    assert.match(error.message, /EAUTH/);
    assert.deepEqual(server.seen, ['connect']);
  });

  for (const [step, option] of [
    ['sender', 'onMailFrom'],
    ['recipient', 'onRcptTo'],
  ] as const) {
    it(`says so when the ${step} is refused, without the address (LOG-02)`, async () => {
      const refuse: SMTPServerOptions['onRcptTo'] = ({ address }, _session, done) =>
        done(Object.assign(new Error(`${address} canary`), { responseCode: 550 }));
      const error = await failureOf(sendTo({ secure: true, [option]: refuse }));
      assert.equal(error.message, 'The mail server did not take a notice: EENVELOPE 550');
      assert.ok(!server.seen.includes('data'));
    });
  }

  it('tries once when the server says "later"', async () => {
    const later: SMTPServerOptions['onData'] = (stream, _session, done) => {
      stream.resume().on('end', () => done(Object.assign(new Error('canary busy'), { responseCode: 451 })));
    };
    const error = await failureOf(sendTo({ secure: true, onData: later }));
    assert.equal(error.message, 'The mail server did not take a notice: EMESSAGE 451');
    assert.deepEqual(server.seen, ['connect', 'mail', 'rcpt', 'data']);
  });
});
