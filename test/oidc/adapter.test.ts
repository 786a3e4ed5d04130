import assert from 'node:assert/strict';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import Provider, { type AccessToken, type Adapter, type Configuration, errors } from 'oidc-provider';
import { createKeyRing } from '../../src/domain/keys.ts';
import { createAdapterFactory } from '../../src/oidc/adapter.ts';
import { systemClock } from '../../src/ports/clock.ts';
import type { Store } from '../../src/ports/store.ts';
import { openSqliteStore } from '../../src/stores/sqlite.ts';

const ring = createKeyRing([randomBytes(32).toString('base64url')]);

describe('the state of oidc-provider in the store', () => {
  let store: Store;
  /** Keys and values of everything that was written. */
  const written: string[] = [];
  let provider: Provider;
  let adapter: (model: string) => Adapter;
  before(async () => {
    const inner = await openSqliteStore({ file: ':memory:' });
    store = noting(inner, written);
    adapter = createAdapterFactory({ store, clock: systemClock, ring });
    provider = new Provider('http://localhost:3000', { adapter, cookies: { keys: ['test'] }, jwks: aKey() });
  });
  after(() => store.close());

  const aSession = () => make(provider.Session, { accountId: 'ann', loginTs: 1 });

  it('gives a session back by its id, and by its uid in a form that can be saved and destroyed', async () => {
    const session = aSession();
    await session.save(60);
    const found = await provider.Session.find(session.jti!);
    assert.deepEqual([found?.accountId, found?.jti, found?.uid], ['ann', session.jti, session.uid]);

    const byUid = await provider.Session.findByUid(session.uid);
    assert.equal(byUid?.accountId, 'ann');
    byUid!.acr = 'changed';
    await byUid!.save(60);
    assert.equal((await provider.Session.find(session.jti!))?.acr, 'changed');

    await (await provider.Session.findByUid(session.uid))!.destroy();
    assert.equal(await provider.Session.find(session.jti!), undefined);
    assert.equal(await provider.Session.findByUid(session.uid), undefined);
  });

  it('follows a session to its new id', async () => {
    const session = aSession();
    await session.save(60);
    const old = session.jti!;
    session.resetIdentifier();
    await session.save(60);
    assert.equal(await provider.Session.find(old), undefined);
    assert.equal((await provider.Session.findByUid(session.uid))?.accountId, 'ann');
  });

  it('writes no id that would open a session or serve as a token (fault A.10)', async () => {
    const session = aSession();
    await session.save(60);
    const interaction = make(provider.Interaction, 'interaction-id', {
      session,
      params: {},
      prompt: {},
      returnTo: 'https://id.example.com/auth/interaction-id',
      deviceCode: 'the-code-a-device-polls-with',
      parJti: 'the-id-of-a-pushed-request',
    });
    await interaction.save(60);
    const token = await make(provider.RefreshToken, { accountId: 'ann', grantId: 'g' }).save();
    const device = await make(provider.DeviceCode, { userCode: 'CDFG', params: {}, grantId: 'g' }).save();
    const secrets = [
      session.jti!,
      'interaction-id',
      'the-code-a-device-polls-with',
      'the-id-of-a-pushed-request',
      token,
      device,
    ];
    assert.ok(written.length > 0);
    for (const secret of secrets) {
      assert.ok(written.every((text) => !text.includes(secret)));
    }
    const found = await provider.Interaction.find('interaction-id');
    assert.equal(found?.uid, 'interaction-id');
    assert.equal(found?.returnTo, 'https://id.example.com/auth/interaction-id');
    assert.deepEqual(
      [found?.deviceCode, (found as { parJti?: string } | undefined)?.parJti],
      ['the-code-a-device-polls-with', 'the-id-of-a-pushed-request'],
    );
    assert.equal((await provider.RefreshToken.find(token))?.jti, token);
    assert.equal((await provider.DeviceCode.find(device))?.jti, device);
  });

  it('takes no key from a dump of the store for the id of a session', async () => {
    const session = aSession();
    await session.save(60);
    const handle = (await provider.Session.findByUid(session.uid))!.jti!;
    assert.equal(await provider.Session.find(handle), undefined);
    assert.equal(await adapter('Session').find(handle.slice(1)), undefined);
  });

  it('consumes a code once, also when 20 requests bring it at once (OID-14)', async () => {
    const code = await make(provider.AuthorizationCode, { accountId: 'ann', grantId: 'g' }).save();
    const copies = await Promise.all(Array.from({ length: 20 }, () => provider.AuthorizationCode.find(code)));
    const results = await Promise.allSettled(copies.map((copy) => copy!.consume()));
    const lost = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
    assert.equal(lost.length, 19);
    for (const reason of lost) assert.ok(reason instanceof errors.InvalidGrant);
    assert.equal((await provider.AuthorizationCode.find(code))?.isValid, false);
    await assert.rejects(adapter('AuthorizationCode').consume('no such code'), errors.InvalidGrant);
  });

  it('accepts one of two parallel requests with the same assertion or pushed request', async () => {
    const { ReplayDetection } = provider as unknown as { ReplayDetection: { unique: Unique } };
    const exp = Math.floor(Date.now() / 1000) + 60;
    const twice = await Promise.allSettled([1, 2].map(() => ReplayDetection.unique('iss', 'jti', exp)));
    assert.deepEqual(twice.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
    assert.equal(await ReplayDetection.unique('iss', 'jti', exp), false);

    await adapter('PushedAuthorizationRequest').upsert('par', { request: 'x' }, 60);
    await adapter('PushedAuthorizationRequest').consume('par');
    await assert.rejects(adapter('PushedAuthorizationRequest').consume('par'), {
      error: 'invalid_request_uri',
    });
  });

  it('revokes every token of a grant, and no other', async () => {
    const models = [provider.AccessToken, provider.RefreshToken, provider.AuthorizationCode];
    const issue = (grantId: string) =>
      Promise.all(
        models.map((Model) => make(Model as Model<AccessToken>, { accountId: 'ann', grantId }).save()),
      );
    const [revoked, kept] = [await issue('revoked'), await issue('kept')];
    await provider.AccessToken.revokeByGrantId('revoked');
    for (const [index, Model] of models.entries()) {
      assert.equal(await adapter(Model.name).find(revoked[index]!), undefined);
      assert.ok(await adapter(Model.name).find(kept[index]!));
    }
    await provider.AccessToken.revokeByGrantId('never issued');
  });

  it('finds a device code by its user code, with the id that an interaction keeps of it', async () => {
    const code = make(provider.DeviceCode, { userCode: 'BCDF', params: {}, grantId: 'g' });
    const id = await code.save();
    const found = await provider.DeviceCode.findByUserCode('BCDF');
    assert.equal(found?.jti, id);
    assert.equal(await provider.DeviceCode.findByUserCode('XXXX'), undefined);
    await provider.DeviceCode.revokeByGrantId('g');
    assert.equal(await provider.DeviceCode.findByUserCode('BCDF'), undefined);
  });

  it('keeps a client as it was registered, for ever', async () => {
    await adapter('Client').upsert('app', { client_id: 'app', redirect_uris: [] });
    assert.deepEqual(await adapter('Client').find('app'), { client_id: 'app', redirect_uris: [] });
    await adapter('Client').destroy('app');
    assert.equal(await adapter('Client').find('app'), undefined);
  });

  it('ends with the time the provider gives it, by the clock it was made with', async () => {
    let now = Date.UTC(2024, 0, 15);
    const session = createAdapterFactory({ store, clock: { now: () => now }, ring })('Session');
    await session.upsert('id', { uid: 'uid-of-it', accountId: 'ann' }, 60);
    now += 59_999;
    assert.deepEqual(await session.find('id'), { uid: 'uid-of-it', accountId: 'ann', jti: 'id' });
    now += 1;
    assert.equal(await session.find('id'), undefined);
    assert.equal(await session.findByUid('uid-of-it'), undefined);
  });

  it('throws when the store does, so that nothing is issued unrecorded (OPS-01)', async () => {
    const dead = await openSqliteStore({ file: ':memory:' });
    await dead.close();
    const broken = createAdapterFactory({ store: dead, clock: systemClock, ring })('Session');
    await assert.rejects(broken.find('id'), { code: 'store_unavailable' });
    await assert.rejects(broken.upsert('id', { uid: 'u' }, 60), { code: 'store_unavailable' });
  });
});

type Unique = (iss: string, jti: string, exp: number) => Promise<boolean>;
type Model<T> = abstract new (...args: never[]) => T;

/** The models take their fields in the constructor, which their published types leave out. */
function make<T>(Model: Model<T>, ...fields: unknown[]): T {
  return Reflect.construct(Model as never, fields);
}

/** A store that notes keys and values of everything that is written. */
function noting(store: Store, written: string[]): Store {
  const note = (args: unknown[]) => void written.push(JSON.stringify(args));
  return {
    ...store,
    put(...args) {
      note(args);
      return store.put(...args);
    },
    add(...args) {
      note(args);
      return store.add(...args);
    },
    join(...args) {
      note(args);
      return store.join(...args);
    },
  };
}

/** Only so that the library does not complain about its built-in keys. */
function aKey() {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { keys: [privateKey.export({ format: 'jwk' })] } as NonNullable<Configuration['jwks']>;
}
