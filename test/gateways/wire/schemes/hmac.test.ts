import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { describe, it } from 'node:test';
import { ConfigurationError } from '../../../../src/errors.ts';
import { type HmacSettings, hmacScheme, signHmac } from '../../../../src/gateways/wire/schemes/hmac.ts';
import { NOW, type Subject, signed, URL_CALLED, withstands } from './attack-7.ts';

const SECRETS = { new: 'new-secret', old: 'old-secret', other: 'other-secret' };
const BODY = '{"batch_id":"01","status":"Delivered"}';

const sinch: HmacSettings = {
  secrets: [SECRETS.new, SECRETS.old],
  header: 'x-sinch-webhook-signature',
  digest: 'sha256',
  encoding: 'base64',
  template: '{body}.{nonce}.{timestamp}',
  timestampHeader: 'x-sinch-webhook-signature-timestamp',
  nonceHeader: 'x-sinch-webhook-signature-nonce',
};
const hub: HmacSettings = {
  ...{ secrets: sinch.secrets, header: 'x-hub-signature', digest: 'sha1', encoding: 'hex' },
  ...{ prefix: 'sha1=', template: '{body}' },
};
const everything: HmacSettings = {
  ...{ secrets: sinch.secrets, header: 'x-signature', digest: 'sha512', encoding: 'hex' },
  ...{
    template: '{method}\n{url}\n{timestamp}\n{body}',
    timestampHeader: 'x-time',
    timestampUnit: 'milliseconds',
  },
};

const subject = (settings: HmacSettings): Subject => ({
  scheme: hmacScheme(settings),
  header: settings.header,
  body: BODY,
  type: 'application/json',
  covers: {
    url: settings.template.includes('{url}'),
    time: settings.timestampHeader !== undefined,
    body: true,
  },
  sign({ method, url, body, at }, secret) {
    const timestamp = String(settings.timestampUnit === 'milliseconds' ? at : Math.floor(at / 1000));
    const parts = { method, url, body, timestamp, nonce: '01ABC' };
    return {
      [settings.header]: `${settings.prefix ?? ''}${signHmac(SECRETS[secret], settings, parts)}`,
      ...(settings.timestampHeader ? { [settings.timestampHeader]: timestamp } : {}),
      ...(settings.nonceHeader ? { [settings.nonceHeader]: parts.nonce } : {}),
    };
  },
});

describe('an HMAC over body, nonce and time (Sinch)', () => {
  const one = subject(sinch);
  withstands(one);

  it('is the one that its documentation describes', () => {
    const parts = { method: 'POST', url: '', body: '{"a":1}', nonce: '01ABC', timestamp: '1700000000' };
    assert.equal(signHmac('secret', sinch, parts), 'lYDhBL/6p2hzA00jBLwBKPFvRQBzWfJPC+n7FhTPxwU=');
  });

  it('covers nonce and time, and needs both (attack 7)', async () => {
    const request = await signed(one);
    for (const name of [sinch.timestampHeader!, sinch.nonceHeader!]) {
      const value = request.headers[name] as string;
      for (const [other, reason] of [
        [undefined, 'missing'],
        [[value, value], 'mismatch'],
        [`${value}0`, 'mismatch'],
        [`0${value}`, 'mismatch'],
        [` ${value}`, 'mismatch'],
        [`${value}.`, 'mismatch'],
        ['-1', 'mismatch'],
        ['1e9', 'mismatch'],
      ] as const) {
        const auth = await one.scheme.verify({ ...request, headers: { ...request.headers, [name]: other } });
        assert.deepEqual(auth, { result: 'refused', reason }, `${name}: ${other}`);
      }
    }
  });

  it('takes a time in digits only, whoever signed it', async () => {
    const parts = { method: 'POST', url: URL_CALLED, body: BODY, nonce: '01ABC' };
    for (const timestamp of [
      '1700000000',
      '0x6553f100',
      '1.7e9',
      '1700000000.0',
      ' 1700000000',
      '+1700000000',
    ]) {
      const request = await signed(one);
      const headers = {
        ...request.headers,
        [sinch.header]: signHmac(SECRETS.new, sinch, { ...parts, timestamp }),
        [sinch.timestampHeader!]: timestamp,
      };
      const auth = await one.scheme.verify({ ...request, headers });
      assert.equal(auth.result, timestamp === '1700000000' ? 'ok' : 'refused', timestamp);
    }
  });

  it('lets no end of the body pass for the nonce, nor the other way', async () => {
    const request = await signed(one, { body: `${BODY}.x` });
    const moved = {
      ...request,
      body: new TextEncoder().encode(BODY),
      headers: { ...request.headers, [sinch.nonceHeader!]: 'x.01ABC' },
    };
    assert.equal((await one.scheme.verify(request)).result, 'ok');
    assert.deepEqual(await one.scheme.verify(moved), { result: 'refused', reason: 'mismatch' });
  });
});

describe('an HMAC over the body, with a prefix, in hex', () => {
  const one = subject(hub);
  withstands(one);

  it('may be written in capitals, and is the same delivery then', async () => {
    const request = await signed(one);
    const value = request.headers[hub.header] as string;
    assert.equal(value, `sha1=${createHmac('sha1', SECRETS.new).update(BODY).digest('hex')}`);
    const capitals = value.replace(/=.*/, (hex) => hex.toUpperCase());
    const auth = await one.scheme.verify({
      ...request,
      headers: { ...request.headers, [hub.header]: capitals },
    });
    assert.deepEqual(auth, await one.scheme.verify(request));
    const bare = value.slice('sha1='.length);
    const without = await one.scheme.verify({
      ...request,
      headers: { ...request.headers, [hub.header]: bare },
    });
    assert.equal(without.result, 'refused');
  });
});

describe('an HMAC over method, address, time and body', () => {
  const one = subject(everything);
  withstands(one);

  it('refuses another method', async () => {
    const request = await signed(one, { at: NOW });
    assert.equal((await one.scheme.verify({ ...request, method: 'PUT' })).result, 'refused');
  });
});

describe('an HMAC over no body', () => {
  it('proves nothing, whoever signed it, unless the address is signed (attack 7)', async () => {
    const mismatch = { result: 'refused', reason: 'mismatch' };
    for (const settings of [sinch, hub]) {
      const one = subject(settings);
      assert.deepEqual(await one.scheme.verify(await signed(one, { body: '' })), mismatch);
    }
    const one = subject(everything);
    assert.equal((await one.scheme.verify(await signed(one, { body: '' }))).result, 'ok');
  });
});

describe('a template', () => {
  it('that leaves the body out, or names what no header brings, is refused at the start', () => {
    for (const wrong of [
      { template: '{timestamp}.{nonce}' },
      { template: '' },
      { template: '{body}.{nonce}' },
      { template: '{body}.{timestamp}' },
      { timestampHeader: undefined },
      { nonceHeader: undefined },
    ]) {
      assert.throws(() => hmacScheme({ ...sinch, ...wrong }), ConfigurationError, JSON.stringify(wrong));
    }
  });
});
