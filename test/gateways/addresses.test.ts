import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { ConfigurationError } from '../../src/errors.ts';
import { createHttpGateway } from '../../src/gateways/http.ts';
import type { Gateway } from '../../src/ports/gateway.ts';
import { GATEWAYS, makeGateway } from '../support/made-gateways.ts';
import { startTestServer, type TestServer } from '../support/recording-server.ts';

const AWS = { accessKeyId: 'AKIA0000', secretAccessKey: 'signing' };
const SEND = { url: '/api/send', fields: { to: '{{to}}' }, success: { status: 200 } };
const ACCOUNT = `/2010-04-01/Accounts/AC${'0'.repeat(32)}`;

/** Every gateway that takes a base address: how it is made, the path it asks for, and what of that an address may hold. */
const VENDORS: readonly [name: string, make: (baseUrl: object) => Gateway, path: string, twice: string[]][] =
  [
    ['twilio', made('twilio'), `${ACCOUNT}/Messages.json`, ['/2010-04-01', '/2010-04-01/Accounts', ACCOUNT]],
    ['vonage', made('vonage'), '/v1/messages', ['/v1', '/v1/messages', '/v1/calls']],
    ['infobip', made('infobip'), '/sms/3/messages', ['/sms/3', '/sms/3/messages', '/tts/3/advanced']],
    ['karaden', made('karaden'), '/mirai/messages', ['/mirai', '/mirai/messages']],
    ['zettai-reach', made('zettai-reach'), '/p5/api/mt.json', ['/p5', '/p5/api', '/p5/api/mt.json']],
    ['aws', made('aws', AWS), '/', []],
    ['http', (more) => createHttpGateway({ send: SEND, ...more }), '/api/send', ['/api/send']],
  ];

function made(type: string, own: object = {}): (more: object) => Gateway {
  return (more) => makeGateway(type, { ...GATEWAYS[type]![0], ...own, ...more });
}

describe('the base address of', () => {
  let server: TestServer;
  before(async () => {
    server = await startTestServer();
  });
  after(() => server.close());

  for (const [name, make, path, twice] of VENDORS) {
    const refusal = (baseUrl: string) => {
      try {
        void make({ baseUrl }).close?.();
      } catch (error) {
        assert.ok(error instanceof ConfigurationError, String(error));
        assert.ok(!error.message.includes('canary'));
        const [problem, ...more] = error.problems;
        assert.deepEqual([problem!.field, more], [`gateway ${name}.baseUrl`, []]);
        return `${problem!.reason}. ${problem!.fix}`;
      }
      return undefined;
    };

    it(`${name} may have the path of a proxy, with a slash at its end or without`, async () => {
      for (const base of ['/proxy/path', '/proxy/path/']) {
        const gateway = make({ baseUrl: server.url + base, insecure: true });
        await gateway.send(
          {
            ...{ id: 'AAAAAAAAAAAAAAAAAAAAAA', to: '+819012345678', channel: 'sms', text: '482913' },
            ...{ digits: '482913', locale: 'ja', expiresAt: Date.now() + 300_000 },
          },
          { now: Date.now(), signal: AbortSignal.timeout(5000) },
        );
        await gateway.close?.();
        assert.deepEqual(
          server.take().map(({ path: asked }) => asked),
          [path === '/' ? '/proxy/path/' : `/proxy/path${path}`],
        );
      }
    });

    it(`${name} has no query, no fragment and no credentials`, () => {
      for (const rest of ['?key=canary', '/?', '#canary', '/path?x#y'])
        assert.match(
          refusal(`https://api.vendor.example${rest}`) ?? '',
          /query or a fragment.*Write only/,
          rest,
        );
      assert.match(refusal('https://user:canary@api.vendor.example') ?? '', /credentials.*Remove/);
    });

    if (twice.length > 0)
      it(`${name} has no path that is added by itself`, () => {
        for (const end of twice.flatMap((one) => [one, `${one}/`, `/proxy${one}`]))
          assert.match(refusal(`https://api.vendor.example${end}`) ?? '', /adds by itself/, end);
        assert.equal(refusal('https://api.vendor.example/proxy/'), undefined);
      });
  }
});
