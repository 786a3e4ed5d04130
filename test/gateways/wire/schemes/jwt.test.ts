import assert from 'node:assert/strict';
import { createHash, createHmac } from 'node:crypto';
import { describe, it } from 'node:test';
import { type JWTPayload, SignJWT, UnsecuredJWT } from 'jose';
import { type JwtSettings, jwtScheme, signJwt } from '../../../../src/gateways/wire/schemes/jwt.ts';
import { NOW, type Subject, signed, type Unsigned, URL_CALLED, withstands } from './attack-7.ts';

const SECRETS = { new: 'new-secret', old: 'old-secret', other: 'other-secret' };
const secrets = [SECRETS.new, SECRETS.old];
const vonage: JwtSettings = { secrets, header: 'authorization', issuer: 'Vonage', claims: ['payload_hash'] };
const bird: JwtSettings = {
  secrets,
  header: 'messagebird-signature-jwt',
  issuer: 'MessageBird',
  claims: ['url_hash', 'payload_hash'],
};
const BODY = '{"message_uuid":"u1","status":"delivered"}';

const subject = (settings: JwtSettings, more: JWTPayload = {}): Subject => ({
  scheme: jwtScheme(settings),
  header: settings.header,
  body: BODY,
  type: 'application/json',
  covers: { url: settings.claims.includes('url_hash'), time: true, body: true },
  async sign({ url, body, at }: Unsigned, secret) {
    const token = await signJwt({ ...settings, secrets: [SECRETS[secret]] }, { url, body, at }, more);
    return { [settings.header]: settings.header === 'authorization' ? `Bearer ${token}` : token };
  },
});

describe('the token that Vonage sends', () => {
  withstands(subject(vonage));

  it('holds the digest of the body that its documentation describes', async () => {
    const token = await signJwt(vonage, { body: BODY, url: URL_CALLED, at: NOW });
    const payload = JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString());
    assert.deepEqual(payload, {
      iss: 'Vonage',
      iat: NOW / 1000,
      payload_hash: 'd0bbdf78fa213904cff9f9ba0a93513b36c4f5f069ae20ce5ec9f5ecabb202a1',
    });
    const [head, body, signature] = token.split('.');
    const expected = createHmac('sha256', SECRETS.new).update(`${head}.${body}`).digest('base64url');
    assert.equal(signature, expected);
  });
});

describe('the token that MessageBird sends', () => {
  withstands(subject(bird));

  it('also proves a webhook without a body, by the address alone', async () => {
    const one = subject(bird);
    const empty = await signed(one, { body: '', method: 'GET' });
    assert.equal((await one.scheme.verify(empty)).result, 'ok');
    const filled = { ...empty, body: new TextEncoder().encode('{}') };
    assert.deepEqual(await one.scheme.verify(filled), { result: 'refused', reason: 'mismatch' });
  });
});

describe('a token', () => {
  const { scheme } = subject(vonage);
  const key = (secret: string) => new TextEncoder().encode(secret);
  const claims = (more: JWTPayload = {}): JWTPayload => ({
    iss: 'Vonage',
    iat: NOW / 1000,
    payload_hash: createHash('sha256').update(BODY).digest('hex'),
    ...more,
  });
  const presented = async (token: string, scheme_ = 'Bearer') => {
    const request = await signed(subject(vonage));
    const auth = await scheme.verify({
      ...request,
      headers: { ...request.headers, authorization: `${scheme_} ${token}` },
    });
    return auth.result === 'refused' ? auth.reason : auth.result;
  };
  const made = (payload: JWTPayload, alg = 'HS256', secret = SECRETS.new) =>
    new SignJWT(payload).setProtectedHeader({ alg }).sign(key(secret));

  it('is signed, with HMAC-SHA256 and nothing else', async () => {
    assert.equal(await presented(await made(claims())), 'ok');
    assert.equal(await presented(new UnsecuredJWT(claims()).encode()), 'mismatch');
    const long = 'x'.repeat(64);
    const patient = jwtScheme({ ...vonage, secrets: [long] });
    const request = await signed(subject(vonage));
    for (const alg of ['HS256', 'HS384', 'HS512']) {
      const authorization = `Bearer ${await made(claims(), alg, long)}`;
      const auth = await patient.verify({ ...request, headers: { ...request.headers, authorization } });
      assert.equal(auth.result, alg === 'HS256' ? 'ok' : 'refused', alg);
    }
    const none = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${(await made(claims())).split('.')[1]}.`;
    assert.equal(await presented(none), 'mismatch');
  });

  it('stands behind Bearer', async () => {
    const token = await made(claims());
    assert.equal(await presented(token, 'bearer'), 'ok');
    for (const other of ['Basic', 'Bearer Bearer', '', 'JWT'])
      assert.equal(await presented(token, other), 'mismatch');
  });

  it('is from that issuer, says when, and which body', async () => {
    for (const wrong of [
      { iss: 'MessageBird' },
      { iss: undefined },
      { iat: undefined },
      { payload_hash: undefined },
      { payload_hash: '' },
      { payload_hash: 'd0bb' },
      { payload_hash: 5 as never },
      { iat: String(NOW / 1000) as never },
    ]) {
      assert.equal(await presented(await made(claims(wrong))), 'mismatch', JSON.stringify(wrong));
    }
    const upper = claims().payload_hash as string;
    assert.equal(await presented(await made(claims({ payload_hash: upper.toUpperCase() }))), 'ok');
  });

  it('is not used before nbf or after exp, but for a minute of clocks that differ', async () => {
    const now = NOW / 1000;
    for (const times of [{ exp: now - 30 }, { nbf: now + 30 }, { exp: now + 900, nbf: now - 900 }]) {
      assert.equal(await presented(await made(claims(times))), 'ok');
    }
    for (const times of [{ exp: now - 90 }, { nbf: now + 90 }, { exp: 0 }]) {
      assert.equal(await presented(await made(claims(times))), 'stale', JSON.stringify(times));
      assert.equal(await presented(await made(claims(times), 'HS256', SECRETS.other)), 'mismatch');
      assert.equal(await presented(await made(claims(times), 'HS256', SECRETS.old)), 'stale');
    }
  });

  it('that covers neither body nor address proves nothing', async () => {
    const request = await signed(subject(vonage), { body: '' });
    assert.deepEqual(await scheme.verify(request), { result: 'refused', reason: 'mismatch' });
    const loose = jwtScheme({ ...vonage, claims: [] });
    assert.equal((await loose.verify(await signed(subject(vonage)))).result, 'refused');
  });

  it('has one spelling, so that it cannot come again as another delivery', async () => {
    const token = await made(claims());
    const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const last = letters.indexOf(token.at(-1)!);
    // 32 bytes leave two bits of the last letter unused.
    for (const bits of [1, 2, 3]) {
      assert.equal(await presented(token.slice(0, -1) + letters[last ^ bits]!), 'mismatch');
    }
    for (const other of [`${token}=`, `${token} `, ` ${token}`, token.replaceAll('.', ' .')]) {
      assert.equal(await presented(other), 'mismatch');
    }
  });
});
