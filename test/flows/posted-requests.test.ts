import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import express from 'express';
import { Visitor } from '../support/browser-client.ts';
import { arrive, bindPhone, type Host, PHONES, startHost } from '../support/host.ts';

const form = (text: string, type = 'application/x-www-form-urlencoded') => ({
  ...{ method: 'POST', body: text, redirect: 'manual' as const },
  headers: { 'content-type': type, origin: 'https://elsewhere.example' },
});

for (const parsed of [false, true]) {
  describe(`a request that comes as a form${parsed ? ', read by a parser of the host' : ''} (fault G.6)`, () => {
    let host: Host;
    before(async () => {
      host = await startHost({ before: (app) => parsed && app.use(express.urlencoded({ extended: false })) });
    });
    after(() => host.close());

    it('signs in like one in an address, from any site', async () => {
      const visitor = new Visitor();
      await bindPhone(host, visitor, 'alice', PHONES.alice);
      const request = await host.request({ ui_locales: 'ja en', claims: '{"id_token":{"acr":null}}' });
      const { search, origin } = new URL(request.url);
      const page = await visitor.open(`${origin}/auth`, {
        init: form(search.slice(1)),
        stopAt: 'http://127.0.0.1:1/',
      });
      await arrive(host, request, page);
    });

    it('ends a session like one in an address, and asks first', async () => {
      const visitor = new Visitor();
      await bindPhone(host, visitor, 'bob', PHONES.bob);
      const page = await visitor.open(`${host.issuer}/session/end`, {
        init: form('client_id=app&state=a+b'),
      });
      assert.match(page.html, /op\.logoutForm/);
      assert.equal(new URL(page.url).search, '?client_id=app&state=a+b');
    });

    it('changes nothing by itself: no cookie is set, every parameter is passed on as it is', async () => {
      const hostile =
        'client_id=a&client_id=b&x=%0d%0aSet-Cookie:%20a=b&y=%22%3E%3Cscript%3E&z=//evil.example';
      const response = await fetch(`${host.issuer}/auth?client_id=c`, form(hostile));
      assert.equal(response.status, 303);
      assert.equal(response.headers.get('set-cookie'), null);
      const location = response.headers.get('location')!;
      assert.match(location, /^\?client_id=a&client_id=b&x=%0D%0ASet-Cookie/);
      assert.equal(new URL(location, `${host.issuer}/auth`).origin, host.issuer);
    });

    it('is refused where it is too large, or no form', async () => {
      for (const init of [form(`a=${'x'.repeat(8000)}`), form('{}', 'application/json')]) {
        const response = await fetch(`${host.issuer}/auth`, init);
        assert.deepEqual([response.status, response.headers.get('location')], [303, '?']);
      }
      const reasons = host.events.flatMap((event) => (event.type === 'protocol.refused' ? event.error : []));
      assert.ok(reasons.includes('request_malformed') && reasons.includes('request_too_large'), `${reasons}`);
    });
  });
}

describe('a host that enables what has no policy', () => {
  it('is refused with CIBA (fault G.12)', async () => {
    const host = await startHost();
    const features = { ciba: { enabled: true, deliveryModes: ['poll'] } } as never;
    assert.throws(() => host.sekisho.configure({ features }), /features\.ciba/);
    await host.close();
  });
});
