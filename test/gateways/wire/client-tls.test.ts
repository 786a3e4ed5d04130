import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { createServer as createTlsServer } from 'node:tls';
import { createHttpClient } from '../../../src/gateways/wire/client.ts';

const openssl = spawnSync('openssl', ['version']).status === 0;

async function port(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

async function call(url: string) {
  const client = createHttpClient({ insecure: true, connectTimeout: 300, totalTimeout: 3000 });
  try {
    return await client.call({ method: 'POST', url, body: 'secret' });
  } finally {
    await client.close();
  }
}

describe('TLS to a vendor', { skip: openssl ? false : 'there is no openssl to make a certificate' }, () => {
  let key: Buffer;
  let cert: Buffer;
  before(() => {
    const directory = mkdtempSync(join(tmpdir(), 'sekisho-tls-'));
    const made = spawnSync(
      'openssl',
      'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=127.0.0.1 -keyout key.pem -out cert.pem'.split(
        ' ',
      ),
      { cwd: directory },
    );
    assert.equal(made.status, 0, String(made.stderr));
    key = readFileSync(join(directory, 'key.pem'));
    cert = readFileSync(join(directory, 'cert.pem'));
    rmSync(directory, { recursive: true });
  });

  it('is not begun with a certificate that nobody vouches for, so nothing was sent (GWY-01)', async () => {
    const read: string[] = [];
    const server = createTlsServer({ key, cert }, (socket) =>
      socket.on('data', (data) => read.push(String(data))),
    );
    server.on('tlsClientError', () => {});
    const url = `https://127.0.0.1:${await port(server)}/`;
    assert.deepEqual(await call(url), { sent: 'never', code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
    assert.deepEqual(read, []);
    server.close();
  });

  it('is checked also where the environment turns checking off', async () => {
    const server = createTlsServer({ key, cert }).on('tlsClientError', () => {});
    const url = `https://127.0.0.1:${await port(server)}/`;
    const before = process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
    process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';
    try {
      assert.equal((await call(url)).sent, 'never');
    } finally {
      if (before === undefined) delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
      else process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = before;
    }
    server.close();
  });
});

describe('TLS that fails', () => {
  it('says that nothing was sent: no TLS on the other side, an end in the middle, silence (GWY-02)', async () => {
    const plain = createHttpServer((_req, res) => res.end());
    const ending = createServer(
      (socket) => void socket.on('error', () => {}).once('data', () => socket.destroy()),
    );
    const silent = createServer((socket) => void socket.on('error', () => {}));
    for (const server of [plain, ending, silent]) {
      const done = await call(`https://127.0.0.1:${await port(server)}/`);
      assert.equal(done.sent, 'never', JSON.stringify(done));
      server.close();
    }
  });
});
