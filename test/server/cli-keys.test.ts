import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { createDirectory } from '../../src/accounts/directory.ts';
import { systemClock } from '../../src/ports/clock.ts';
import { createKeyFile, keyFileIn, readKeyFile, writeKeyFile } from '../../src/server/keys/file.ts';
import { generateKeys, notePublished } from '../../src/server/keys.ts';
import { openSqliteStore } from '../../src/stores/sqlite.ts';
import { assertRefused, commandIn } from '../support/command.ts';

const { folder, run } = commandIn('cli-keys-');

describe('sekisho keys', () => {
  it('makes keys once, shows them without what is private, and prints a secret', async () => {
    const { code, out } = await run(['keys', 'generate', '--data', 'k1']);
    assert.equal(code, 0);
    assert.match(out, /Keep a copy/);
    await assertRefused(run(['keys', 'generate', '--data', 'k1']), /is there already/);
    const list = (await run(['keys', 'list', '--data', 'k1'])).out;
    assert.match(list, /^signing {2}current {3}[\w-]{43} {2}made .*not published yet$/m);
    const keys = await readKeyFile(keyFileIn(join(folder, 'k1')));
    assert.ok(
      !list.includes(keys.secrets[0]!) && !list.includes(String(keys.signing[0]!.jwk.d).slice(0, 20)),
    );
    const secret = (await run(['keys', 'secret'])).out.trim();
    assert.equal(Buffer.from(secret, 'base64url').length, 32);
  });

  it('refuses the second step of a rotation for 48 hours, and says until when (EAM-04)', async () => {
    const file = keyFileIn(join(folder, 'k2'));
    await createKeyFile(file, () => generateKeys(Date.now()));
    assert.match((await run(['keys', 'rotate', '--data', 'k2'])).out, /published after the next restart/);
    await assertRefused(run(['keys', 'rotate', '--data', 'k2']), /is not published yet\. Restart the server/);
    const now = Date.now();
    await writeKeyFile(file, notePublished(await readKeyFile(file), now));
    const until = new Date(now + 48 * 3_600_000).toISOString();
    await assertRefused(run(['keys', 'rotate', '--data', 'k2']), new RegExp(`may sign from ${until} on`));
    const aged = notePublished(await readKeyFile(file), now);
    const long = new Date(now - 49 * 3_600_000).toISOString();
    await writeKeyFile(file, {
      ...aged,
      signing: aged.signing.map((key) => ({ ...key, publishedAt: long })),
    });
    assert.match((await run(['keys', 'rotate', '--data', 'k2'])).out, /signs after the next restart/);
  });

  it('rotates secrets and cookie keys, and says in one line that there is no file', async () => {
    const file = keyFileIn(join(folder, 'k3'));
    await createKeyFile(file, () => generateKeys(Date.now()));
    for (const what of ['secrets', 'cookies']) {
      assert.equal((await run(['keys', 'rotate', what, '--data', 'k3'])).code, 0);
    }
    const { secrets, cookieKeys } = await readKeyFile(file);
    assert.deepEqual([secrets.length, cookieKeys.length], [2, 2]);
    await assertRefused(run(['keys', 'list', '--data', 'k4']), /keys\.json is missing/);
  });
});

describe('sekisho accounts', () => {
  it('adds an account with the password from standard input, once', async () => {
    const added = await run(['accounts', 'add', 'alice', '--data', 'a1'], 'a good password\n');
    assert.match(added.out, /^Added alice as /, added.err);
    const again = run(['accounts', 'add', 'ALICE', '--data', 'a1'], 'a good password\n');
    await assertRefused(again, /ALICE is there already/);
  });

  it('takes no password that is guessed first, and no login that looks like another (fault A.9)', async () => {
    const add = (login: string, password: string) =>
      run(['accounts', 'add', login, '--data', 'a2'], password);
    await assertRefused(add('bob', 'passw0rd\n'), /password is one of those that are tried first: choose/);
    await assertRefused(add('\u0430lice', 'a good password\n'), /login mixes alphabets/);
  });

  it('shows what the support desk may know of an account, for people and for programs', async () => {
    await createKeyFile(keyFileIn(join(folder, 'a1')), () => generateKeys(Date.now()));
    const shown = await run(['accounts', 'show', 'alice', '--data', 'a1']);
    assert.match(
      shown.out,
      /^account +[\w-]{36}\nnumber +none\nwrong codes +0 in a row\ntrusted browsers +0$/m,
    );
    const { out } = await run(['accounts', 'show', 'alice', '--json', '--data', 'a1']);
    const { account, ...rest } = JSON.parse(out);
    assert.ok(shown.out.includes(account));
    assert.equal((await run(['accounts', 'show', account, '--data', 'a1'])).out, shown.out);
    await assertRefused(run(['accounts', 'reset-phone', account, '--data', 'a1']), /there is no account/);
    const state = { phone: null, failures: 0, waitsUntil: null, disabled: false, trustedBrowsers: 0 };
    assert.deepEqual(rest, { login: 'alice', ...state, known: [] });
    await assertRefused(run(['accounts', 'show', 'carol', '--data', 'a1']), /there is no account carol/);
    await assertRefused(run(['accounts', 'reset-phone', 'alice', '--json', '--data', 'a1']), /--json is for/);
  });

  it('gives an account a new password from standard input, and ends its sessions', async () => {
    const set = (login: string, password: string) =>
      run(['accounts', 'set-password', login, '--data', 'a1'], password);
    await assertRefused(set('carol', 'another good password'), /there is no account carol/);
    await assertRefused(set('alice', 'short'), /at least 8 characters/);
    const { out, err } = await set('alice', 'another good password\n');
    assert.match(out, /^alice has a new password\. alice is signed out everywhere; sessions ended: 0\./, err);
    const store = await openSqliteStore({ file: join(folder, 'a1', 'sekisho.db') });
    const directory = createDirectory({ store, clock: systemClock });
    assert.equal(await directory.authenticate('alice', 'a good password'), undefined);
    assert.equal((await directory.authenticate('alice', 'another good password'))?.login, 'alice');
    await store.close();
  });

  it('takes a number off an account', async () => {
    const { code, out } = await run(['accounts', 'reset-phone', 'alice', '--data', 'a1']);
    assert.deepEqual([code, out], [0, 'alice had no number.\n']);
    await assertRefused(
      run(['accounts', 'reset-phone', 'carol', '--data', 'a1']),
      /there is no account carol/,
    );
    const keys = await readKeyFile(keyFileIn(join(folder, 'a1')));
    assert.equal(keys.signing[0]?.publishedAt, null, 'no server published anything');
  });
});
