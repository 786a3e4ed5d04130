import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { pino } from 'pino';
import { createSmppGateway } from '../../src/gateways/smpp.ts';
import type { Gateway, Link } from '../../src/ports/gateway.ts';
import { startHost } from '../support/host.ts';
import { type AtSmsc, smppSettings, startAtSmsc, until } from '../support/smsc.ts';
import { createVendor } from '../support/vendor.ts';

describe('how the connection to an SMSC stands', () => {
  let at: AtSmsc | undefined;
  afterEach(async () => {
    await at?.close();
    at = undefined;
  });
  const states = () => at!.links.map(({ state }) => state);

  it('is reported when it breaks and when it is back', async () => {
    at = await startAtSmsc();
    await until(() => at!.smsc.binds().length === 1, 'a bind');
    await until(() => states().length === 1, 'it stands');
    at.smsc.cut();
    await until(() => states().length >= 3, 'it is back');
    assert.deepEqual(at.links.slice(0, 3), [
      { state: 'up' },
      { state: 'lost', code: 'unbound' },
      { state: 'up' },
    ]);
  });

  it('is reported when nobody may bind, with the status and without the password (LOG-02)', async () => {
    at = await startAtSmsc({ password: 'canary-pw', reconnectDelay: 5000 });
    await until(() => states().length === 1, 'the refusal');
    assert.deepEqual(at.links, [{ state: 'refused', code: '0x0e' }]);
  });

  it('is reported when nobody answers', async () => {
    at = await startAtSmsc();
    await at.smsc.close();
    await until(() => at!.links.some(({ code }) => code === 'unconnected'), 'no connection');
    assert.deepEqual(at.links.at(-1), { state: 'lost', code: 'unconnected' });
  });

  it('is up when both binds are, where there are two', async () => {
    at = await startAtSmsc({ bind: 'separate' });
    await until(() => states().length === 2, 'both stand');
    at.smsc.cut();
    await until(() => states().filter((state) => state === 'lost').length >= 2, 'both broke');
    await until(() => at!.smsc.binds().length === 2 && states().at(-1) === 'up', 'both are back');
    const since = states().slice(2);
    assert.equal(since.indexOf('up'), since.length - 1, `${since}`);
  });

  it('is not lost because we end it', async () => {
    at = await startAtSmsc();
    await until(() => states().length === 1, 'it stands');
    await at.gateway.close!();
    await until(() => at!.smsc.binds().length === 0, 'nobody is bound');
    assert.deepEqual(states(), ['up']);
  });

  it('is told to the operator once each time it changes, as a warning (LOG-01)', async () => {
    at = await startAtSmsc();
    const gateway = createSmppGateway(smppSettings(at.smsc, { password: 'canary-pw', name: 'carrier' }));
    const lines: string[] = [];
    const log = pino({ level: 'warn' }, { write: (line) => void lines.push(line) });
    const host = await startHost({ options: { gateway: undefined, gateways: [gateway], log } });
    const binds = () => at!.smsc.received().filter(({ system_id: id }) => id !== undefined).length;
    await until(() => binds() > 4, 'several attempts');
    const told = lines.filter((line) => line.includes('gateway.link')).map((line) => JSON.parse(line));
    assert.deepEqual(
      told.map(({ gateway: name, state, code }) => [name, state, code]),
      [['carrier', 'refused', '0x0e']],
    );
    await host.close();
  });
});

describe('a gateway of somebody else', () => {
  it('says as often as it likes how its connection stands, and nothing but that (LOG-02)', async () => {
    let report: ((link: Link) => void) | undefined;
    const listen: Gateway['listen'] = (_, to) => {
      report = to;
    };
    const host = await startHost({ inbox: createVendor('own', { listen }) });
    const said: unknown[] = [
      ...[{ state: 'up' }, { state: 'lost', code: 'to +819012345678' }, { state: 'lost', code: 'other' }],
      ...[undefined, 'up', { state: 'melted' }, { state: 'up', words: 'canary' }, { state: 'up' }],
    ];
    for (const link of said) report!(link as Link);
    const told = host.events.flatMap((event) => (event.type === 'gateway.link' ? [event] : []));
    assert.deepEqual(
      told.map(({ time: _, ...rest }) => rest),
      [
        { type: 'gateway.link', gateway: 'own', state: 'lost' },
        { type: 'gateway.link', gateway: 'own', state: 'up' },
      ],
    );
    await host.close();
  });
});
