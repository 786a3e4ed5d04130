import { createTransport } from 'nodemailer';
import { SekishoError } from '../errors.ts';
import type { Notice, Notifier } from '../ports/notifier.ts';
import { isMailAddress } from './email/address.ts';
import { type EmailSettings, readEmailSettings } from './email/settings.ts';

/** One line without controls or direction marks: nothing that ends a header or turns it around. */
const SUBJECT = /^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]{1,200}$/u;
/** Of BCP 47 only what can stand in a header. */
const LOCALE = /^[A-Za-z0-9-]{2,35}$/;

/**
 * Tells account holders by e-mail over SMTP (RFC 5321, TLS as in RFC 8314). It carries notices only; a code for a second
 * factor never goes by e-mail, and this cannot be used as a gateway (OTP-08).
 *
 * Each notice is a connection of its own and is tried once: give it a server that queues. `notify` rejects with
 * SekishoError `send_failed` when the server did not take it, naming the step and the three digits the server said, and
 * nothing else of its words, which may quote the address (LOG-02). Nothing is opened before the first notice; `close`
 * ends what is under way and takes nothing more.
 *
 * @param settings See docs/gateways/email.md; `host` and `from` are needed. Milliseconds: `connectTimeout` 3000,
 *   `totalTimeout` 8000.
 * @throws ConfigurationError naming every setting that is wrong.
 */
export function createEmailNotifier(settings: unknown): Notifier {
  const own = readEmailSettings(settings);
  const transport = openTransport(own);
  const closing = new AbortController();
  return {
    name: 'email',
    async notify(notice) {
      assertSafe(notice);
      const signal = AbortSignal.any([closing.signal, AbortSignal.timeout(own.totalTimeout)]);
      try {
        await transport.sendMail({ ...mailOf(notice, own), signal });
      } catch (error) {
        throw failure(error);
      }
    },
    findings() {
      if (!own.insecure) return [];
      const message = 'is set to insecure: notices go without TLS';
      return [{ severity: 'fatal', message, fix: 'Remove insecure; it is for a test server' }];
    },
    async close() {
      closing.abort();
      transport.close();
    },
  };
}

function openTransport(settings: EmailSettings) {
  const { host, port, tls, insecure, user, password, ca, connectTimeout, totalTimeout } = settings;
  return createTransport({
    ...{ host, port, secure: tls === 'implicit' && !insecure },
    // Without it, whoever sits in between could take STARTTLS out of the answer and read along (RFC 8314 section 5).
    ...(insecure ? { ignoreTLS: true } : { requireTLS: tls === 'starttls' }),
    // Said outright, because NODE_TLS_REJECT_UNAUTHORIZED in the environment would switch it off.
    tls: { minVersion: 'TLSv1.2', rejectUnauthorized: true, ...(ca === undefined ? {} : { ca }) },
    // Forced: a server that offers no login gets no notice either, because it may not be ours.
    ...(user === undefined ? {} : { auth: { user, pass: password }, forceAuth: true }),
    connectionTimeout: connectTimeout,
    greetingTimeout: connectTimeout,
    dnsTimeout: connectTimeout,
    socketTimeout: totalTimeout,
    socketCloseTimeout: 500,
    // A notice is text of ours; nothing in it may make the library fetch a file or an address.
    disableFileAccess: true,
    disableUrlAccess: true,
  });
}

const mailOf = ({ to, locale, subject, text }: Notice, { from, fromName }: EmailSettings) => ({
  from: { name: fromName ?? '', address: from },
  to: { name: '', address: to },
  // Said outright, so that nothing is read out of headers.
  envelope: { from, to: [to] },
  subject,
  text,
  // Nobody's out-of-office reply is wanted (RFC 3834 section 5).
  headers: { 'Auto-Submitted': 'auto-generated', 'Content-Language': locale },
  xMailer: false as const,
});

function assertSafe({ to, locale, subject, text }: Notice): void {
  const wrong =
    (!isMailAddress(to) && 'address') ||
    (!SUBJECT.test(subject) && 'subject') ||
    (!LOCALE.test(locale) && 'locale') ||
    (text.trim() === '' && 'text');
  if (wrong) throw new SekishoError('send_failed', `A notice was not sent: its ${wrong} cannot be used`);
}

/**
 * Says which step failed and why, in the vocabularies of the library and of Node (`ESOCKET ECONNREFUSED`), and the reply
 * code of the server (RFC 5321 section 4.2). The error itself goes no further, not as a cause either (LOG-02).
 */
function failure(error: unknown): SekishoError {
  const { code, originalCode, responseCode } = (error ?? {}) as Record<string, unknown>;
  const words = [code, originalCode].filter(
    (word) => typeof word === 'string' && /^[A-Z0-9_]{3,60}$/.test(word),
  );
  const reply = Number.isInteger(responseCode) ? [responseCode] : [];
  const why = [...words, ...reply].join(' ') || 'unknown';
  return new SekishoError('send_failed', `The mail server did not take a notice: ${why}`);
}
