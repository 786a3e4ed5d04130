import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { SignJWT } from 'jose';
import { Visitor } from '../support/browser-client.ts';
import {
  arrive,
  bindPhone,
  CLIENT_SECRET,
  enterCode,
  FREE_SENDS,
  givePassword,
  type Host,
  MFA,
  PHONES,
  REDIRECT_URI,
  type SignInRequest,
  startHost,
} from '../support/host.ts';
import { MINUTE, stopTime } from '../support/time.ts';

const time = stopTime();
let host: Host;
afterEach(() => host.close());

async function start() {
  const client = (client_id: string, more = {}) => ({
    client_id,
    client_secret: CLIENT_SECRET,
    redirect_uris: [REDIRECT_URI],
    grant_types: ['authorization_code'],
    response_types: ['code' as const],
    ...more,
  });
  host = await startHost({
    options: { sends: FREE_SENDS },
    configuration: {
      clients: [client('app'), client('plain'), client('anew', { default_max_age: 0 })],
      features: {
        devInteractions: { enabled: false },
        pushedAuthorizationRequests: { enabled: true },
        requestObjects: { enabled: true },
      },
    },
  });
  for (const who of ['alice', 'bob'] as const) await bindPhone(host, new Visitor(), who, PHONES[who]);
}

type Fields = Record<string, unknown>;
const asText = (value: unknown) => (typeof value === 'object' ? JSON.stringify(value) : String(value));

async function push(fields: Fields): Promise<string> {
  const body = new URLSearchParams({ client_secret: CLIENT_SECRET });
  for (const [name, value] of Object.entries(fields)) body.set(name, asText(value));
  const answer = await fetch(new URL('/request', host.issuer), { method: 'POST', body });
  const got = (await answer.json()) as Record<string, string>;
  assert.ok(got['request_uri'], JSON.stringify(got));
  return got['request_uri']!;
}
const signed = (fields: Fields) =>
  new SignJWT(fields as never)
    .setProtectedHeader({ alg: 'HS256', typ: 'oauth-authz-req+jwt' })
    .setIssuer(String(fields['client_id']))
    .setAudience(host.issuer)
    .setIssuedAt()
    .setExpirationTime('1m')
    .sign(new TextEncoder().encode(CLIENT_SECRET));

/** How a relying party may send what it asks, besides in the address. */
const WAYS: Record<string, (fields: Fields) => Promise<Record<string, string>>> = {
  'is pushed (RFC 9126)': async (fields) => ({ request_uri: await push(fields) }),
  'is signed (RFC 9101)': async (fields) => ({
    scope: 'openid',
    response_type: 'code',
    request: await signed(fields),
  }),
  'is signed and pushed': async (fields) => ({
    request_uri: await push({ client_id: fields['client_id'], request: await signed(fields) }),
  }),
};

for (const [way, carry] of Object.entries(WAYS))
  describe(`a request that ${way}`, () => {
    async function ask(extra: Fields, client_id = 'app'): Promise<SignInRequest> {
      const request = await host.request({ client_id });
      const fields = { ...Object.fromEntries(new URL(request.url).searchParams), ...extra };
      const url = new URL('/auth', host.issuer);
      url.search = new URLSearchParams({ client_id, ...(await carry(fields)) }).toString();
      return { ...request, url: url.href };
    }
    const go = (visitor: Visitor, { url }: SignInRequest) => visitor.open(url, { stopAt: REDIRECT_URI });

    for (const [what, extra, client] of [
      ['max_age=0', { max_age: 0 }, 'app'],
      ['max_age=60', { max_age: 60 }, 'app'],
      ['default_max_age=0 of its client', {}, 'anew'],
    ] as const)
      it(`gets everything anew for ${what}`, async () => {
        await start();
        const visitor = new Visitor();
        const first = await givePassword(host, visitor, 'alice');
        await arrive(host, first.request, await enterCode(host, first.page));
        time.advance(5 * MINUTE);
        const request = await ask(extra, client);
        const login = await go(visitor, request);
        assert.ok(login.form('login'), `${login.url} ${login.text()}`);
        const code = await login.submit('login', { account: 'alice', password: 'right' }, REDIRECT_URI);
        await host.sekisho.idle();
        assert.ok(code.form('code'), code.url);
        const { claims } = await arrive(host, request, await enterCode(host, code));
        assert.deepEqual([claims!.acr, claims!['auth_time']], [MFA, Date.now() / 1000]);
      });

    it('gets the code for an essential acr, and an error for one that nobody reaches', async () => {
      await start();
      const visitor = new Visitor();
      const plain = await givePassword(host, visitor, 'alice', { client_id: 'plain' });
      await arrive(host, plain.request, plain.page);
      const claims = { id_token: { acr: { essential: true, values: [MFA] } } };
      const page = await go(visitor, await ask({ claims }, 'plain'));
      assert.ok(page.form('send'), page.url);
      const request = await ask({ claims: { id_token: { acr: { essential: true, value: 'no' } } } }, 'plain');
      assert.equal(
        (await arrive(host, request, await go(visitor, request))).error,
        'unmet_authentication_requirements',
      );
    });

    it('and names a person is no sign-in for another', async () => {
      await start();
      const { page, request } = await givePassword(host, new Visitor(), 'alice');
      const { tokens } = await arrive(host, request, await enterCode(host, page));
      const sent = host.inbox.messages.length;
      for (const extra of [
        { id_token_hint: tokens!.id_token! },
        { claims: { id_token: { sub: { value: 'alice' } } } },
      ]) {
        const named = await ask(extra);
        const login = await go(new Visitor(), named);
        const next = await login.submit('login', { account: 'bob', password: 'right' }, REDIRECT_URI);
        assert.equal((await arrive(host, named, next)).error, 'login_required');
      }
      assert.equal(host.inbox.messages.length, sent);
    });
  });
