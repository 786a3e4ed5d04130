import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';

/** A mail as a real SMTP server got it. */
export interface Mail {
  from: string;
  to: string[];
  /** Headers and body as they were sent. */
  raw: string;
  /** Whether the connection was encrypted. */
  secure: boolean;
  user: string | undefined;
}

export interface MailServer {
  port: number;
  mails: Mail[];
  /** What was seen, in order: `connect`, `auth`, `mail`, `rcpt`, `data`. */
  seen: string[];
  close(): Promise<void>;
}

export interface Certificate {
  key: string;
  cert: string;
}

/** A key pair for a server on this machine, or of other names, made for this run by openssl. */
export function makeCertificate(names = 'DNS:localhost,IP:127.0.0.1'): Certificate {
  const folder = mkdtempSync(join(tmpdir(), 'sekisho-mail-'));
  const [keyout, out] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const request = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const about = [
    '-days',
    '2',
    '-subj',
    '/CN=localhost',
    '-addext',
    `subjectAltName=${names}`,
    '-keyout',
    keyout,
    '-out',
    out,
  ];
  execFileSync('openssl', [...request, ...about], { stdio: 'ignore' });
  const pair = { key: readFileSync(keyout, 'utf8'), cert: readFileSync(out, 'utf8') };
  rmSync(folder, { recursive: true });
  return pair;
}

/**
 * A real SMTP server on a free port.
 *
 * @param options Those of the package smtp-server; a listener replaces ours.
 */
export async function startMailServer(options: SMTPServerOptions = {}): Promise<MailServer> {
  const mails: Mail[] = [];
  const seen: string[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disableReverseLookup: true,
    closeTimeout: 1,
    ...options,
    onConnect(session, done) {
      seen.push('connect');
      (options.onConnect ?? ((_session, answer) => answer()))(session, done);
    },
    onAuth(auth, session, done) {
      seen.push('auth');
      if (options.onAuth) return options.onAuth(auth, session, done);
      done(null, { user: auth.username });
    },
    onMailFrom(address, session, done) {
      seen.push('mail');
      (options.onMailFrom ?? ((_address, _session, answer) => answer()))(address, session, done);
    },
    onRcptTo(address, session, done) {
      seen.push('rcpt');
      (options.onRcptTo ?? ((_address, _session, answer) => answer()))(address, session, done);
    },
    onData(stream, session, done) {
      seen.push('data');
      if (options.onData) return options.onData(stream, session, done);
      const { envelope, secure, user } = session;
      void text(stream).then((raw) => {
        const from = envelope.mailFrom === false ? '' : envelope.mailFrom.address;
        mails.push({ from, to: envelope.rcptTo.map(({ address }) => address), raw, secure, user });
        done();
      });
    },
  });
  // A client that gives up in the middle is what some tests are about.
  server.on('error', () => {});
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  const { port } = server.server.address() as AddressInfo;
  return {
    ...{ port, mails, seen },
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

/** Subject, the other headers by lower-case name, and the body as text. */
export function readMail(raw: string): { subject: string; headers: Map<string, string>; body: string } {
  const [head = '', ...rest] = raw.split('\r\n\r\n');
  const lines = head.replace(/\r\n[ \t]+/g, ' ').split('\r\n');
  const headers = new Map(
    lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 2)]),
  );
  const encoded = rest.join('\r\n\r\n');
  return { subject: decodeWords(headers.get('subject') ?? ''), headers, body: decodeBody(headers, encoded) };
}

/** Encoded words of RFC 2047; those beside one another belong together. */
const decodeWords = (header: string): string =>
  header
    .replace(/\?=\s+=\?/g, '?==?')
    .replace(/=\?utf-8\?([bq])\?([^?]*)\?=/gi, (_, kind: string, word: string) =>
      kind.toLowerCase() === 'b'
        ? Buffer.from(word, 'base64').toString('latin1')
        : unquote(word.replace(/_/g, ' ')),
    )
    .replace(/[\x80-\xff]+/g, (bytes) => Buffer.from(bytes, 'latin1').toString('utf8'));

function decodeBody(headers: Map<string, string>, body: string): string {
  const encoding = headers.get('content-transfer-encoding');
  const lines = (text: string) => text.replace(/\r\n/g, '\n');
  if (encoding === 'base64') return lines(Buffer.from(body, 'base64').toString('utf8'));
  if (encoding !== 'quoted-printable') return lines(body);
  return lines(Buffer.from(unquote(body.replace(/=\r\n/g, '')), 'latin1').toString('utf8'));
}

const unquote = (text: string): string =>
  text.replace(/=([0-9A-F]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
