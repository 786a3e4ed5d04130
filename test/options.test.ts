import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseOptions } from '../src/options.ts';
import { startHost } from './support/host.ts';
import { createInbox } from './support/inbox.ts';

const good = {
  issuer: 'https://id.example.jp',
  secrets: [Buffer.alloc(32, 1).toString('base64url')],
  store: {} as never,
  gateway: createInbox(),
  countries: ['JP'],
};
const problems = (more: object) => {
  try {
    parseOptions({ ...good, ...more });
    return [];
  } catch (error) {
    return (error as { problems: { field: string; reason: string; fix: string }[] }).problems;
  }
};
const fields = (more: object) => problems(more).map(({ field }) => field);

describe('options', () => {
  it('have the defaults that the rules ask for', () => {
    const options = parseOptions(good);
    assert.deepEqual(options.code, { length: 6, ttl: 300, tries: 5, sends: 3, allowShortCodes: false });
    assert.deepEqual(options.sends, {
      cooldown: [30, 60, 120],
      perNumberHour: 5,
      perNumberDay: 10,
      perUnprovedNumber: 10,
      perAccountDay: 10,
      perIpHour: 20,
    });
    assert.equal(options.failures.ceiling, 30);
    assert.deepEqual([options.assurance.maxAge, options.assurance.idle], [86_400, 3600]);
    assert.equal(options.trustedBrowser.days, 30);
    assert.equal(options.trustedProxies, 0);
  });

  it('that are unknown or out of bounds are refused, all at once, with field, reason and fix', () => {
    const found = problems({
      codeLength: 6,
      code: { ttl: 601, digits: 6 },
      trustedBrowser: { days: 31 },
      countries: ['Japan'],
    });
    assert.deepEqual(found.map(({ field }) => field).sort(), [
      'code.digits',
      'code.ttl',
      'codeLength',
      'countries.0',
      'trustedBrowser.days',
    ]);
    for (const { reason, fix } of found) assert.ok(reason.length > 5 && fix.length > 10);
  });

  it('that are unsafe are refused', () => {
    assert.deepEqual(fields({ code: { length: 5 } }), ['code.length'], 'OTP-01');
    assert.deepEqual(fields({ code: { ttl: 600 } }), [], 'the longest life there may be (OTP-02)');
    assert.deepEqual(fields({ failures: { ceiling: 101 } }), ['failures.ceiling'], 'OTP-05');
    assert.deepEqual(fields({ countries: [] }), ['countries'], 'THR-04');
    assert.deepEqual(fields({ secrets: ['c2hvcnQ'] }), ['secrets']);
    assert.deepEqual(fields({ production: true, issuer: 'http://id.example.jp' }), ['issuer']);
    assert.deepEqual(fields({ signUp: true }), ['signUp']);
    assert.deepEqual(fields({ brand: { logo: 'https://cdn.example/logo.png' } }), ['brand.logo']);
    const acr = { mfa: 'http://schemas.openid.net/pape/policies/2007/06/phr', sfa: 'x' };
    assert.deepEqual(fields({ assurance: { acr } }), ['assurance.acr.mfa'], 'OTP-18');
    assert.deepEqual(fields({ channel: 'email' }), ['channel'], 'OTP-08');
  });

  it('lead to a page of the host that can come back, where its factors count (RST-02)', () => {
    const at = (url: string) =>
      fields({ alternative: { url, label: { en: 'Passkey' }, authenticators: async () => [] } });
    assert.deepEqual(at('https://id.example.jp/login/{uid}/passkey'), []);
    assert.deepEqual(at('https://id.example.jp/login/passkey'), ['alternative.url']);
    assert.deepEqual(at('https://other.example.jp/login/{uid}/passkey'), ['alternative.url']);
  });

  it('for short codes are taken when the risk is accepted: fewer tries, and a warning at start (OTP-01)', async () => {
    assert.equal(parseOptions({ ...good, code: { length: 4, allowShortCodes: true } }).code.tries, 3);
    const host = await startHost({ options: { code: { length: 5, allowShortCodes: true } } });
    assert.ok(host.logged.some((line) => line.includes('code.length')));
    await host.close();
  });

  it('of unsafe parts refuse the start in production, and warn elsewhere (OPS-02)', async () => {
    const inbox = {
      ...createInbox(),
      findings: () => [{ severity: 'fatal' as const, message: 'is a toy', fix: 'Use a real one' }],
    };
    await assert.rejects(
      startHost({ inbox, issuer: 'https://id.example.jp', options: { production: true } }),
      /is a toy/,
    );
    const host = await startHost({ inbox });
    assert.ok(host.logged.some((line) => line.includes('is a toy')));
    await host.close();
  });

  it('about gateways that could not work are refused (GWY-03)', () => {
    const at = (baseUrl: string, more: object = {}) => fields({ webhooks: { baseUrl }, ...more });
    assert.deepEqual(at('https://edge.example.jp'), []);
    for (const url of [
      'https://edge.example.jp/prefix',
      'https://edge.example.jp?x=1',
      'https://u@edge.example.jp',
    ])
      assert.deepEqual(at(url), ['webhooks.baseUrl'], url);
    assert.deepEqual(at('http://edge.example.jp', { production: true }), ['webhooks.baseUrl']);
    assert.deepEqual(fields({ fallback: { undelivered: ['voice', 'voice'] } }), ['fallback.undelivered']);
    assert.deepEqual(fields({ routes: [{ via: ['inbox', 'inbox'] }] }), ['routes.0.via.1']);
    assert.deepEqual(fields({ routes: [{ countries: ['US'], via: ['inbox'] }] }), ['routes.0.countries.0']);
    assert.deepEqual(fields({ gateway: { ...createInbox(), name: 'none' } }), ['gateway.name']);
  });

  it('that switch off all there is to send with are refused, and so is a switch that is neither on nor off', () => {
    const off = { ...createInbox(), name: 'off', enabled: false };
    const on = createInbox();
    assert.deepEqual(fields({ gateway: off }), ['gateway']);
    assert.deepEqual(fields({ gateway: undefined, gateways: [off] }), ['gateways']);
    assert.deepEqual(fields({ gateway: undefined, gateways: [off, on] }), []);
    const routed = (via: string[]) => fields({ gateway: undefined, gateways: [off, on], routes: [{ via }] });
    assert.deepEqual(routed(['off']), ['routes']);
    assert.deepEqual(routed(['off', 'inbox']), []);
    assert.deepEqual(routed([]), [], 'all sending is off, as it says');
    assert.deepEqual(fields({ gateway: { ...on, enabled: 'false' as never } }), ['gateway.enabled']);
  });
});
