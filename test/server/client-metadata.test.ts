import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { checkClients } from '../../src/server/check/clients.ts';
import { schemesOf } from '../../src/server/clients/rules.ts';
import { type ConfigInput, parseConfig } from '../../src/server/config.ts';
import { plain, problemsOf } from '../support/server-config.ts';

const client = (client_id: string, more: object = {}) => ({
  ...{ client_id, client_secret: 's'.repeat(32), redirect_uris: ['https://app.example/cb'] },
  ...more,
});

describe('the configuration of a client', () => {
  const parse = (more: object) => () =>
    parseConfig({ ...plain, clients: [client('app', more)] } as ConfigInput, {
      folder: '.',
      production: false,
    });

  it('is refused with metadata that nothing here would enforce (fault G.9)', () => {
    for (const [name, value] of [
      ['require_signed_request_object', true],
      ['tls_client_certificate_bound_access_tokens', true],
      ['id_token_encrypted_response_alg', 'RSA-OAEP'],
      ['userinfo_signed_response_alg', 'RS256'],
      ['authorization_signed_response_alg', 'RS256'],
      ['frontchannel_logout_uri', 'https://app.example/out'],
      ['backchannel_token_delivery_mode', 'poll'],
      ['software_statement', 'a.b.c'],
    ] as const) {
      const [problem] = problemsOf(parse({ [name]: value }));
      assert.equal(problem?.field, `clients.0.${name}`);
      assert.match(problem!.reason, /does not offer/);
    }
    assert.doesNotThrow(parse({ require_signed_request_object: false }));
  });

  it('is refused with a name nobody knows, and says which was meant (fault G.9, E.7)', () => {
    const [problem] = problemsOf(parse({ token_endpoint_auth_metod: 'none' }));
    assert.equal(problem?.field, 'clients.0.token_endpoint_auth_metod');
    assert.equal(problem?.fix, 'Did you mean token_endpoint_auth_method?');
    assert.equal(problemsOf(parse({ firstparty: true }))[0]?.fix, 'Did you mean firstParty?');
    assert.equal(problemsOf(parse({ 'redirect_uris#ja': [] })).length, 1);
    assert.doesNotThrow(parse({ 'client_name#ja': 'アプリ', 'policy_uri#fr': 'https://app.example/p' }));
  });

  it('is refused where a public or native client is to do without PKCE, or to introspect (faults G.4, G.12)', () => {
    const none = { token_endpoint_auth_method: 'none', client_secret: undefined };
    for (const more of [none, { application_type: 'native' }]) {
      const [problem] = problemsOf(parse({ ...more, pkce: 'optional' }));
      assert.equal(problem?.field, 'clients.0.pkce');
    }
    assert.equal(problemsOf(parse({ ...none, introspect: 'all' }))[0]?.field, 'clients.0.introspect');
    assert.equal(problemsOf(parse({ origins: ['https://a.example/'] }))[0]?.field, 'clients.0.origins.0');
  });

  it('opens the pages for where its addresses lead, and for nothing else (fault G.7)', () => {
    const of = (uris: string[], after: string[] = []) =>
      schemesOf({
        issuer: 'https://id.example',
        clients: [client('app', { redirect_uris: uris, post_logout_redirect_uris: after })] as never,
      });
    assert.equal(of(['https://a.example/cb']), 'https:');
    assert.equal(of(['http://localhost:8080/cb']), 'https: http:');
    assert.equal(of(['com.example.app:/cb'], ['http://intranet/out']), 'https: com.example.app: http:');
  });

  it('is told by check where it is weaker than others (faults G.4, G.7)', async () => {
    const config = parseConfig(
      {
        ...{ ...plain, issuer: 'https://id.example', trustedProxies: 1 },
        clients: [
          client('usual'),
          client('older', { pkce: 'optional' }),
          client('clear', { redirect_uris: ['http://intranet.example/cb'] }),
          client('local', { redirect_uris: ['http://localhost:8080/cb'] }),
        ],
      } as ConfigInput,
      { folder: '.', production: false },
    );
    const found = await checkClients({ config });
    assert.deepEqual(
      found.map(({ level, field }) => `${level} ${field}`),
      ['warning clients.1 (older).pkce', 'warning clients.2 (clear).redirect_uris'],
    );
  });
});
