import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { exportJWK, generateKeyPair } from 'jose';
import Provider from 'oidc-provider';
import { ConfigurationError } from '../../src/errors.ts';
import { createKeyFile, keyFileIn, loadKeys, readKeyFile, writeKeyFile } from '../../src/server/keys/file.ts';
import {
  generateKeys,
  type Keys,
  notePublished,
  rotateCookieKey,
  rotateSecret,
  rotateSigningKey,
  signingJwks,
} from '../../src/server/keys.ts';
import { DAY, HOUR } from '../support/time.ts';

const NOW = Date.UTC(2026, 5, 1);
const folder = mkdtempSync(join(tmpdir(), 'keys-'));
after(() => rmSync(folder, { recursive: true }));
const fresh = (name: string) => join(folder, name, 'data');
const load = (data: string, more: object = {}) =>
  loadKeys(data, { text: undefined, make: true, now: NOW, ...more });

describe('the key file', () => {
  it('is made at the first start, for the owner only, and stays the same', async () => {
    const data = fresh('first');
    const keys = await load(data);
    assert.deepEqual(await load(data), keys);
    assert.equal(statSync(keyFileIn(data)).mode & 0o777, 0o600);
    assert.equal(statSync(data).mode & 0o777, 0o700);
    assert.deepEqual(readdirSync(data), ['keys.json'], 'no draft is left');
    for (const secret of [...keys.secrets, ...keys.cookieKeys]) {
      assert.equal(Buffer.from(secret, 'base64url').length, 32);
    }
  });

  it('is made once when many start at the same moment', async () => {
    const data = fresh('many');
    const all = await Promise.all(Array.from({ length: 5 }, () => load(data)));
    assert.equal(new Set(all.map(({ secrets }) => secrets[0])).size, 1);
    assert.deepEqual(readdirSync(data), ['keys.json']);
  });

  it('is not made where none may be made: the right one may be on a disk that is not mounted', async () => {
    const data = fresh('production');
    await assert.rejects(load(data, { make: false }), /keys\.json: is missing\. Make it once with/);
    assert.equal(existsSync(data), false);
  });

  it('is refused when others may read it, and says what to do', async () => {
    const data = fresh('open');
    await load(data);
    for (const mode of [0o640, 0o604, 0o660]) {
      chmodSync(keyFileIn(data), mode);
      await assert.rejects(load(data), (error: ConfigurationError) => {
        assert.match(error.problems[0]!.fix, /^Run: chmod 600 /);
        return error instanceof ConfigurationError;
      });
    }
  });

  it('is refused when it is damaged, without a word of what is in it (GWY-06)', async () => {
    const data = fresh('damaged');
    const keys = await load(data);
    const other = await exportJWK((await generateKeyPair('RS256', { extractable: true })).privateKey);
    const [signing] = keys.signing;
    const damaged: unknown[] = [
      '{"secrets": ["canary',
      { ...keys, secrets: ['canary'] },
      { ...keys, signing: [] },
      { ...keys, canary: 1 },
      { ...keys, signing: [{ ...signing, jwk: { ...other, n: signing!.jwk.n } }] },
      { ...keys, signing: [{ ...signing, jwk: other }] },
    ];
    for (const content of damaged) {
      writeFileSync(keyFileIn(data), typeof content === 'string' ? content : JSON.stringify(content));
      await assert.rejects(load(data), (error: Error) => {
        assert.doesNotMatch(error.message, /canary"|"d"/);
        assert.equal(error.message.split('\n').length, 1);
        return error instanceof ConfigurationError;
      });
    }
  });

  it('may come whole from the environment, and then no file is looked at', async () => {
    const data = fresh('environment');
    const keys = await generateKeys(NOW);
    assert.deepEqual(await load(data, { text: JSON.stringify(keys), make: false }), keys);
    assert.equal(existsSync(data), false);
    await assert.rejects(load(data, { text: '{}' }), /SEKISHO_KEYS: is no key file/);
  });

  it('notes when its keys were published: a key in a file alone is published to nobody', async () => {
    const data = fresh('published');
    const file = keyFileIn(data);
    await createKeyFile(file, () => generateKeys(NOW));
    assert.equal((await readKeyFile(file)).signing[0]?.publishedAt, null);
    await load(data, { now: NOW + HOUR });
    await load(data, { now: NOW + DAY });
    assert.equal((await readKeyFile(file)).signing[0]?.publishedAt, new Date(NOW + HOUR).toISOString());
  });
});

describe('rotating the signing key (EAM-04)', () => {
  let keys: Keys;
  before(async () => {
    keys = notePublished(await generateKeys(NOW), NOW);
  });

  const states = ({ signing }: Keys) => signing.map(({ state }) => state);
  const done = async (from: Keys, now: number) => {
    const rotation = await rotateSigningKey(from, now);
    if (rotation.outcome === 'too_early') throw new Error('too early');
    return rotation;
  };

  it('publishes a new key first, and lets it sign 48 hours after a server published it', async () => {
    const added = await done(keys, NOW);
    assert.deepEqual([added.outcome, states(added.keys)], ['added', ['current', 'next']]);
    assert.deepEqual(await rotateSigningKey(added.keys, NOW + 30 * DAY), {
      ...{ outcome: 'too_early', kid: added.kid, at: null },
    });
    const published = notePublished(added.keys, NOW + HOUR);
    const early = await rotateSigningKey(published, NOW + HOUR + 48 * HOUR - 1);
    assert.deepEqual(early, { outcome: 'too_early', kid: added.kid, at: NOW + 49 * HOUR });
    const promoted = await done(published, NOW + 49 * HOUR);
    assert.deepEqual([promoted.outcome, states(promoted.keys)], ['promoted', ['previous', 'current']]);
    assert.equal(promoted.kid, added.kid);
  });

  it('drops a key 48 hours after a server ran without signing with it, not before', async () => {
    const published = notePublished((await done(keys, NOW)).keys, NOW);
    const promoted = (await done(published, NOW + 48 * HOUR)).keys;
    const restarted = notePublished(promoted, NOW + 50 * HOUR);
    const soon = await done(restarted, NOW + 98 * HOUR - 1);
    assert.deepEqual([soon.dropped, states(soon.keys)], [0, ['previous', 'current', 'next']]);
    const later = await done(restarted, NOW + 98 * HOUR);
    assert.deepEqual([later.dropped, states(later.keys)], [1, ['current', 'next']]);
    const neverRestarted = await done(promoted, NOW + 365 * DAY);
    assert.equal(neverRestarted.dropped, 0, 'it may sign still');
  });

  it('puts the current key first in the JWKS, which is the one the library signs with', async () => {
    const published = notePublished((await done(keys, NOW)).keys, NOW);
    const promoted = (await done(published, NOW + 48 * HOUR)).keys;
    for (const step of [published, promoted]) {
      const { keys: jwks } = signingJwks(step);
      const current = step.signing.find(({ state }) => state === 'current')!;
      assert.equal(jwks.length, 2);
      assert.equal(jwks[0]?.['kid'], current.kid);
      assert.equal(await signedWith(step), current.kid);
      for (const jwk of jwks) assert.match(String(jwk['kid']), /^[A-Za-z0-9_-]{43}$/);
    }
  });

  async function signedWith(step: Keys): Promise<unknown> {
    const provider = new Provider('http://localhost', {
      jwks: signingJwks(step) as never,
      clients: [{ client_id: 'a', client_secret: 'b'.repeat(32), redirect_uris: ['https://a.example/cb'] }],
      cookies: { keys: ['k'] },
      features: { devInteractions: { enabled: false } },
    });
    const client = (await provider.Client.find('a'))!;
    const token = new provider.IdToken({ sub: 'someone' } as never, { client } as never);
    const issued = await token.issue({
      use: 'idtoken',
      expiresAt: Math.floor(Date.now() / 1000) + 60,
    } as never);
    return JSON.parse(Buffer.from(issued.split('.')[0]!, 'base64url').toString()).kid;
  }

  it('survives being written and read again', async () => {
    const file = keyFileIn(fresh('rotated'));
    await createKeyFile(file, async () => keys);
    const { keys: rotated } = await done(keys, NOW);
    await writeKeyFile(file, rotated);
    assert.deepEqual(await readKeyFile(file), rotated);
    assert.equal(statSync(file).mode & 0o777, 0o600);
  });
});

describe('other keys', () => {
  it('put a new secret first and keep every older one: numbers are sealed with them', async () => {
    const keys = await generateKeys(NOW);
    const twice = rotateSecret(rotateSecret(keys));
    assert.equal(twice.secrets.length, 3);
    assert.equal(twice.secrets[2], keys.secrets[0]);
  });

  it('keep two cookie keys beside the new one', async () => {
    let keys = await generateKeys(NOW);
    const made = [keys.cookieKeys[0]];
    for (let round = 0; round < 4; round += 1) {
      keys = rotateCookieKey(keys);
      made.unshift(keys.cookieKeys[0]);
    }
    assert.deepEqual(keys.cookieKeys, made.slice(0, 3));
  });
});
