import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
import { after, before, describe, it, mock } from 'node:test';
import { createDirectory } from '../../src/accounts/directory.ts';
import { nobodysHash, verifyPassword } from '../../src/accounts/password.ts';
import type { Accounts } from '../../src/ports/accounts.ts';
import { systemClock } from '../../src/ports/clock.ts';
import type { Store } from '../../src/ports/store.ts';
import { openSqliteStore } from '../../src/stores/sqlite.ts';

describe('the built-in directory', () => {
  let store: Store;
  let directory: Accounts;
  before(async () => {
    store = await openSqliteStore({ file: ':memory:' });
    directory = createDirectory({ store, clock: systemClock });
  });
  after(() => store.close());

  const add = async (accountId: string, login: string, password = 'right password') =>
    directory.create({ accountId, login, passwordHash: await directory.hashPassword(password) });

  it('finds an account by id and by login, whatever case, width, blanks and what nobody sees (lesson 31)', async () => {
    await add('a1', 'Alice');
    const alice = { accountId: 'a1', login: 'Alice' };
    assert.deepEqual(await directory.find('a1'), alice);
    for (const login of ['alice', 'ALICE', ' Alice ', 'ＡＬＩＣＥ', 'alice\u200b', '\u202aalice\u202c']) {
      assert.deepEqual(await directory.findByLogin(login), alice, login);
    }
    assert.equal(await directory.find('a2'), undefined);
    assert.equal(await directory.findByLogin('alicia'), undefined);
  });

  it('takes a login with an @ for an e-mail address', async () => {
    const made = await directory.create({
      accountId: 'm1',
      login: 'mail@example.com',
      name: 'Mia',
      passwordHash: nobodysHash(),
    });
    const expected = { accountId: 'm1', login: 'mail@example.com', name: 'Mia', email: 'mail@example.com' };
    assert.deepEqual(made, expected);
    assert.deepEqual(await directory.find('m1'), expected);
  });

  it('hashes with scrypt, N=16384 r=8 p=1, 16 bytes of salt and 32 of hash, each time anew', async () => {
    const [one, two] = [await directory.hashPassword('secret'), await directory.hashPassword('secret')];
    assert.notEqual(one, two);
    const [, salt = '', hash = ''] = /^\$scrypt\$ln=14,r=8,p=1\$([\w-]+)\$([\w-]+)$/.exec(one) ?? [];
    assert.equal(Buffer.from(salt, 'base64url').length, 16);
    const again = crypto.scryptSync('secret', Buffer.from(salt, 'base64url'), 32, { N: 16_384, r: 8, p: 1 });
    assert.equal(hash, again.toString('base64url'));
  });

  it('lets the right password in, in any spelling of its characters, and no other', async () => {
    await add('b1', 'bob', 'pässwörter ﬁ');
    assert.equal((await directory.authenticate('BOB', 'pässwörter fi'.normalize('NFD')))?.accountId, 'b1');
    for (const wrong of ['', 'pässwörter', 'PÄSSWÖRTER FI', 'pässwörter fi ']) {
      assert.equal(await directory.authenticate('bob', wrong), undefined);
    }
  });

  it('does the same work for a login nobody has (THR-05)', async () => {
    const hashes = mock.method(crypto, 'scrypt');
    const reads = mock.method(store, 'get');
    syncBuiltinESMExports();
    const watched = createDirectory({ store, clock: systemClock });
    const workFor = async (login: string) => {
      for (const { mock: counter } of [hashes, reads]) counter.resetCalls();
      assert.equal(await watched.authenticate(login, 'wrong'), undefined);
      const [hashed] = hashes.mock.calls.map(({ arguments: [, salt, length, options] }) => ({
        ...{ salt: (salt as Buffer).length, length, options },
      }));
      return { hashes: hashes.mock.callCount(), hashed, reads: reads.mock.callCount() };
    };
    const known = await workFor('bob');
    assert.equal(known.hashes, 1);
    assert.deepEqual(await workFor('nobody'), known);
    hashes.mock.restore();
    reads.mock.restore();
    syncBuiltinESMExports();
  });

  it('gives a login to one of many who want it at once', async () => {
    const wanted = Array.from({ length: 20 }, (_, at) =>
      directory.create({
        accountId: `racer-${at}`,
        login: at % 2 ? 'racer' : 'RACER',
        passwordHash: nobodysHash(),
      }),
    );
    const outcomes = await Promise.allSettled(wanted);
    const refused = outcomes.flatMap((outcome) =>
      outcome.status === 'rejected' ? [outcome.reason.code] : [],
    );
    assert.deepEqual(refused, Array(19).fill('login_taken'));
    const owner = await directory.findByLogin('racer');
    for (let at = 0; at < 20; at += 1) {
      const found = await directory.find(`racer-${at}`);
      assert.equal(found?.accountId, `racer-${at}` === owner?.accountId ? owner.accountId : undefined);
    }
  });

  it('does not take a pointer for an account whose name somebody else has (a crash in between)', async () => {
    const broken = createDirectory({
      store: { ...store, add: async () => Promise.reject(new Error('power cut')), delete: async () => false },
      clock: systemClock,
    });
    const cut = broken.create({ accountId: 'lost', login: 'zoe', passwordHash: nobodysHash() });
    await assert.rejects(cut, /power cut/);
    await add('zoe-1', 'zoe');
    assert.equal(await directory.find('lost'), undefined);
    assert.equal((await directory.find('zoe-1'))?.login, 'zoe');
  });

  it('reads no hash that it would not have written', async () => {
    const good = await directory.hashPassword('x');
    for (const bad of [
      '',
      'x',
      good.replace('ln=14', 'ln=30'),
      good.replace('r=8', 'r=0'),
      good.slice(0, -1),
    ]) {
      assert.equal(await verifyPassword('x', bad), false, bad);
    }
  });
});
