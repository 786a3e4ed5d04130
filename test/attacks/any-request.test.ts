import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import { type Page, Visitor } from '../support/browser-client.ts';
import { bindPhone, type Host, MFA, PHONES, REDIRECT_URI, startHost } from '../support/host.ts';
import {
  requestAt,
  REDIRECT_URI as SERVER_REDIRECT,
  startTestServer,
  type TestServer,
} from '../support/test-server.ts';
import { FREE_SENDS } from './setting.ts';

/** JSON of any shape, and among it what programs trip over: names of methods that are no methods. */
const json = fc.jsonValue({ maxDepth: 2 }).map((value) => value as unknown);
const hostile = fc.constantFrom(
  ...[
    { toString: 1 },
    { valueOf: null, toString: {} },
    { __proto__: null },
    [[]],
    [{ toString: 1 }],
    null,
    0,
  ],
);
const value = fc.oneof(json, hostile, fc.constantFrom(MFA, 'urn:x'));
const values = fc.oneof(fc.array(fc.oneof(hostile, value), { minLength: 1, maxLength: 4 }), value);
const essential = fc.record({ essential: fc.constant(true), values, value }, { requiredKeys: ['essential'] });
const claim = fc.oneof({ arbitrary: essential, weight: 3 }, { arbitrary: value, weight: 1 });
const wanted = fc.record(
  { acr: claim, sub: claim, auth_time: claim, phone_number: claim },
  { requiredKeys: [] },
);
const member = fc.oneof({ arbitrary: wanted, weight: 5 }, { arbitrary: value, weight: 1 });
const claims = fc.record({ id_token: member, userinfo: wanted }, { requiredKeys: ['id_token'] });
const word = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 40 }),
  fc.constantFrom(
    '',
    ' ',
    '0',
    '-1',
    '1e9',
    '0x10',
    'NaN',
    'login',
    'create',
    'none login',
    'ja',
    '__proto__',
    '\0',
  ),
);
const asJson = claims.map((all) => JSON.stringify(all));
const parameters = fc.oneof(
  fc.record({ claims: asJson }),
  fc.record(
    {
      ...{ claims: asJson, acr_values: word, max_age: word, prompt: word, ui_locales: word },
      ...{ login_hint: word, display: word, id_token_hint: word, claims_locales: word },
    },
    { requiredKeys: [] },
  ),
);

describe('a request of anybody, whatever stands in it (B.8)', () => {
  let host: Host;
  let signedIn: Visitor;
  before(async () => {
    host = await startHost({ options: { sends: FREE_SENDS } });
    signedIn = new Visitor();
    await bindPhone(host, signedIn, 'alice', PHONES.alice);
  });
  after(() => host.close());

  const assertAnswered = ({ status, url }: Page, what: unknown) =>
    assert.ok(status < 500, `${status} at ${url.slice(0, 80)} for ${JSON.stringify(what)}`);

  async function tryOut(extra: Record<string, string>): Promise<void> {
    const request = await host.request(extra);
    assertAnswered(await signedIn.open(request.url, { stopAt: REDIRECT_URI }), extra);
    const stranger = await new Visitor().open(request.url, { stopAt: REDIRECT_URI });
    assertAnswered(stranger, extra);
    if (!stranger.form('login')) return;
    const account = { account: 'bob', password: 'right' };
    assertAnswered(await stranger.submit('login', account, REDIRECT_URI), extra);
  }

  it('is never answered with an error of ours, before and after the password, with a session and without', async () => {
    await fc.assert(fc.asyncProperty(parameters, tryOut), { numRuns: 80 });
  });

  for (const wanted of [{ values: [{ toString: 1 }] }, { value: { toString: 1 } }, { values: [1, null] }]) {
    it(`an essential acr of ${JSON.stringify(wanted)} is one that nobody reaches (OID-03)`, async () => {
      const acr = { essential: true, ...wanted };
      const request = await host.request({ claims: JSON.stringify({ id_token: { acr } }) });
      const answer = new URL((await new Visitor().open(request.url, { stopAt: REDIRECT_URI })).url);
      assert.equal(answer.searchParams.get('error'), 'unmet_authentication_requirements');
    });
  }
});

describe('the password page of the server, whatever the request says (B.8, lesson 33)', () => {
  let running: TestServer;
  before(async () => {
    running = await startTestServer();
  });
  after(() => running.close());

  it('is never an error of ours, also in languages that nobody has, and cuts no character in half', async () => {
    const tryOut = async (extra: Record<string, string>, locale: string) => {
      const page = await new Visitor().open(requestAt(running.server.url, extra), {
        stopAt: SERVER_REDIRECT,
      });
      assert.ok(page.status < 500, `${page.status} for ${JSON.stringify(extra)}`);
      if (!page.form('login')) return;
      const other = await page.visitor.open(`${page.url}?ui_locales=${encodeURIComponent(locale)}`);
      assert.equal(other.status, 200);
      assert.ok(!other.html.includes('\ufffd') || Object.values(extra).some((one) => one.includes('\ufffd')));
    };
    await fc.assert(fc.asyncProperty(parameters, word, tryOut), { numRuns: 40 });
    await tryOut({ login_hint: `${'a'.repeat(253)}😀` }, 'ja');
  });
});
