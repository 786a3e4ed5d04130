import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { describe, it } from 'node:test';
import { inspect } from 'node:util';
import { ConfigurationError, type Problem } from '../../src/errors.ts';
import { PRESETS } from '../../src/gateways/http/presets.ts';
import { createHttpGateway } from '../../src/gateways/http.ts';
import { blocksOn, examplesOn } from './http-examples.ts';

const SEND = {
  url: 'https://vendor.example/send',
  fields: { to: '{{to}}', text: '{{text}}' },
  success: { status: '2xx' },
};

function problems(settings: unknown): readonly Problem[] {
  try {
    void createHttpGateway(settings).close!();
  } catch (error) {
    assert.ok(error instanceof ConfigurationError, inspect(error));
    return error.problems;
  }
  return [];
}

describe('a preset', () => {
  it('without a public specification names every field that the contract documents fill in', () => {
    for (const preset of ['smslink', 't-macss', 'mico']) {
      const found = problems({ preset });
      assert.deepEqual(
        found.map(({ field }) => field),
        ['auth', 'send.url', 'send.fields', 'send.success', 'webhook.map or gateway http.poll'].map(
          (field) => `gateway http.${field}`,
        ),
      );
      for (const { reason, fix } of found) {
        assert.equal(reason, `must be filled in from the vendor's contract documents (preset ${preset})`);
        assert.match(fix, /^Write /);
      }
      const some = problems({ preset, auth: [], send: { url: 'https://v.example/' } });
      assert.equal(some.length, 3, 'what is filled in is not asked for');
    }
  });

  it('without a public specification, or without certainty, warns for as long as it is used', async () => {
    for (const name of Object.keys(PRESETS)) {
      const [settings] = examplesOn(`docs/gateways/presets/${name}.md`);
      const gateway = createHttpGateway(settings);
      const warnings = gateway.findings!({ production: true });
      assert.ok(warnings.every(({ severity }) => severity === 'warning'));
      const said = warnings.map(({ message }) => message).join('\n');
      if (['smslink', 't-macss', 'mico', 'karaden-push'].includes(name)) assert.match(said, /not verified/);
      if (['kannel', 'karaden-push'].includes(name)) assert.match(said, /credentials into addresses/);
      await gateway.close!();
    }
  });

  it('is what it knows, and what the operator sets besides overrides it', async () => {
    const voice = createHttpGateway(examplesOn('docs/gateways/presets/t-macss.md')[0]);
    assert.deepEqual([voice.channels, voice.callGuard, voice.countries], [['voice'], 'none', ['JP']]);
    await voice.close!();
    const own = {
      preset: 'mediasms',
      username: 'u',
      password: 'p',
      webhook: null,
      maxUnits: 40,
      name: 'mine',
    };
    const gateway = createHttpGateway(own);
    assert.deepEqual([gateway.name, gateway.maxUnits, gateway.webhook], ['mine', 40, undefined]);
    await gateway.close!();
    const { maxUnits: _, ...rest } = own;
    const long = createHttpGateway({ ...rest, long: true });
    assert.deepEqual(long.maxUnits, { ascii: 1320, other: 660, lineBreak: 2 });
    await long.close!();
    for (const maxUnits of [0, 2001, '70', { other: 0 }, { lineBreak: 3 }, { bytes: 140 }]) {
      const [found, ...more] = problems({ ...own, maxUnits });
      assert.match(found!.field, /^gateway mine\.maxUnits/);
      assert.deepEqual(more, []);
    }
  });

  it('is told of by the name of its gateway, since several gateways are made of one type', () => {
    const named = (settings: object) => problems({ name: 'second', ...settings }).map(({ field }) => field);
    assert.equal(
      named({ preset: 'mico', send: {}, auth: [] }).at(-1),
      'gateway second.webhook.map or gateway second.poll',
    );
    const verify = [{ scheme: 'ed25519', publicKey: 'AAAA', header: 's', template: '{body}' }];
    const webhook = { verify, map: { id: 'id', rules: [] } };
    for (const settings of [
      ...[{ preset: 'nobody' }, { preset: 'kannel' }, { preset: 'kannel', username: 'u', password: 'p' }],
      ...[
        { baseUrl: 'ftp://v.example', send: SEND },
        { send: SEND, webhook },
        { wrong: 1, send: SEND },
      ],
    ]) {
      const found = named(settings);
      assert.ok(found.length > 0, inspect(settings));
      for (const field of found) assert.match(field, /^gateway second\./);
    }
    assert.match(problems({ preset: 'kannel' })[0]!.fix, /docs\/gateways\/presets\/kannel\.md/);
    for (const name of ['No Name', 7, null]) {
      assert.ok(problems({ name, preset: 'mico' }).every(({ field }) => field.startsWith('gateway http.')));
    }
  });

  it('asks for its inputs, and knows its name', () => {
    const fields = (settings: object) => problems(settings).map(({ field, reason }) => [field, reason]);
    assert.deepEqual(fields({ preset: 'xoxzo', sid: 's' }), [
      ['gateway http.authToken', 'is missing'],
      ['gateway http.sender', 'is missing'],
    ]);
    for (const sender of ['MiraiBank12', '0123456789012345', 'Mirai Bank', ''])
      assert.deepEqual(
        fields({ preset: 'xoxzo', sid: 's', authToken: 't', sender }),
        [['gateway http.sender', 'must be at most 10 letters and digits, or at most 15 digits']],
        sender,
      );
    for (const sender of ['MiraiBank1', '+815012345678', '815012345678'])
      assert.deepEqual(fields({ preset: 'xoxzo', sid: 's', authToken: 't', sender }), [], sender);
    assert.deepEqual(fields({ preset: 'kannel', username: 'u', password: 'p' }), [
      ['gateway http.baseUrl', 'is missing'],
    ]);
    assert.deepEqual(
      fields({ preset: 'mico', token: 't', auth: [], send: SEND, poll: [] }).map(([field]) => field),
      [...['gateway http.poll', 'gateway http.token']],
    );
    for (const preset of ['nobody', '__proto__', 7, {}]) {
      assert.match(String(fields({ preset })[0]), /preset,must be one of karaden-push, smslink/);
    }
  });
});

/** A public key has to be one. */
const KEYS = { TELNYX_PUBLIC_KEY: 'A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg=' };

describe('the documentation', () => {
  const pages = [
    'docs/gateways/http',
    ...readdirSync('docs/gateways/presets')
      .filter((file) => !file.endsWith('.ja.md'))
      .map((file) => `docs/gateways/presets/${file.replace(/\.md$/, '')}`),
  ];

  it('has a page in both languages for every preset, with the same examples', () => {
    assert.deepEqual(
      pages
        .slice(1)
        .map((page) => page.split('/').at(-1))
        .sort(),
      Object.keys(PRESETS).sort(),
    );
    for (const page of pages) {
      assert.ok(blocksOn(`${page}.md`).length > 0, page);
      assert.deepEqual(blocksOn(`${page}.md`), blocksOn(`${page}.ja.md`), page);
    }
  });

  it('has only examples that open, with secrets by reference and nothing insecure (GWY-06)', async () => {
    for (const page of pages) {
      for (const [at, settings] of examplesOn(`${page}.md`, KEYS).entries()) {
        const gateway = createHttpGateway(settings);
        assert.ok(!gateway.findings!({ production: true }).some(({ severity }) => severity === 'fatal'));
        assert.match(blocksOn(`${page}.md`)[at]!, /"type": "http".*"env": "/s);
        await gateway.close!();
      }
    }
  });
});
