import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { bodyDigest, signTwilio, twilioScheme } from '../../../../src/gateways/wire/schemes/twilio.ts';
import type { RawWebhook } from '../../../../src/ports/gateway.ts';
import { NOW, type Subject, signed, URL_CALLED, withstands } from './attack-7.ts';

const FORM = 'application/x-www-form-urlencoded';
const TOKENS = { new: 'new-token', old: 'old-token', other: 'other-token' };
const scheme = twilioScheme({ authTokens: [TOKENS.new, TOKENS.old] });

const form: Subject = {
  scheme,
  header: 'x-twilio-signature',
  body: 'MessageSid=SM1&MessageStatus=delivered&To=%2B819012345678&Note=a+b',
  type: FORM,
  covers: { url: true, time: false, body: true },
  sign: ({ url, body }, secret) => ({
    'x-twilio-signature': signTwilio(TOKENS[secret], url, new URLSearchParams(String(body))),
  }),
};

const request = (url: string, signature: string, body = '', type = FORM): RawWebhook => ({
  method: 'POST',
  url: new URL(url),
  headers: { 'content-type': type, 'x-twilio-signature': signature },
  body: new TextEncoder().encode(body),
  receivedAt: NOW,
});
const withToken = (token: string) => twilioScheme({ authTokens: [token] });
const result = async (one: RawWebhook, by = scheme) => {
  const auth = await by.verify(one);
  return auth.result === 'refused' ? auth.reason : auth.result;
};

describe('Twilio signs', () => {
  it("as Twilio's own library does", async () => {
    const vectors = [
      [
        'https://mycompany.com/myapp.php?foo=1&bar=2',
        'CallSid=CA1234567890ABCDE&Caller=%2B14158675309&Digits=1234&From=%2B14158675309&To=%2B18005551212',
        'RSOYDt4T1cUTdK1PDd93/VVr8B8=',
      ],
      [
        'https://op.example/sms/receipts/twilio?ref=m1',
        'MessageSid=SM0123&MessageStatus=delivered&To=%2B819012345678',
        'v7YbwBV9VppdjLmjsOJhzPcqaC0=',
      ],
    ] as const;
    for (const [url, body, signature] of vectors) {
      assert.equal(signTwilio('12345', url, new URLSearchParams(body)), signature);
      assert.equal(await result(request(url, signature, body), withToken('12345')), 'ok');
    }
    const digest = '015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862';
    assert.equal(bodyDigest('{"a":1}'), digest);
    const json = request(
      `https://op.example/w?bodySHA256=${digest}`,
      'We86SPIGnp832xfbeOJg9A/Dj3E=',
      '{"a":1}',
      'application/json',
    );
    assert.equal(await result(json, withToken('12345')), 'ok');
  });
});

describe('a form that Twilio signed', () => {
  withstands(form);

  it('may name the standard port or not, and another port not at all', async () => {
    const body = form.body;
    const fields = new URLSearchParams(body);
    const sign = (url: string) => signTwilio(TOKENS.new, url, fields);
    const at = (url: string, signature: string) => result(request(url, signature, body));
    assert.equal(await at('https://op.example/w', sign('https://op.example:443/w')), 'ok');
    assert.equal(await at('http://op.example/w', sign('http://op.example:80/w')), 'ok');
    assert.equal(await at('https://op.example:8443/w', sign('https://op.example/w')), 'ok');
    assert.equal(await at('https://op.example/w', sign('https://op.example:8443/w')), 'mismatch');
    assert.equal(await at('https://op.example/w', sign('https://op.example:80/w')), 'mismatch');
  });

  it('may have a query that is encoded in the old way', async () => {
    const signature = signTwilio(TOKENS.new, 'https://op.example/w?a=b%20c&d=%C3%A9', []);
    assert.equal(await result(request('https://op.example/w?a=b+c&d=é', signature)), 'ok');
    assert.equal(await result(request('https://op.example/w?a=b+d&d=é', signature)), 'mismatch');
  });

  it('is the same delivery in another order or with other escapes, and says the same (attack 7)', async () => {
    const genuine = await signed(form);
    const first = await scheme.verify(genuine);
    for (const body of [
      'To=%2B819012345678&MessageStatus=delivered&Note=a+b&MessageSid=SM1',
      'MessageSid=SM1&MessageStatus=%64elivered&To=%2b819012345678&Note=a%20b',
    ]) {
      assert.deepEqual(await scheme.verify({ ...genuine, body: new TextEncoder().encode(body) }), first);
    }
  });

  it('holds a field that came twice in both its values', async () => {
    const fields = [...new URLSearchParams('a=2&a=1&a=2&b=3')] as [string, string][];
    const signature = signTwilio(TOKENS.new, URL_CALLED, fields);
    assert.equal(signature, signTwilio(TOKENS.new, `${URL_CALLED}a1a2b3`), 'each once, sorted');
    assert.equal(await result(request(URL_CALLED, signature, 'a=2&a=1&b=3')), 'ok');
    assert.equal(await result(request(URL_CALLED, signature, 'a=1&b=3')), 'mismatch');
    assert.equal(await result(request(URL_CALLED, signature, 'a=1&a=2&b=3&b=4')), 'mismatch');
  });

  it('is nothing when its content type is switched (attack 7)', async () => {
    const genuine = await signed(form);
    for (const type of ['application/json', 'text/plain', 'multipart/form-data', undefined, [FORM, FORM]]) {
      assert.equal(
        await result({ ...genuine, headers: { ...genuine.headers, 'content-type': type } }),
        'mismatch',
      );
    }
    const charset = { ...genuine.headers, 'content-type': `${FORM}; charset=UTF-8` };
    assert.equal(await result({ ...genuine, headers: charset }), 'ok');
  });

  it('has a thousand fields at most, whoever signed it (attack 15)', async () => {
    const body = 'a=1&'.repeat(1001);
    const signature = signTwilio(TOKENS.new, URL_CALLED, new URLSearchParams(body));
    assert.equal(await result(request(URL_CALLED, signature, body)), 'mismatch');
  });
});

describe('another body that Twilio signed', () => {
  const json: Subject = {
    ...form,
    body: '{"MessageSid":"SM1"}',
    type: 'application/json',
    sign: ({ url }, secret) => ({ 'x-twilio-signature': signTwilio(TOKENS[secret], url) }),
  };
  const withDigest = (body: string, more = '') => `${URL_CALLED}&bodySHA256=${bodyDigest(body)}${more}`;

  it('is proved by the digest in the address, and by nothing less', async () => {
    const { body } = json;
    assert.equal(await result(await signed(json, { url: withDigest(body) })), 'ok');
    assert.equal(await result(await signed(json, { url: withDigest(body.replace('1', '2')) })), 'mismatch');
    assert.equal(await result(await signed(json)), 'mismatch', 'no digest');
    const two = withDigest(body, `&bodySHA256=${bodyDigest('x')}`);
    assert.equal(await result(await signed(json, { url: two })), 'mismatch', 'two digests');
  });

  it('cannot pass for a form: then its fields would have to be signed', async () => {
    const genuine = await signed(json, { url: withDigest(json.body) });
    assert.equal(
      await result({ ...genuine, headers: { ...genuine.headers, 'content-type': FORM } }),
      'mismatch',
    );
  });
});
