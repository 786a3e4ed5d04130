import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { describe, it } from 'node:test';
import type { Gateway } from '../src/ports/gateway.ts';
import { load, programs } from './support/readme.ts';

const GATEWAY = [...programs('js', 'createAcme({ url'), ...programs('js', 'acmeWebhook = ')];

describe('the gateway that the README writes', () => {
  it('tells what happened (GWY-02, GWY-07)', async () => {
    const requests: { headers: IncomingHttpHeaders; body: unknown }[] = [];
    let status = 202;
    const vendor = createServer(async (req, res) => {
      requests.push({ headers: req.headers, body: await json(req) });
      res.writeHead(status).end();
    }).listen(0, '127.0.0.1');
    await once(vendor, 'listening');
    const { createAcme } = await load(...GATEWAY);
    const url = `http://127.0.0.1:${(vendor.address() as AddressInfo).port}`;
    const gateway: Gateway = createAcme({ url, token: 'secret', from: 'Example', secret: 's3cret' });
    const message = {
      id: 'one',
      to: '+819012345678',
      text: '1\n@id #1',
      channel: 'sms',
      locale: 'ja',
      expiresAt: 300_000,
      webhookUrl: 'https://id.example/hooks',
    } as const;
    const context = { now: 0, signal: AbortSignal.timeout(5000) };
    const outcomes = [];
    for (status of [202, 429, 403, 500, 401]) outcomes.push(await gateway.send(message, context));
    vendor.close();
    assert.deepEqual(outcomes, [
      { outcome: 'accepted' },
      { outcome: 'rejected', class: 'throttled' },
      { outcome: 'rejected', class: 'permanent' },
      { outcome: 'ambiguous' },
      { outcome: 'rejected', class: 'auth' },
    ]);
    assert.equal(requests[0]!.headers['idempotency-key'], 'one');
    const callback = message.webhookUrl;
    assert.deepEqual(requests[0]!.body, { from: 'Example', to: message.to, text: message.text, callback });
  });
});

// Registers the contract, as the README shows it, for the gateway it shows.
await load(
  ...GATEWAY,
  ...programs('js', 'gatewayContract('),
  `import { startAcmeStandIn } from '${new URL('./support/acme.ts', import.meta.url)}';`,
);
