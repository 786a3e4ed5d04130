import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { ConfigurationError } from '../../src/errors.ts';
import { createHttpClient } from '../../src/gateways/wire/client.ts';
import { openClient } from '../../src/gateways/wire/settings.ts';

const COMMON = { insecure: false, connectTimeout: 500, totalTimeout: 1000 };

/** Addresses that lead into our own network, with the port of a server there. */
const inside = (port: number): string[] => [
  `127.0.0.1:${port}`,
  `[::1]:${port}`,
  `[::ffff:127.0.0.1]:${port}`,
  `[64:ff9b::7f00:1]:${port}`,
  `0x7f000001:${port}`,
  `2130706433:${port}`,
  `0177.0.0.1:${port}`,
  `127.1:${port}`,
  `0.0.0.0:${port}`,
  `localhost:${port}`,
  '169.254.169.254',
  '[fd00:ec2::254]',
  '10.0.0.1',
  '192.168.0.1',
];

describe('attack 19: the address of a vendor leads into our network', () => {
  const servers: Server[] = [];
  let port: number;
  let reached = 0;
  before(async () => {
    for (const host of ['127.0.0.1', '::1']) {
      const server = createServer((socket) => {
        reached += 1;
        socket.destroy();
      });
      server.listen(port ?? 0, host);
      const up = await Promise.race([once(server, 'listening'), once(server, 'error').then(() => undefined)]);
      if (!up) continue;
      port ??= (server.address() as AddressInfo).port;
      servers.push(server);
    }
  });
  after(() => {
    for (const server of servers) server.close();
  });

  it('http, other schemes and credentials are refused when a gateway is made (GWY-01)', () => {
    const addresses = [
      'http://127.0.0.1:6379/',
      'http://169.254.169.254/latest/meta-data/',
      'https://allowed@127.0.0.1/',
      'https://api.vendor.example:pass@127.0.0.1/',
      'file:///etc/passwd',
      'gopher://127.0.0.1:6379/_INFO',
      'unix:/run/docker.sock',
      'javascript:alert(1)',
      '//127.0.0.1/',
      ...inside(port).map((host) => `https://${host}/`),
      'https://x.localhost/',
    ];
    for (const address of addresses) {
      assert.throws(() => openClient('acme', 'baseUrl', address, COMMON), ConfigurationError, address);
    }
  });

  it('no connection is made to a private address, however it is written (GWY-01)', async () => {
    const client = createHttpClient(COMMON);
    for (const host of inside(port)) {
      const done = await client.call({ method: 'POST', url: `https://${host}/`, body: 'x' });
      assert.deepEqual(done, { sent: 'never', code: 'address_refused' }, host);
    }
    await client.close();
    assert.equal(reached, 0);
  });

  it('nor by http, when something below names such an address', async () => {
    const client = createHttpClient(COMMON);
    for (const host of inside(port)) {
      const done = await client.call({ method: 'GET', url: `http://${host}/` });
      assert.deepEqual(done, { sent: 'never', code: 'scheme_refused' }, host);
    }
    await client.close();
    assert.equal(reached, 0);
  });

  it('a vendor who sends us elsewhere is not followed, and what it says is not echoed (GWY-01)', async () => {
    const server = createHttpServer((_req, res) =>
      res.writeHead(302, { Location: `http://127.0.0.1:${port}/latest/meta-data/` }).end('instance secret'),
    ).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const client = createHttpClient({ ...COMMON, insecure: true });
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const done = await client.call({ method: 'POST', url, body: 'x' });
    assert.equal(done.sent === 'answered' && done.answer.status, 302);
    await client.close();
    server.close();
    assert.equal(reached, 0);
  });
});
