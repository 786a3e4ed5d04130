import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { Visitor } from '../support/browser-client.ts';
import { bindPhone, enterNumber, givePassword, type Host, PHONES, startHost } from '../support/host.ts';

describe('attack 13: line breaks, second recipients and foreign hosts', () => {
  const names = [
    'Bank\r\n@evil.example #123456',
    'Bank\n\n@evil.example #123456',
    'Bank\u2028@evil.example #1',
    'Ba\u202enk',
  ];

  for (const name of names) {
    it(`the last line of the message is ours for a service called ${JSON.stringify(name)} (OTP-17, TXN-11)`, async () => {
      const host = await startHost({ options: { brand: { name }, sms: { maxSegments: 3 } } });
      try {
        for (const [at, language] of ['ja', 'en'].entries()) {
          const { page } = await givePassword(
            host,
            new Visitor({ 'accept-language': language }),
            `user${at}`,
          );
          await enterNumber(host, page, at === 0 ? PHONES.alice : PHONES.bob);
          const { text, to } = host.inbox.messages.at(-1)!;
          const lines = text.split(/\r\n|[\n\r\u2028\u2029\u0085]/);
          assert.match(lines.at(-1)!, /^@127\.0\.0\.1 #\d{6}$/);
          assert.equal(lines.filter((line) => line.startsWith('@')).length, 1);
          assert.ok(!/[\p{Cf}]/u.test(text), 'no direction marks');
          assert.ok(!/https?:|www\./.test(text), 'no link');
          assert.match(to, /^\+[1-9]\d{6,14}$/);
        }
      } finally {
        await host.close();
      }
    });
  }

  describe('the number and the headers', () => {
    let host: Host;
    before(async () => {
      host = await startHost();
    });
    after(() => host.close());

    it('a number with a second recipient, a header or a service code is not sent to (GWY-07)', async () => {
      const { page } = await givePassword(host, new Visitor(), 'alice');
      const hostile = [
        '+819012340001\r\nX: y',
        '+819012340001&To=+19005550100',
        '+819012340001,+819012340002',
        '+819012340001;ext=1',
        '*31#09012340001',
        '+8190<script>',
      ];
      for (const phone of hostile) assert.equal((await enterNumber(host, page, phone)).status, 400, phone);
      assert.equal(host.inbox.messages.length, 0);
    });

    it('Host and X-Forwarded-Host reach neither an address of ours nor a message (WEB-17)', async () => {
      const visitor = new Visitor({ 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'https' });
      await bindPhone(host, visitor, 'bob', PHONES.bob);
      for (const { text } of host.inbox.messages) assert.ok(!text.includes('evil'));
      const raw = await rawGet(host.issuer, '/sekisho/abcdefghijkl', 'evil.example');
      assert.ok(!/evil/.test(raw), raw.slice(0, 500));
    });

    it('a way back in the address is ignored (WEB-17)', async () => {
      const { page } = await givePassword(host, new Visitor(), 'carol');
      const target = 'https://evil.example/';
      const html = (
        await page.visitor.open(`${page.url}?return_to=${target}&next=${target}&returnTo=${target}`)
      ).html;
      assert.ok(!html.includes('evil.example'));
    });

    it('a line break in ui_locales makes no header', async () => {
      const request = await host.request({ ui_locales: 'ja\r\nSet-Cookie: evil=1' });
      const response = await new Visitor().once(request.url);
      assert.ok(!response.headers.getSetCookie().some((cookie) => cookie.startsWith('evil')));
    });
  });
});

function rawGet(base: string, path: string, hostHeader: string): Promise<string> {
  const { hostname, port } = new URL(base);
  return new Promise((resolve, reject) => {
    let text = '';
    const socket = connect(Number(port), hostname, () => {
      socket.write(`GET ${path} HTTP/1.1\r\nHost: ${hostHeader}\r\nConnection: close\r\n\r\n`);
    });
    socket.on('data', (part) => (text += part));
    socket.on('end', () => resolve(text));
    socket.on('error', reject);
  });
}
