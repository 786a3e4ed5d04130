import assert from 'node:assert/strict';
import { afterEach, beforeEach, it } from 'node:test';
import { Visitor } from '../support/browser-client.ts';
import { onEveryStore } from '../support/every-store.ts';
import { failingStore } from '../support/failing-store.ts';
import { bindPhone, CLIENT_SECRET, type Host, PHONES, startHost } from '../support/host.ts';

onEveryStore('a refresh token whose use a failure of ours cut short', ({ open }) => {
  let host: Host;
  let store: ReturnType<typeof failingStore>;
  let token: string;
  beforeEach(async () => {
    store = failingStore(await open());
    const configuration = { rotateRefreshToken: true, issueRefreshToken: async () => true };
    host = await startHost({ store: store.store, configuration });
    token = (await bindPhone(host, new Visitor(), 'alice', PHONES.alice)).tokens!.refresh_token!;
  });
  afterEach(() => host.close());

  const refresh = async () => {
    const form = { grant_type: 'refresh_token', refresh_token: token };
    const body = new URLSearchParams({ client_id: 'app', client_secret: CLIENT_SECRET, ...form });
    return (await fetch(`${host.issuer}/token`, { method: 'POST', body })).status;
  };
  const ofToken = (method: string) => (call: { method: string; key: string }) =>
    call.method === method && call.key.endsWith('}oidc:AccessToken');

  it('is good again, and used up by its next use', async () => {
    store.failOnce(ofToken('put'));
    assert.equal(await refresh(), 503);
    assert.equal(await refresh(), 200);
    assert.equal(await refresh(), 400);
  });

  it('is good again as soon as the store is back, however long that took', async () => {
    let used = false;
    const back = store.fail((call) => {
      const now = used;
      used ||= call.method === 'consume';
      return now;
    });
    assert.equal(await refresh(), 503);
    assert.ok(used);
    assert.equal(await refresh(), 503);
    back();
    assert.equal(await refresh(), 200);
    assert.equal(await refresh(), 400);
  });

  it('stays used where another process used it at that moment', async () => {
    const others = Promise.withResolvers<void>();
    store.delay((call) => call.method === 'consume', others.promise);
    const late = refresh();
    const early = refresh();
    others.resolve();
    const statuses = await Promise.all([late, early]);
    assert.deepEqual(statuses.sort(), [200, 400]);
  });
});
