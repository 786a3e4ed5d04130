import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createExchange } from '../../src/domain/exchange.ts';
import { readPhone } from '../../src/domain/phone.ts';
import { parseOptions, type SekishoOptions } from '../../src/options.ts';
import type { Gateway } from '../../src/ports/gateway.ts';
import { createInbox } from '../support/inbox.ts';

const gateway = (name: string, own: Partial<Gateway> = {}): Gateway => ({ ...createInbox(), name, ...own });
const COUNTRIES = ['JP', 'GB'];
const mobile = readPhone('+819012340001', COUNTRIES);
const british = readPhone('+447400123456', COUNTRIES);
const fixed = readPhone('+81312345678', COUNTRIES);
const voip = readPhone('+815012345678', COUNTRIES);

function exchange(gateways: Gateway[], more: Partial<SekishoOptions> = {}) {
  const issuer = 'https://login.example.jp';
  const secrets = [Buffer.alloc(32, 1).toString('base64url')];
  return createExchange(
    parseOptions({ issuer, secrets, store: {} as never, countries: COUNTRIES, gateways, ...more }),
  );
}
type Made = ReturnType<typeof exchange>;
const names = (made: Made, phone = mobile, channel: 'sms' | 'voice' = 'sms') =>
  made.waysTo(phone, channel).map((way) => way.gateway.name);

describe('without routes', () => {
  it('gateways serve a number in order, those of its country before those of any', () => {
    const all = [
      gateway('world'),
      gateway('japan', { countries: ['JP'] }),
      gateway('uk', { countries: ['GB'] }),
    ];
    assert.deepEqual(names(exchange(all)), ['japan', 'world']);
    assert.deepEqual(names(exchange(all), british), ['uk', 'world']);
  });

  it('a fixed line and an internet number get calls and no SMS', () => {
    const made = exchange([gateway('both')]);
    assert.deepEqual([names(made, fixed), names(made, voip)], [[], []]);
    assert.deepEqual([names(made, fixed, 'voice'), names(made, voip, 'voice')], [['both'], ['both']]);
    assert.deepEqual(made.channelsTo(fixed), ['voice']);
    assert.deepEqual(made.channelsTo(mobile), ['sms', 'voice']);
  });

  it('a gateway that reads codes to machines gets no call, unless that is allowed (lesson 25)', () => {
    const open = gateway('open', { callGuard: 'none' });
    const silent: Gateway = { ...gateway('silent'), callGuard: undefined as never };
    assert.deepEqual(names(exchange([open, silent]), mobile, 'voice'), []);
    const allowed = exchange([open], { voice: { allowUnguarded: true } });
    assert.deepEqual(names(allowed, mobile, 'voice'), ['open']);
    assert.deepEqual(names(exchange([gateway('g')], { voice: { enabled: false } }), mobile, 'voice'), []);
  });
});

describe('routes', () => {
  const all = () => [gateway('a'), gateway('b'), gateway('c', { countries: ['GB'] })];

  it('are taken by country, kind of number and channel; the first that fits decides', () => {
    const made = exchange(all(), {
      routes: [
        { countries: ['JP'], types: ['fixed', 'voip'], via: ['b'] },
        { countries: ['JP'], channels: ['sms'], via: ['b', 'a'] },
        { countries: ['GB'], via: ['c'] },
      ],
    });
    assert.deepEqual(names(made), ['b', 'a']);
    assert.deepEqual(names(made, mobile, 'voice'), [], 'no route, no way');
    assert.deepEqual(names(made, fixed, 'voice'), ['b']);
    assert.deepEqual(names(made, british), ['c']);
  });

  it('never lead to a gateway that does not serve the country, whatever they say', () => {
    assert.deepEqual(names(exchange(all(), { routes: [{ via: ['c', 'a'] }] })), ['a']);
  });

  it('carry a sender and say whether the origin line stands', () => {
    const via = [{ gateway: 'a', sender: '0005123456', originLine: false }, 'b'];
    const [first, second] = exchange(all(), { routes: [{ via }] }).waysTo(mobile, 'sms');
    assert.deepEqual([first!.sender, first!.originLine], ['0005123456', false]);
    assert.deepEqual([second!.sender, second!.originLine], [undefined, true]);
  });

  it('by weight draw who comes first, and keep the others as the way on', () => {
    const via = [
      { gateway: 'a', weight: 80 },
      { gateway: 'b', weight: 20 },
    ];
    const made = exchange(all(), { routes: [{ order: 'weighted', via }] });
    const drawn = Array.from({ length: 2000 }, () => names(made));
    assert.ok(drawn.every((one) => one.length === 2 && one.includes('a') && one.includes('b')));
    const share = drawn.filter(([first]) => first === 'a').length / 2000;
    assert.ok(share > 0.75 && share < 0.85, `${share}`);
  });

  it('and rates that name no gateway are refused with field and fix, like two gateways of one name', () => {
    const refused = (gateways: Gateway[], more: Partial<SekishoOptions> = {}) => {
      try {
        exchange(gateways, more);
      } catch (error) {
        return (error as { problems: { field: string }[] }).problems.map(({ field }) => field);
      }
      return [];
    };
    assert.deepEqual(refused(all(), { routes: [{ via: ['a', 'nobody'] }] }), ['routes.0.via.1']);
    assert.deepEqual(refused(all(), { rates: { nobody: 5 } }), ['rates.nobody']);
    assert.deepEqual(refused([gateway('a'), gateway('a')]), ['gateways.1.name']);
    assert.deepEqual(refused([gateway('A B')]), ['gateways.0.name']);
    assert.deepEqual(refused([]), ['gateways']);
    assert.deepEqual(refused([gateway('mail', { channels: ['email' as never] })]), ['gateways.0'], 'OTP-08');
  });
});
