import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import Provider, { type Configuration, interactionPolicy } from 'oidc-provider';
import { createSekisho, type Sekisho } from '../../src/index.ts';
import { openSqliteStore } from '../../src/stores/sqlite.ts';
import { Visitor } from '../support/browser-client.ts';
import {
  arrive,
  bindPhone,
  givePassword,
  type Host,
  PHONES,
  REDIRECT_URI,
  SECRET,
  startHost,
} from '../support/host.ts';
import { createInbox } from '../support/inbox.ts';

const ISSUER = 'https://id.example.com';
const opened: Sekisho[] = [];
const instance = async (options: { issuer?: string } = {}): Promise<Sekisho> => {
  const log = { info: () => {}, warn: () => {}, error: () => {} };
  const sekisho = await createSekisho({
    issuer: ISSUER,
    secrets: [SECRET],
    countries: ['JP'],
    store: await openSqliteStore({ file: ':memory:' }),
    gateway: createInbox(),
    log,
    ...options,
  });
  opened.push(sekisho);
  return sekisho;
};
const HOST: Configuration = { cookies: { keys: ['key'] }, features: { devInteractions: { enabled: false } } };
const misuse =
  (field: string, reason: RegExp) => (error: { problems?: { field: string; reason: string }[] }) =>
    error.problems?.[0]?.field === field && reason.test(error.problems[0].reason);

describe('how library and provider are put together (fault A.2)', () => {
  afterEach(async () => {
    for (const sekisho of opened.splice(0)) await sekisho.close();
  });

  it('attach refuses a provider that was not made from a configuration of this instance', async () => {
    const [one, other] = [await instance(), await instance()];
    assert.throws(() => one.attach(new Provider(ISSUER, HOST)), misuse('provider', /not made from/));
    const others = new Provider(ISSUER, other.configure(HOST));
    assert.throws(() => one.attach(others), misuse('provider', /not made from/));
    one.attach(new Provider(ISSUER, { ...one.configure(HOST), scopes: ['openid'] }));
  });

  it('attach refuses another issuer, and a second provider', async () => {
    const sekisho = await instance();
    const elsewhere = new Provider('https://other.example.com', sekisho.configure(HOST));
    assert.throws(() => sekisho.attach(elsewhere), misuse('provider', /not https:\/\/id\.example\.com/));
    sekisho.attach(new Provider(ISSUER, sekisho.configure(HOST)));
    const second = new Provider(ISSUER, sekisho.configure(HOST));
    assert.throws(() => sekisho.attach(second), misuse('provider', /called before/));
  });

  it('configure refuses cookies that nobody signs (fault A.10)', async () => {
    const sekisho = await instance();
    for (const cookies of [undefined, {}, { keys: [] }, { keys: [''] }])
      assert.throws(
        () => sekisho.configure({ cookies: cookies as never }),
        misuse('cookies.keys', /missing/),
      );
    for (const kind of ['short', 'long'] as const)
      assert.throws(
        () => sekisho.configure({ cookies: { keys: ['key'], [kind]: { signed: false } } }),
        misuse(`cookies.${kind}.signed`, /is false/),
      );
    const signer = { sign: () => 'x', verify: () => true, index: () => 0 };
    sekisho.attach(new Provider(ISSUER, sekisho.configure({ cookies: { keys: signer as never } })));
  });

  it('nothing that belongs to the host is changed (fault A.11, DESIGN 16)', async () => {
    const policy = interactionPolicy.base();
    const host = deepFreeze({
      ...HOST,
      interactions: { policy },
      claims: { email: ['email'] },
    }) as Configuration;
    const before = policy.map(({ name, checks }) => [name, [...checks].map(({ reason }) => reason)]);
    const both = [await instance(), await instance()];
    const [first, second] = both.map((sekisho) => sekisho.configure(host).interactions!.policy!);
    assert.deepEqual(
      policy.map(({ name, checks }) => [name, [...checks].map(({ reason }) => reason)]),
      before,
    );
    for (const made of [first!, second!]) {
      const reasons = made.flatMap(({ checks }) => [...checks].map(({ reason }) => reason));
      assert.equal(new Set(reasons).size, reasons.length, 'each check is there once');
      assert.ok(reasons.includes('second_factor'));
    }
    const shared = first!.filter((prompt) => second!.includes(prompt) || policy.includes(prompt));
    assert.deepEqual(shared, [], 'each provider runs its own');
  });
});

/** What an assignment to throws on. Functions and class instances are the library's own. */
function deepFreeze(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const inner of Object.values(value)) deepFreeze(inner);
  return value;
}

describe('a provider whose policy got lost after configure', () => {
  let host: Host;
  afterEach(() => host.close());

  it('issues nothing, and says why in the log (fault A.2)', async () => {
    host = await startHost({
      alter: (configuration) => ({
        ...configuration,
        interactions: { url: (_ctx, { uid }) => `/interaction/${uid}`, policy: interactionPolicy.base() },
      }),
      finish: (provider, req, res, login) => provider.interactionFinished(req, res, { login }),
    });
    const { page } = await givePassword(host, new Visitor(), 'alice', { client_id: 'plain' });
    assert.equal(page.status, 500);
    assert.match(page.text(), /server_error/);
    assert.ok(host.logged.some((line) => line.includes('policy')));
  });

  it('and its gate lets nobody through', async () => {
    host = await startHost({
      alter: (configuration) => ({
        ...configuration,
        interactions: { url: (_ctx, { uid }) => `/interaction/${uid}`, policy: interactionPolicy.base() },
      }),
    });
    const { page } = await givePassword(host, new Visitor(), 'alice');
    assert.equal(page.status, 500);
    assert.match(page.text(), /policy of Sekisho is not in the provider/);
  });
});

describe('a request that names one person, and another who signs in (OID-10, fault A.7)', () => {
  let host: Host;
  afterEach(() => host.close());

  it('ends in login_required, and nobody gets a code', async () => {
    host = await startHost();
    const { tokens } = await bindPhone(host, new Visitor(), 'alice', PHONES.alice);
    await bindPhone(host, new Visitor(), 'bob', PHONES.bob);
    const sent = host.inbox.messages.length;
    const byHint = { id_token_hint: tokens!.id_token! };
    const bySub = { claims: JSON.stringify({ id_token: { sub: { value: 'alice' } } }) };
    for (const extra of [byHint, bySub]) {
      const { page, request } = await givePassword(host, new Visitor(), 'bob', extra);
      assert.equal((await arrive(host, request, page)).error, 'login_required');
    }
    assert.equal(host.inbox.messages.length, sent);
    const { page } = await givePassword(host, new Visitor(), 'alice', byHint);
    assert.ok(page.form('code'), 'the person it names goes on');
    assert.equal(host.inbox.messages.length, sent + 1);
  });

  it('a sign-up is nobody it can name', async () => {
    const { createAccounts } = await import('../support/directory.ts');
    host = await startHost({ options: { signUp: true, accounts: createAccounts() } });
    const { tokens } = await bindPhone(host, new Visitor(), 'alice', PHONES.alice);
    const request = await host.request({ prompt: 'create', id_token_hint: tokens!.id_token! });
    const page = await new Visitor().open(request.url, { stopAt: REDIRECT_URI });
    assert.equal((await arrive(host, request, page)).error, 'login_required');
  });
});
