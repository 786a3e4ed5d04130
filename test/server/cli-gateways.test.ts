import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { commandIn, outcomeOf, untilSaid } from '../support/command.ts';

const { start, write, configuration } = commandIn('sekisho-cli-gateways-');
const TWILIO = {
  type: 'twilio',
  accountSid: `AC${'0'.repeat(32)}`,
  authToken: { env: 'TWILIO_TOKEN' },
  from: '+15005550006',
};

async function configured(name: string, gateways: object[]) {
  const { gateway: _, ...rest } = (await configuration(name)) as Record<string, unknown> & { issuer: string };
  return { ...rest, gateways };
}

describe('sekisho webhooks', () => {
  it('prints the address for each vendor, and it is the one the running server answers at', async () => {
    const config = await configured('hooks', [TWILIO, { type: 'handset' }]);
    const file = write('hooks.json', config);
    const env = { TWILIO_TOKEN: 'canary-token-0123456789abcdef' };
    const server = start(['serve', '--config', file], env);
    const ended = outcomeOf(server);
    await untilSaid(server, /ready in/);
    const { code, out, err } = await outcomeOf(start(['webhooks', '--config', file], env));
    assert.deepEqual([code, err], [0, '']);
    const address = /^twilio {2}(http:\S+\/hooks\/twilio\/[\w-]{43})$/m.exec(out)?.[1];
    assert.ok(address, out);
    assert.match(out, /^handset {2}its vendor tells nothing/m);
    assert.ok(!out.includes('canary'));
    const answers = await Promise.all(
      [address, `${address.slice(0, -1)}_`].map(async (url) => (await fetch(url, { method: 'POST' })).status),
    );
    assert.deepEqual(answers, [401, 404], 'known there and unsigned, and unknown');
    server.kill('SIGTERM');
    assert.equal((await ended).code, 0);
  });
});

describe('sekisho check', () => {
  it('names each field that the contract documents of a vendor without a public specification must fill in', async () => {
    const file = write('smslink.json', await configured('smslink', [{ type: 'http', preset: 'smslink' }]));
    const { code, out } = await outcomeOf(start(['check', '--config', file]));
    assert.equal(code, 1);
    const fields = [...out.matchAll(/^error +(\S.*?) must be filled in/gm)].map(([, field]) => field!);
    assert.ok(fields.length >= 3, out);
    assert.ok(
      fields.some((field) => field.includes('send.url')),
      out,
    );
    assert.match(out, /contract documents/);
  });

  it('says which secret is missing, and quotes none that is there (GWY-06)', async () => {
    const twice = { ...TWILIO, name: 'second', authToken: { env: 'MISSING_TOKEN' } };
    const file = write('secrets.json', await configured('secrets', [TWILIO, twice]));
    const env = { TWILIO_TOKEN: 'canary-token-0123456789abcdef' };
    const { code, out, err } = await outcomeOf(start(['check', '--config', file], env));
    assert.equal(code, 1);
    assert.match(out, /gateways\.1\.authToken names the variable MISSING_TOKEN, which is not set/);
    assert.ok(!(out + err).includes('canary'));
  });

  it('says what a start says of insecure: an error in production, a warning elsewhere, and goes on to the whole', async () => {
    const insecure = { ...TWILIO, insecure: true, baseUrl: 'http://127.0.0.1:9/twilio' };
    const file = write('insecure.json', await configured('insecure', [insecure]));
    const env = { TWILIO_TOKEN: 'canary-token-0123456789abcdef' };
    const { code, out } = await outcomeOf(start(['check', '--config', file], env));
    assert.equal(code, 0, out);
    assert.match(out, /^warning +gateway twilio is set to insecure/m);
    assert.match(out, /configuration is complete/);
    const { issuer, ...rest } = await configured('insecure-production', [insecure]);
    const strict = {
      ...rest,
      issuer: issuer.replace('http:', 'https:'),
      trustedProxies: 1,
      production: true,
    };
    const refused = await outcomeOf(start(['check', '--config', write('strict.json', strict)], env));
    assert.equal(refused.code, 1);
    assert.match(refused.out, /^error +gateway twilio is set to insecure/m);
  });

  it('shows a gateway that is switched off, once, and checks its settings all the same', async () => {
    const off = { ...TWILIO, enabled: false };
    const env = { TWILIO_TOKEN: 'canary-token-0123456789abcdef' };
    const file = write('off.json', await configured('off', [off, { type: 'handset' }]));
    const { code, out } = await outcomeOf(start(['check', '--config', file], env));
    assert.equal(code, 0, out);
    assert.deepEqual(
      out.split('\n').filter((line) => line.includes('gateway twilio') && !line.includes('keeps numbers')),
      [
        'warning  gateway twilio is switched off: it sends nothing, while receipts, STOP and START still count. Remove enabled when it may send again.',
      ],
    );
    const wrong = write(
      'off-wrong.json',
      await configured('off', [{ ...off, from: '+1' }, { type: 'handset' }]),
    );
    const refused = await outcomeOf(start(['check', '--config', wrong], env));
    assert.equal(refused.code, 1);
    assert.match(refused.out, /^error +gateway twilio\.from /m);
    const handset = [TWILIO, { type: 'handset', enabled: false }];
    const other = write('off-handset.json', await configured('off-handset', handset));
    const shown = await outcomeOf(start(['check', '--config', other], env));
    assert.match(shown.out, /^warning +gateway handset is switched off/m, 'whatever the type knows of it');
  });

  it('ends each line once, and says what a client without a secret may have meant', async () => {
    const redirect_uris = ['https://a.example/cb'];
    const config = await configured('ends', [{ type: 'handset' }]);
    const found = async (clients: object[]) =>
      (await outcomeOf(start(['check', '--config', write('ends.json', { ...config, clients })]))).out;
    const misspelt = await found([{ client_id: 'a', client_secret: 's3', redirect_uri: redirect_uris }]);
    assert.match(misspelt, /Did you mean redirect_uris\?$/m);
    assert.match(await found([{ client_id: 'a', redirect_uris }]), /token_endpoint_auth_method to none/);
  });

  it('tells what each gateway carries, how its receipts come, and who serves which country', async () => {
    const karaden = { type: 'karaden', tenantId: 'mirai', serviceId: 1, token: 'canary-token' };
    const off = { ...TWILIO, name: 'off', enabled: false };
    const config = {
      ...(await configured('ways', [
        karaden,
        { ...TWILIO, callFrom: '+815012345678' },
        off,
        { type: 'handset' },
      ])),
      countries: ['JP', 'US'],
      routes: [
        { countries: ['JP'], via: ['off', 'karaden', 'twilio'] },
        { via: ['twilio'], channels: ['sms'] },
      ],
    };
    const env = { TWILIO_TOKEN: 'canary-token-0123456789abcdef' };
    const { code, out } = await outcomeOf(start(['check', '--config', write('ways.json', config)], env));
    assert.equal(code, 0, out);
    const lines = out.split('\n').map((line) => line.replace(/ +/g, ' '));
    const address = 'pushed (sekisho webhooks prints the address to enter at the vendor)';
    for (const line of [
      `ok gateway karaden carries sms; receipts are ${address} and asked for.`,
      `ok gateway twilio carries sms and voice; receipts are ${address} and asked for.`,
      'ok gateway handset carries sms and voice; nothing tells whether messages arrive.',
      'ok country JP gets SMS by karaden, twilio, calls by twilio.',
      'ok country US gets SMS by twilio, calls by nobody.',
    ])
      assert.ok(lines.includes(line), `${line}\n${out}`);
    assert.ok(!out.includes('canary') && !out.includes('/hooks/'), 'addresses of webhooks are secrets');
  });

  it('tells what the options make of a gateway, and everything once (lesson 25)', async () => {
    const fields = { to: '{{to}}', say: '{{text}}' };
    const send = { url: 'https://api.vendor.example/call', fields, success: { status: '2xx' } };
    const calls = { type: 'http', channels: ['voice'], callGuard: 'none', send };
    const file = write('unguarded.json', await configured('unguarded', [calls, { type: 'handset' }]));
    const { code, out } = await outcomeOf(start(['check', '--config', file]));
    assert.equal(code, 0, out);
    const warnings = out.split('\n').filter((line) => line.startsWith('warning'));
    assert.equal(warnings.filter((line) => line.includes('answering machines')).length, 1, out);
    assert.equal(new Set(warnings).size, warnings.length, out);
  });
});
