import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseOptions, type SekishoOptions } from '../src/options.ts';
import type { Gateway } from '../src/ports/gateway.ts';
import { checkSurroundings } from '../src/sekisho/surroundings.ts';
import { createInbox } from './support/inbox.ts';

const gateway = (name: string, own: Partial<Gateway> = {}): Gateway => ({ ...createInbox(), name, ...own });

/** What is told at a start about reaching people, as `field message`. */
async function warned(gateways: Gateway[], more: Partial<SekishoOptions> = {}): Promise<string[]> {
  const said: string[] = [];
  const options = parseOptions({
    issuer: 'https://login.example.jp',
    secrets: [Buffer.alloc(32, 1).toString('base64url')],
    store: { name: 'memory', findings: async () => [] } as never,
    countries: ['JP', 'GB'],
    gateways,
    ...more,
  });
  const warn = (fields: object, message: string) => {
    const { field, fix } = fields as { field: string; fix: string };
    assert.ok(fix.length > 10);
    if (/^(countries|routes)/.test(field)) said.push(`${field} ${message}`);
  };
  await checkSurroundings(options, { info() {}, warn, error() {} });
  return said;
}

describe('what the start tells about numbers that nothing reaches', () => {
  const japan = () => gateway('japan', { countries: ['JP'] });
  const GB = ['countries holds GB, whose numbers no gateway reaches, by SMS or by call'];

  it('is nothing where every country has a way', async () => {
    assert.deepEqual(await warned([gateway('world')]), []);
    assert.deepEqual(await warned([japan(), gateway('uk', { countries: ['GB'] })]), []);
    assert.deepEqual(await warned([japan(), gateway('calls', { channels: ['voice'] })]), []);
    const routes = [
      { countries: ['JP'], via: ['world'] },
      { types: ['fixed' as const], via: ['world'] },
    ];
    assert.deepEqual(await warned([gateway('world')], { routes }), [], 'fixed lines are a way');
  });

  it('names the country that no gateway serves', async () => {
    assert.deepEqual(await warned([japan()]), GB);
    const calls = gateway('calls', { channels: ['voice'], callGuard: 'none' });
    assert.deepEqual(await warned([japan(), calls]), GB, 'a gateway that is given no calls is no way');
    assert.deepEqual(await warned([japan(), calls], { voice: { allowUnguarded: true } }), []);
  });

  it('names the country that no route serves, or that a route before the right one takes', async () => {
    assert.deepEqual(
      await warned([gateway('world')], { routes: [{ countries: ['JP'], via: ['world'] }] }),
      GB,
    );
    const routes = [{ via: ['japan'] }, { countries: ['GB'], via: ['world'] }];
    assert.deepEqual(await warned([japan(), gateway('world')], { routes }), GB);
  });

  it('names the route, and the country, whose gateways are all switched off', async () => {
    const off = gateway('off', { enabled: false });
    assert.deepEqual(
      await warned([off, gateway('world')], {
        routes: [
          { countries: ['JP'], via: ['off'] },
          { countries: ['GB'], via: ['off', 'world'] },
          { channels: ['voice'], via: ['off'] },
        ],
      }),
      [
        'countries holds JP, whose numbers no gateway reaches, by SMS or by call',
        ...[0, 2].map(
          (at) => `routes.${at} names only gateways that are switched off (off): its numbers get nothing`,
        ),
      ],
    );
    assert.deepEqual(await warned([off, japan()]), GB);
    const voice = [{ channels: ['voice' as const], via: ['off', 'sms'] }, { via: ['sms'] }];
    assert.deepEqual(await warned([off, gateway('sms', { channels: ['sms'] })], { routes: voice }), [
      'routes.0 is for calls, and none of its gateways can call',
    ]);
  });

  it('names the route for calls that nobody can place, and why', async () => {
    const sms = gateway('sms', { channels: ['sms'] });
    const open = gateway('open', { callGuard: 'none' });
    const told = (via: string[], more: Partial<SekishoOptions> = {}) =>
      warned([sms, open, gateway('guarded')], {
        routes: [{ channels: ['voice'], via }, { via: ['sms'] }],
        ...more,
      });
    assert.deepEqual(await told(['sms', 'guarded']), []);
    assert.deepEqual(await told(['sms']), ['routes.0 is for calls, and none of its gateways can call']);
    const [machines] = await told(['open']);
    assert.match(machines!, /^routes\.0 is for calls, .*answering machines/);
    assert.deepEqual(await told(['open'], { voice: { allowUnguarded: true } }), []);
    const [off] = await told(['guarded'], { voice: { enabled: false } });
    assert.match(off!, /voice\.enabled is false/);
    assert.deepEqual(await told([]), [], 'no gateway at all: nothing is sent, as it says');
  });
});
