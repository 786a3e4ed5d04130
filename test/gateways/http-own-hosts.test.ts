import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { ConfigurationError } from '../../src/errors.ts';
import { createHttpGateway } from '../../src/gateways/http.ts';

const MESSAGE = {
  ...{ id: 'AAAAAAAAAAAAAAAAAAAAAA', to: '+819012345678', text: 'x', locale: 'en' },
  channel: 'sms',
  expiresAt: 300_000,
} as const;

describe('a vendor in a network of our own (GWY-01)', () => {
  let server: Server;
  let port: number;
  let requests = 0;
  before(async () => {
    server = createServer((_req, res) => {
      requests += 1;
      res.end('{}');
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    port = (server.address() as AddressInfo).port;
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });

  const make = (host: string, ownHosts?: string[], scheme = 'http') =>
    createHttpGateway({
      send: {
        url: `${scheme}://${host}:${port}/send`,
        fields: { to: '{{to}}', text: '{{text}}' },
        success: { status: '2xx' },
      },
      ...(ownHosts ? { ownHosts } : {}),
    });
  async function send(gateway: ReturnType<typeof createHttpGateway>) {
    const outcome = await gateway.send(MESSAGE, { now: 0, signal: AbortSignal.timeout(5000) });
    await gateway.close!();
    return outcome;
  }

  it('is reached over http where the configuration names its host, and warned of', async () => {
    const gateway = make('127.0.0.1', ['127.0.0.1']);
    assert.deepEqual(
      gateway.findings!({ production: true }).map(({ severity }) => severity),
      ['warning'],
    );
    assert.deepEqual(await send(gateway), { outcome: 'accepted' });
    assert.deepEqual(await send(make('localhost', ['localhost'])), { outcome: 'accepted' });
    assert.equal(requests, 2);
  });

  it('is reached by an address of IPv6 too, with brackets or without', async (test) => {
    const six = createServer((_req, res) => res.end('{}'));
    six.listen(port, '::1');
    const [error] = await Promise.race([once(six, 'listening'), once(six, 'error')]);
    if (error) return test.skip('there is no IPv6 here');
    for (const own of ['[::1]', '::1'])
      assert.deepEqual(await send(make('[::1]', [own])), { outcome: 'accepted' }, own);
    six.closeAllConnections();
    six.close();
  });

  it('is not reached by another name for the same host, nor where another one is named', () => {
    const before = requests;
    for (const [host, own] of [
      ['localhost', '127.0.0.1'],
      ['127.0.0.1', '10.0.0.5'],
      ['[::1]', '[fd00::1]'],
    ] as const) {
      assert.throws(() => make(host, [own]), ConfigurationError);
      assert.throws(() => make(host, [own], 'https'), ConfigurationError);
    }
    assert.equal(requests, before);
  });

  it('is never a metadata service, whatever the configuration names', () => {
    for (const host of ['169.254.169.254', '0xa9fea9fe', '[fd00:ec2::254]'])
      assert.throws(() => make(host, [host, '169.254.169.254']), ConfigurationError, host);
  });

  it('is named without scheme or port', () => {
    for (const own of ['http://10.0.0.5', '10.0.0.5/x', 'HOST', ''])
      assert.throws(() => make('10.0.0.5', [own]), ConfigurationError);
  });
});
