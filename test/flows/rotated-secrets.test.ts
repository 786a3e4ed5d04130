import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import type { Store } from '../../src/ports/store.ts';
import { openSqliteStore } from '../../src/stores/sqlite.ts';
import { Visitor } from '../support/browser-client.ts';
import {
  arrive,
  bindPhone,
  enterCode,
  enterNumber,
  FREE_SENDS,
  givePassword,
  type Host,
  MFA,
  PHONES,
  SECRET,
  startHost,
} from '../support/host.ts';

describe('a secret that is changed', () => {
  let store: Store;
  let old: Host;
  let next: Host;
  before(async () => {
    store = await openSqliteStore({ file: ':memory:' });
    old = await startHost({ store, options: { sends: FREE_SENDS, accountsPerNumber: 1 } });
    const secrets = [randomBytes(32).toString('base64url'), SECRET];
    next = await startHost({
      store,
      inbox: old.inbox,
      issuer: old.issuer,
      options: { secrets, sends: FREE_SENDS, accountsPerNumber: 1 },
    });
    await bindPhone(old, new Visitor(), 'alice', PHONES.alice);
  });
  after(async () => {
    await old.close();
    await next.close().catch(() => {}); // the store is closed already
  });

  it('leaves codes that are under way, forms that are open and numbers that are bound as they are', async () => {
    const { page, request } = await givePassword(old, new Visitor(), 'alice');
    const { action, fields } = page.form('code')!;
    const moved = action.replace(old.address, next.address);
    const done = await page.post(moved, { ...fields, code: old.inbox.lastCode() });
    const { claims } = await arrive(old, request, done);
    assert.equal(claims!.acr, MFA);
    assert.equal((await next.sekisho.phoneClaims('alice')).phone_number, PHONES.alice);
  });

  it('still finds that a number is taken (PRV-02, RST-07)', async () => {
    const visitor = new Visitor();
    const { page } = await givePassword(old, visitor, 'bob');
    const at = page.url.replace(old.address, next.address);
    const number = await visitor.open(at);
    const code = await enterNumber(next, number, PHONES.alice);
    const refused = await enterCode(next, code);
    assert.equal(refused.status, 400);
    assert.equal(await next.sekisho.hasPhone('bob'), false);
  });
});
