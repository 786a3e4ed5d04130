import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createExchange } from '../src/domain/exchange.ts';
import { readPhone } from '../src/domain/phone.ts';
import { PRESETS } from '../src/gateways/http/presets.ts';
import { createHttpGateway } from '../src/gateways/http.ts';
import { optionsJsonSchema, parseOptions } from '../src/options.ts';
import type { Gateway } from '../src/ports/gateway.ts';
import { gatewayConfigs } from '../src/server/config/gateways.ts';
import { parseConfig, sekishoOptions } from '../src/server/config.ts';
import { GATEWAYS, makeGateway, PRESET_INPUTS } from './support/made-gateways.ts';
import { cellsOf, load, programs, READMES, type Readme, tableOf } from './support/readme.ts';
import { read } from './support/source-text.ts';

/** What the tables call things. */
const WORDS = {
  'README.md': {
    ...{ sms: 'SMS', voice: 'calls', any: 'any', open: 'as configured', contract: 'as your contract says' },
    ...{ signed: 'signed', unsigned: 'unsigned', asked: 'asked', connection: 'over its own connection' },
    ...{ 'key-press': 'key press', 'machine-detection': 'machine detection', none: 'nothing' },
    ...{ unguarded: 'unguarded', unpublished: 'no public specification' },
    ...{ passed: 'asked', kept: 'not asked', gateway: 'gateway', call: 'call', nothing: 'nothing' },
  },
  'README.ja.md': {
    ...{ sms: 'SMS', voice: '通話', any: '指定なし', open: '設定による', contract: '契約書類による' },
    ...{ signed: '署名あり', unsigned: '署名なし', asked: '問い合わせ', connection: '自身の接続' },
    ...{ 'key-press': 'キー操作', 'machine-detection': '留守番電話の検出', none: '待たない' },
    ...{ unguarded: '待たない', unpublished: '公開仕様なし' },
    ...{ passed: '頼む', kept: '頼まない', gateway: '別のゲートウェイ', call: '通話', nothing: 'なし' },
  },
} as const;
type Words = (typeof WORDS)[Readme];

const RECEIPTS = ['signed', 'unsigned', 'asked', 'connection'] as const;
const CHANNELS = ['sms', 'voice'] as const;
const GUARDS = ['key-press', 'machine-detection', 'none'] as const;

/** The given things that a cell names; `signed` is no part of `unsigned`. */
const named = <N extends keyof Words>(cell: string, names: readonly N[], words: Words): N[] =>
  names.filter((name) => new RegExp(`(?<![a-z])${words[name]}`).test(cell));

/** How news of this gateway come, as far as it can be seen from outside. */
async function receiptsOf({ webhook, poll, listen }: Gateway): Promise<(typeof RECEIPTS)[number][]> {
  const nothing = { method: 'POST', headers: {}, body: new Uint8Array(), receivedAt: 0 };
  const context = { now: 0, signal: AbortSignal.timeout(1000) };
  const auth = await webhook?.authenticate({ ...nothing, url: new URL('https://id.example/') }, context);
  return [
    ...(auth ? [auth.result === 'unsigned' ? ('unsigned' as const) : ('signed' as const)] : []),
    ...(poll ? ['asked' as const] : []),
    ...(listen ? ['connection' as const] : []),
  ];
}

const union = <T>(lists: readonly (readonly T[])[]): Set<T> => new Set(lists.flat());

for (const file of READMES) {
  describe(`the tables of gateways in ${file}`, () => {
    const [text, words] = [read(file), WORDS[file]];

    it('say of each type what it is (lesson 25, GWY-03)', async () => {
      const table = tableOf(text, 'twilio', 'smpp');
      const types = (JSON.parse(read('plugin-manifest.json')).gateways as { name: string }[]).map(
        ({ name }) => name,
      );
      assert.deepEqual([...table.keys()].sort(), types.sort());
      for (const [type, row] of table) {
        const [channels, countries, receipts, guard] = cellsOf(row) as [string, string, string, string];
        if (type === 'http') {
          assert.deepEqual([channels, countries, receipts, guard], Array(4).fill(words.open));
          continue;
        }
        const made = GATEWAYS[type]!.map((settings) => makeGateway(type, settings));
        const own = union(made.map((gateway) => gateway.channels));
        assert.deepEqual(new Set(named(channels, CHANNELS, words)), own, `${type}: channels`);
        assert.equal(countries, made[0]!.countries?.join(', ') ?? words.any, `${type}: countries`);
        const news = union(await Promise.all(made.map(receiptsOf)));
        assert.deepEqual(new Set(named(receipts, RECEIPTS, words)), news, `${type}: receipts`);
        const guards = union(made.map(({ callGuard }) => (callGuard ? [callGuard] : [])));
        assert.deepEqual(new Set(named(guard, GUARDS, words)), guards, `${type}: guard`);
        await Promise.all(made.map((gateway) => gateway.close?.()));
      }
    });

    it('say of each preset what it is, and what nobody outside of a contract knows', async () => {
      const table = tableOf(text, 'kannel', 'xoxzo');
      assert.deepEqual([...table.keys()].sort(), Object.keys(PRESETS).sort());
      for (const [name, row] of table) {
        const [, channels, receipts, specification] = cellsOf(row) as [string, string, string, string];
        const { contract, build } = PRESETS[name]!;
        const inputs = PRESET_INPUTS[name] ?? {};
        const built = { channels: ['sms'], callGuard: undefined, ...build(inputs) } as unknown as Gateway;
        assert.deepEqual(named(channels, CHANNELS, words), built.channels, `${name}: channels`);
        assert.equal(named(channels, ['unguarded'], words).length === 1, built.callGuard === 'none', name);
        assert.equal(specification.includes(words.unpublished), contract !== undefined, name);
        if (contract) {
          assert.equal(receipts, words.contract, name);
          continue;
        }
        const gateway = createHttpGateway({ preset: name, ...inputs });
        assert.deepEqual(named(receipts, RECEIPTS, words), await receiptsOf(gateway), `${name}: receipts`);
        await gateway.close?.();
      }
    });

    it('say of each class whether another gateway is asked, and what follows by itself (lesson 22)', () => {
      const table = tableOf(text, 'quota', 'recycled');
      const word = (source: string) => [...source.matchAll(/'([\w-]+)'/g)].map(([, name]) => name!);
      const port = /type RejectionClass =([^;]+);/.exec(read('src/ports/gateway.ts'))![1]!;
      const passed = word(/const PASSED_ON\b[^[]*\[([^\]]*)\]/.exec(read('src/domain/hand-over.ts'))![1]!);
      const sensible = /const SENSIBLE\b[^{]*\{([^}]*)\}/.exec(read('src/domain/fallback.ts'))![1]!;
      const limited = new Map(
        [...sensible.matchAll(/'?([\w-]+)'?: \[([^\]]*)\]/g)].map(([, name, steps]) => [name!, word(steps!)]),
      );
      assert.ok(passed.length > 0 && limited.size > 0);
      assert.deepEqual([...table.keys()].sort(), word(port).sort());
      for (const [name, row] of table) {
        const [, next, later] = cellsOf(row) as [string, string, string];
        assert.equal(next, passed.includes(name) ? words.passed : words.kept, name);
        const steps = (limited.get(name) ?? ['gateway', 'voice']).map((step) =>
          step === 'voice' ? ('call' as const) : ('gateway' as const),
        );
        assert.deepEqual(named(later, ['gateway', 'call'], words), steps, name);
        assert.equal(later === words.nothing, steps.length === 0, name);
      }
    });

    it('list every field of a route, and every member of a gateway', () => {
      type Node = { items?: Node; anyOf?: Node[]; properties?: Record<string, Node> };
      const { properties } = optionsJsonSchema() as Node;
      const route = properties!['routes']!.items!.properties!;
      const table = tableOf(text, 'via', 'order');
      assert.deepEqual([...table.keys()].sort(), Object.keys(route).sort());
      const leg = route['via']!.items!.anyOf!.find((one) => one.properties)!.properties!;
      for (const name of Object.keys(leg)) assert.ok(table.get('via')!.includes(`\`${name}\``), name);
      const port = /export interface Gateway \{[\s\S]*?^\}/m.exec(read('src/ports/gateway.ts'))![0];
      const members = [...port.matchAll(/^ {2}(?:readonly )?(\w+)\?/gm)].map(([, name]) => name!);
      assert.deepEqual([...tableOf(text, 'findings', 'listen').keys()].sort(), members.sort());
    });
  });
}

describe('the gateways that the README shows', () => {
  it('are made in code', async () => {
    Object.assign(process.env, {
      ...{ KARADEN_TOKEN: 'token', TWILIO_AUTH_TOKEN: 'token' },
      TWILIO_ACCOUNT_SID: `AC${'0'.repeat(32)}`,
    });
    const { gateways } = await load(...programs('js', 'createKaradenGateway'), 'export { gateways };');
    const facts = (gateways as Gateway[]).map(({ name, channels }) => [name, channels]);
    assert.deepEqual(facts, [
      ['karaden', ['sms']],
      ['twilio', ['sms', 'voice']],
    ]);
    await Promise.all((gateways as Gateway[]).map((gateway) => gateway.close?.()));
  });

  it('are routed as it says', async () => {
    const [program] = programs('json', '"routes"');
    // A reference to a secret is replaced by the server; here by something that looks like one.
    const input = JSON.parse(program!, (_, value) => (value?.env || value?.file ? 'k'.repeat(32) : value));
    const config = parseConfig(input, { folder: '/', production: true });
    const gateways = gatewayConfigs(config).map(({ type, settings }) => makeGateway(type, settings));
    const options = parseOptions({
      ...sekishoOptions(config),
      ...{ secrets: ['A'.repeat(43)], store: {}, gateways },
    });
    const { waysTo } = createExchange(options);
    const ways = (number: string, channel: 'sms' | 'voice') =>
      waysTo(readPhone(number, options.countries), channel).map(({ gateway }) => gateway.name);
    const firsts = Array.from({ length: 200 }, () => ways('+819012345678', 'sms'));
    for (const way of firsts) assert.deepEqual([...way].sort(), ['karaden', 'zettai-reach']);
    const reach = firsts.filter(([first]) => first === 'zettai-reach').length;
    assert.ok(reach > 120 && reach < 180, `${reach} of 200 should be about 150`);
    assert.deepEqual(ways('+819012345678', 'voice'), ['twilio']);
    assert.deepEqual(ways('+12125550123', 'sms'), ['twilio']);
    await Promise.all(gateways.map((gateway) => gateway.close?.()));
  });

  it('have a stand-in, all but what has no vendor', async () => {
    const { allVendors, startSimulator } = await import('sekisho/simulator');
    assert.equal(typeof startSimulator, 'function');
    const vendors = allVendors().map(({ vendor }) => vendor);
    const withoutOne = ['handset', 'http', 'smpp'];
    const needed = [...Object.keys(GATEWAYS), ...Object.keys(PRESETS)].filter(
      (name) => !withoutOne.includes(name),
    );
    assert.deepEqual(vendors.sort(), needed.sort());
  });
});
