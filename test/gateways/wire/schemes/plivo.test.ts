import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { plivoScheme, signPlivo } from '../../../../src/gateways/wire/schemes/plivo.ts';
import { type Subject, signed, withstands } from './attack-7.ts';

const FORM = 'application/x-www-form-urlencoded';
const NONCE = 'x-plivo-signature-v3-nonce';
const TOKENS = { new: 'new-token', old: 'old-token', other: 'other-token' };
const scheme = plivoScheme({ authTokens: [TOKENS.new, TOKENS.old] });
const subject: Subject = {
  scheme,
  header: 'x-plivo-signature-v3',
  body: 'MessageUUID=u-1&Status=delivered&To=819012345678',
  type: FORM,
  covers: { url: true, time: false, body: true },
  sign({ method, url, body }, secret) {
    const fields = new URLSearchParams(String(body));
    return {
      'x-plivo-signature-v3': signPlivo(TOKENS[secret], { method, url, fields, nonce: '12345' }),
      [NONCE]: '12345',
    };
  },
};
const result = async (...args: Parameters<typeof scheme.verify>) => {
  const auth = await scheme.verify(...args);
  return auth.result === 'refused' ? auth.reason : auth.result;
};

describe('Plivo signs', () => {
  it("as Plivo's own library does", () => {
    const url = 'https://op.example/sms/receipts/plivo';
    const sign = (method: string, query: string, body: string) =>
      signPlivo('tok', { method, url: url + query, fields: new URLSearchParams(body), nonce: '12345' });
    assert.equal(
      sign('POST', '?ref=m1', 'MessageUUID=u-1&Status=delivered&To=819012345678'),
      'u8KrymqDvoiamXlEtby5AYr0hiyr2goUJATlzkJEzPQ=',
    );
    assert.equal(
      sign('POST', '', 'MessageUUID=u-1&Status=delivered'),
      '7AEOxYwoo/H1VaqE3sTxvERV8U/etF3peH5uUtyBl8A=',
    );
    assert.equal(sign('GET', '?b=2&a=1', ''), 'I2KZFJiiiLYQGZUGY3G1WDpgyLLqqR3CfrB9NnqB+C8=');
  });
});

describe('a webhook that Plivo signed', () => {
  withstands(subject);

  it('may hold several signatures, one of which fits', async () => {
    const request = await signed(subject);
    const value = request.headers['x-plivo-signature-v3'] as string;
    const given = (header: string) =>
      result({ ...request, headers: { ...request.headers, 'x-plivo-signature-v3': header } });
    assert.equal(await given(`AAAA,${value}`), 'ok');
    assert.equal(await given(`${value}, AAAA`), 'ok');
    assert.equal(await given('AAAA,BBBB'), 'mismatch');
    assert.equal(await given(`${'AAAA,'.repeat(10)}${value}`), 'mismatch', 'ten at most');
  });

  it('covers its nonce, which is one word', async () => {
    const request = await signed(subject);
    for (const nonce of ['12346', '1.2345', '', ['12345', '12345']]) {
      const auth = await result({ ...request, headers: { ...request.headers, [NONCE]: nonce } });
      assert.equal(auth, nonce === '' ? 'missing' : 'mismatch');
    }
  });

  it('is the same delivery in another order, and none with another content type (attack 7)', async () => {
    const request = await signed(subject);
    const body = new TextEncoder().encode('To=819012345678&Status=%64elivered&MessageUUID=u-1');
    assert.deepEqual(await scheme.verify({ ...request, body }), await scheme.verify(request));
    const other = { ...request.headers, 'content-type': 'application/json' };
    assert.equal(await result({ ...request, headers: other }), 'mismatch');
  });

  it('brings nothing in the body of a GET, which no signature covers (attack 7)', async () => {
    const request = await signed(subject, { method: 'GET', body: '' });
    assert.equal(await result(request), 'ok');
    assert.equal(await result({ ...request, body: new TextEncoder().encode(subject.body) }), 'mismatch');
  });
});
