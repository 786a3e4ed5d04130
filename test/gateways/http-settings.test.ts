import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { inspect } from 'node:util';
import { ConfigurationError, type Problem } from '../../src/errors.ts';
import { createHttpGateway } from '../../src/gateways/http.ts';

const SEND = {
  url: 'https://vendor.example/send',
  fields: { to: '{{to}}', text: '{{text}}' },
  success: { status: '2xx' },
};
const RULES = [{ when: { path: 'state', equals: 'done' }, state: 'delivered' }];

function problems(settings: unknown): readonly Problem[] {
  try {
    void createHttpGateway(settings).close!();
  } catch (error) {
    assert.ok(error instanceof ConfigurationError, inspect(error));
    return error.problems;
  }
  return [];
}

/** Fails unless exactly this field is wrong, with a reason that says so. */
function refuses(settings: object, field: string, reason: RegExp): void {
  const found = problems({ send: SEND, ...settings });
  assert.deepEqual(
    found.map((problem) => problem.field),
    [`gateway http.${field}`],
    inspect(found),
  );
  assert.match(found[0]!.reason, reason);
  assert.notEqual(found[0]!.fix.trim(), '');
}

describe('settings of the declarative gateway', () => {
  it('may be as few as a request and what its success is', async () => {
    const gateway = createHttpGateway({ send: SEND });
    const { name, channels, poll, webhook, countries, callGuard, idempotent, correlation, maxUnits } =
      gateway;
    assert.deepEqual([name, channels], ['http', ['sms']]);
    for (const absent of [poll, webhook, countries, callGuard, idempotent, correlation, maxUnits])
      assert.equal(absent, undefined, 'what was not configured is absent');
    assert.deepEqual(gateway.findings!({ production: true }), []);
    await gateway.close!();
  });

  it('name receipts by whichever id they bring', async () => {
    for (const [map, correlation] of [
      [{ id: 'ref', vendorId: 'id', rules: RULES }, undefined],
      [{ vendorId: 'id', rules: RULES }, 'vendorId'],
      [{ rules: RULES }, undefined],
    ] as const) {
      const gateway = createHttpGateway({ send: SEND, webhook: { map } });
      assert.equal(gateway.correlation, correlation);
      await gateway.close!();
    }
  });

  it('are refused where a template cannot be filled in, naming the field', () => {
    const field = (text: unknown) => ({ send: { ...SEND, fields: { a: { b: [text] } } } });
    refuses(field('{{code}}'), 'send.fields.a.b.0', /holds \{\{code\}\}, which is none of to, text/);
    refuses(field('{{to'), 'send.fields.a.b.0', /braces/);
    refuses(field('{{expiresAt|tomorrow}}'), 'send.fields.a.b.0', /format/);
    refuses(field({ $if: 'x', $then: 1 }), 'send.fields.a.b.0.$if', /must be one of/);
    refuses(field({ $if: 'to', $otherwise: 1 }), 'send.fields.a.b.0', /beside \$if/);
    refuses({ send: { ...SEND, headers: { 'x-a': '{{nobody}}' } } }, 'send.headers.x-a', /nobody/);
    const poll = [{ by: 'id', url: 'https://v.example/{{text}}', map: { rules: RULES } }];
    refuses({ poll }, 'poll.0.url', /holds \{\{text\}\}/);
  });

  it('are refused where an address could lead elsewhere (GWY-01)', () => {
    const at = (url: string) => ({ send: { ...SEND, url } });
    refuses(at('https://{{sender}}.example/'), 'send.url', /only in path and query/);
    refuses(at('https://v.example:{{digits}}/'), 'send.url', /only in path and query/);
    refuses(at('{{webhookUrl}}'), 'send.url', /must begin with https:\/\/ or \//);
    refuses(at('//v.example/a'), 'send.url', /must begin with/);
    refuses(at('https://v.example/#{{to}}'), 'send.url', /fragment/);
    refuses(at('http://v.example/'), 'send.url', /must begin with https/);
    refuses(at('https://user:canary-password@v.example/'), 'send.url', /holds credentials/);
    refuses(at('/send'), 'baseUrl', /is missing/);
    refuses({ ...at('/send'), baseUrl: 'http://10.0.0.1' }, 'baseUrl', /must begin with https/);
    refuses({ ...at('/s'), baseUrl: 'no address' }, 'baseUrl', /is no address/);
    assert.ok(
      !inspect(problems({ send: { ...SEND, url: 'https://user:canary-password@v.example/' } })).includes(
        'canary',
      ),
    );
  });

  it('are refused where an encoding cannot hold the fields', () => {
    const send = (encoding: string, fields: object, more = {}) => ({
      send: { ...SEND, encoding, fields, ...more },
    });
    refuses(send('form', { a: { b: 1 } }), 'send.fields.a', /nests, which form cannot hold/);
    refuses(send('query', { a: [['b']] }), 'send.fields.a', /nests/);
    refuses(send('form', { a: { $if: 'to', $then: { b: 1 } } }), 'send.fields.a', /nests/);
    refuses(send('json', { a: 1 }, { method: 'GET' }), 'send.encoding', /a GET has no body/);
    refuses(send('xml', { a: 1, b: 2 }), 'send.fields', /exactly one element/);
    refuses(send('xml', { 'a><b': 1 }), 'send.fields.a><b', /no name of an element/);
    const auth = [{ type: 'body', values: { token: 'canary' } }];
    refuses({ ...send('xml', { a: '{{to}}' }), auth }, 'auth', /xml cannot hold/);
    assert.deepEqual(problems(send('form', { a: ['1', '2'], b: { $number: '{{validity}}' } })), []);
  });

  it('are refused where a predicate asks nothing, or two things at once', () => {
    const success = (predicate: object) => ({ send: { ...SEND, success: predicate } });
    refuses(success({}), 'send.success', /exactly one of all, any, not, status, path, header/);
    refuses(success({ status: 200, path: 'a', equals: 1 }), 'send.success', /exactly one of all/);
    refuses(success({ path: 'a' }), 'send.success', /exactly one of equals, in, startsWith, exists/);
    refuses(success({ status: 200, equals: 1 }), 'send.success', /none of equals/);
    refuses(success({ all: [{ not: { path: 'a' } }] }), 'send.success.all.0.not', /exactly one of equals/);
    refuses(success({ path: 'a..b', exists: true }), 'send.success.path', /must be a path/);
    refuses(success({ matches: '^(a+)+$', status: 200 }), 'send.success.matches', /is not a setting/);
  });

  it('are refused where what belongs together is not there', () => {
    refuses({ channels: ['voice'] }, 'callGuard', /answering machine/);
    refuses({ number: 'national' }, 'countries', /exactly one country/);
    refuses({ number: 'national', countries: ['JP', 'US'] }, 'countries', /exactly one country/);
    refuses({ webhook: {} }, 'webhook', /at least one of map, inbound and answer/);
    const verify = [{ scheme: 'url-secret' }, { scheme: 'basic', user: 'u', passwords: 'p'.repeat(24) }];
    refuses(
      { webhook: { verify, map: { rules: RULES } } },
      'webhook.verify',
      /may not hold url-secret beside/,
    );
    const weak = [{ scheme: 'header', name: 'x-key', values: 'short' }];
    refuses({ webhook: { verify: weak, map: { rules: RULES } } }, 'webhook.verify.0.values', /24/);
    const rules = [{ when: { path: 'a', exists: true }, state: 'sent', class: 'number' }];
    refuses({ webhook: { map: { rules } } }, 'webhook.map.rules.0.class', /beside the state undelivered/);
    const key = { scheme: 'ed25519', publicKeys: 'AAAA', header: 'a', timestampHeader: 'b' };
    const checked = { verify: [key], map: { rules: RULES } };
    refuses({ webhook: checked }, 'webhook.verify.0.publicKey', /32 bytes/);
    refuses({ tiemOffset: 'Z' }, 'tiemOffset', /is not a setting/);
  });

  it('are refused where a query is read that no signature covers (GWY-03)', () => {
    const publicKeys = 'A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg=';
    const hmac = { scheme: 'hmac', secrets: 'hush', header: 'x-sign' };
    const ed25519 = { scheme: 'ed25519', publicKeys, header: 'a', timestampHeader: 'b' };
    const webhook = (verify: object, payload: string) => ({
      send: SEND,
      webhook: { verify: [verify], payload, map: { rules: RULES } },
    });
    for (const payload of ['query', 'any']) {
      refuses(webhook(hmac, payload), 'webhook.payload', /covers the body alone/);
      refuses(webhook(ed25519, payload), 'webhook.payload', /covers the body alone/);
      assert.deepEqual(problems(webhook({ ...hmac, template: '{url}{body}' }, payload)), []);
    }
    const jwt = { scheme: 'jwt-hs256', secrets: 'hush', header: 'a', issuer: 'V', claims: ['payload_hash'] };
    refuses(webhook(jwt, 'query'), 'webhook.payload', /covers the body alone/);
    assert.deepEqual(problems(webhook({ ...jwt, claims: ['payload_hash', 'url_hash'] }, 'any')), []);
    for (const payload of ['json', 'form']) assert.deepEqual(problems(webhook(hmac, payload)), []);
  });

  it('are refused where a call would say the code before a key was pressed (lesson 25)', () => {
    const answer = {
      pressed: { path: 'Digits', exists: true },
      read: { R: '{{text}}' },
      otherwise: { R: '{{text}}' },
    };
    refuses({ webhook: { answer } }, 'webhook.answer.otherwise.R', /holds \{\{text\}\}, which is none of/);
  });

  it('quote no value in an error: it may be a secret (GWY-06)', () => {
    const canary = 'canary-4711';
    const wrong = {
      send: { ...SEND, fields: 7, success: canary, encoding: canary },
      auth: [
        { type: 'bearer', token: `${canary}\n` },
        { type: canary },
        { type: 'basic', username: 'u', passwort: canary },
      ],
      webhook: { verify: [{ scheme: 'hmac', secrets: [canary, canary, canary], header: `a ${canary}` }] },
      number: canary,
    };
    const found = problems(wrong);
    assert.ok(found.length >= 8, String(found.length));
    assert.ok(!inspect(found, { depth: 9 }).includes(canary), inspect(found));
  });
});
