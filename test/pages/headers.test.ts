import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { protect } from '../../src/pages/headers.ts';

describe('headers of a page', () => {
  let server: Server;
  let address: string;
  before(async () => {
    server = createServer((req, res) => {
      res.setHeader('X-Powered-By', 'something');
      protect(res, { nonce: randomBytes(16).toString('base64'), https: req.url === '/https' });
      res.end('<p>page</p>');
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(() => server.close());
  const headers = async (path = '/') => (await fetch(address + path)).headers;

  it('let in our stylesheet and our script alone (WEB-01, WEB-03)', async () => {
    const policy = new Map(
      (await headers())
        .get('content-security-policy')!
        .split(';')
        .map((part) => {
          const [name = '', ...values] = part.split(' ');
          return [name, values.join(' ')];
        }),
    );
    assert.match(policy.get('script-src')!, /^'nonce-[A-Za-z0-9+/]{22}=='$/);
    policy.delete('script-src');
    assert.deepEqual(Object.fromEntries(policy), {
      'default-src': "'none'",
      'style-src': "'self'",
      'img-src': 'data:',
      'connect-src': "'self'",
      'form-action': "'self'",
      'base-uri': "'none'",
      'frame-ancestors': "'none'",
    });
  });

  it('have a new nonce for each response, and never one that can be guessed or breaks out (WEB-01)', async () => {
    const [one, other] = [await headers(), await headers()];
    assert.notEqual(one.get('content-security-policy'), other.get('content-security-policy'));
    for (const nonce of ['', 'short', "x'; script-src *", 'AAAAAAAAAAAAAAAAAAAAAA==\r\nX: y']) {
      assert.throws(() => protect({} as never, { nonce, https: false }), /nonce/);
    }
  });

  it('keep the page out of referrers, caches and frames, and leave it tied to its opener (WEB-04, WEB-05, WEB-06)', async () => {
    const sent = await headers();
    assert.equal(sent.get('referrer-policy'), 'no-referrer');
    assert.equal(sent.get('cache-control'), 'no-store');
    assert.equal(sent.get('x-content-type-options'), 'nosniff');
    assert.equal(sent.get('x-frame-options'), 'DENY');
    assert.equal(sent.get('cross-origin-opener-policy'), null, 'fault C.1');
    assert.equal(sent.get('x-powered-by'), null);
  });

  it('leave WebOTP to our own pages and switch other powers off (WEB-06)', async () => {
    const policy = (await headers()).get('permissions-policy')!;
    assert.match(policy, /(^|, )otp-credentials=\(self\)(,|$)/);
    assert.match(policy, /geolocation=\(\)/);
  });

  it('tell browsers to stay with https for a year, once there is https (WEB-06)', async () => {
    assert.equal((await headers()).get('strict-transport-security'), null);
    assert.equal((await headers('/https')).get('strict-transport-security'), 'max-age=31536000');
  });
});
