import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { createAddressReader } from '../../src/oidc/address-reader.ts';
import { clientAddress } from '../../src/oidc/request.ts';
import { Visitor } from '../support/browser-client.ts';
import { onEveryStore } from '../support/every-store.ts';
import { givePassword, startHost } from '../support/host.ts';

const sources = readdirSync('src', { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
  .map((entry) => {
    const path = join(entry.parentPath, entry.name);
    return { path, text: readFileSync(path, 'utf8') };
  });
const calling = (pattern: RegExp) => sources.filter(({ text }) => pattern.test(text)).map(({ path }) => path);

describe('lessons 4 and 5: no verifier without its limiter', () => {
  it('only one place of the sources compares codes, and it counts first', () => {
    assert.deepEqual(
      calling(/store\.attempt\(|\.attempt\(\{/).filter((path) => !/stores|testing|ports/.test(path)),
      [join('src', 'domain', 'verification.ts')],
    );
    assert.deepEqual(calling(/deriveCode\(/).sort(), [
      join('src', 'domain', 'challenge-codes.ts'),
      join('src', 'domain', 'code.ts'),
    ]);
    assert.deepEqual(calling(/expectedCodes\(/).sort(), [
      join('src', 'domain', 'challenge-codes.ts'),
      join('src', 'domain', 'verification.ts'),
    ]);
  });

  it('the limits cannot be switched off', async () => {
    for (const options of [
      { code: { tries: 0 } },
      { failures: { ceiling: 0 } },
      { failures: { ceiling: 101 } },
      { failures: { delays: [] } },
      { sends: { perNumberHour: 0 } },
      { code: { ttl: 601 } },
      { code: { length: 5 } },
    ]) {
      await assert.rejects(startHost({ options }), { code: 'option_invalid' }, JSON.stringify(options));
    }
  });
});

describe('lesson 10: an address that cannot be read', () => {
  const request = (header: string | undefined, remote = '192.0.2.1') =>
    ({ headers: { 'x-forwarded-for': header }, socket: { remoteAddress: remote } }) as never;

  it('is unknown, never the one a client made up', () => {
    assert.equal(clientAddress(request('203.0.113.1'), 0), '192.0.2.1');
    assert.equal(clientAddress(request('6.6.6.6, 203.0.113.1'), 1), '203.0.113.1');
    assert.equal(clientAddress(request('6.6.6.6, 203.0.113.1, 10.0.0.1'), 2), '203.0.113.1');
    for (const header of [
      'a',
      '',
      undefined,
      '203.0.113.1 ',
      '203.0.113.1:port',
      '203.0.113.1:123456',
      '999.1.1.1',
      '999.1.1.1:80',
      '[203.0.113.1',
      '[2001:db8::g]',
      '"203.0.113.1',
      '203.0.113.1;by=x',
      ',',
      'unknown',
    ]) {
      const expected = header?.trim() === '203.0.113.1' ? '203.0.113.1' : undefined;
      assert.equal(clientAddress(request(header), 1), expected, JSON.stringify(header));
    }
    assert.equal(clientAddress(request('203.0.113.1'), 3), undefined);
  });

  it('is one only where it is none: a port, brackets and quotes are how proxies write it (lesson 29)', () => {
    const v6 = '2001:db8:0:0:0:0:0:1';
    for (const [entry, address] of [
      ['192.0.2.1:4711', '192.0.2.1'],
      ['"192.0.2.1:4711"', '192.0.2.1'],
      ['192.0.2.1:_hidden', '192.0.2.1'],
      ['2001:db8::1', v6],
      ['[2001:db8::1]', v6],
      ['[2001:DB8::1]:80', v6],
      ['"[2001:db8::1]:4711"', v6],
      ['[::ffff:192.0.2.1]:80', '192.0.2.1'],
      ['unknown', undefined],
      ['unknown:80', undefined],
      ['_mystery', undefined],
      ['"_mystery:_port"', undefined],
    ] as const) {
      assert.equal(clientAddress(request(`6.6.6.6:1, ${entry}`), 1), address, entry);
      assert.equal(clientAddress(request(`${entry},10.0.0.1:9`), 2), address, entry);
    }
  });

  it('is read from any node of RFC 7239 section 6, and from no other text (lesson 29)', () => {
    const address = fc.oneof(
      fc.ipV4().map((ip) => [ip, ip]),
      fc.ipV6().map((ip) => [`[${ip}]`, ip]),
    );
    const port = fc.oneof(
      fc.constant(''),
      fc.nat(65_535).map((number) => `:${number}`),
      fc.constant(':_obf.us-cated'),
    );
    fc.assert(
      fc.property(address, port, fc.boolean(), ([node, bare], suffix, quoted) => {
        const entry = quoted ? `"${node}${suffix}"` : `${node}${suffix}`;
        const expected = clientAddress(request(undefined, bare), 0);
        assert.ok(expected !== undefined);
        assert.equal(clientAddress(request(entry), 1), expected);
      }),
    );
    const shape = fc.oneof(fc.string(), fc.stringMatching(/^[0-9a-f.:[\]"_ ]{0,24}$/));
    fc.assert(
      fc.property(shape, (text) => {
        const read = clientAddress(request(text), 1);
        assert.ok(read === undefined || isIP(read) !== 0, `${text} became ${read}`);
      }),
      { numRuns: 1000 },
    );
  });

  it('is reported, once an hour for a reason, and not for a browser that has left (lesson 29)', () => {
    const clock = { time: 0, now: () => clock.time };
    const reports: string[] = [];
    const read = createAddressReader(2, clock, (reason) => reports.push(reason));
    for (let round = 0; round < 3; round += 1) {
      for (const header of [undefined, '203.0.113.1', 'unknown, 10.0.0.1', 'a, b']) {
        assert.equal(read(request(header)), undefined);
      }
    }
    assert.deepEqual(reports, ['missing', 'short', 'unreadable']);
    clock.time += 3_600_000;
    read(request('a, b'));
    assert.deepEqual(reports.slice(3), ['unreadable']);
    const gone = createAddressReader(0, clock, (reason) => reports.push(reason));
    gone({ headers: {}, socket: { destroyed: true } } as never);
    assert.equal(reports.length, 4);
    gone({ headers: {}, socket: {} } as never);
    assert.deepEqual(reports.slice(4), ['missing']);
  });

  it('has one spelling for one address', () => {
    for (const spelling of [
      '::ffff:192.0.2.1',
      '::FFFF:192.0.2.1',
      '0:0:0:0:0:ffff:c000:201',
      '::ffff:c000:0201',
    ]) {
      assert.equal(clientAddress(request(undefined, spelling), 0), '192.0.2.1', spelling);
    }
    assert.equal(clientAddress(request(undefined, '2001:DB8::1'), 0), '2001:db8:0:0:0:0:0:1');
    assert.equal(clientAddress(request(undefined, 'fe80::1%eth0'), 0), 'fe80:0:0:0:0:0:0:1');
  });
});

onEveryStore('lesson 10: an address that cannot be read', ({ open }) => {
  it('shares one limit with all the others that cannot be read', async () => {
    const host = await startHost({
      store: await open(),
      options: { trustedProxies: 1, sends: { cooldown: [0], perIpHour: 2 } },
    });
    for (const [at, forwarded] of ['a', 'b'].entries()) {
      const visitor = new Visitor({ 'x-forwarded-for': forwarded });
      const { page } = await givePassword(host, visitor, `user${at}`);
      assert.equal((await page.submit('number', { phone: `090-1234-100${at}` })).status, 200);
    }
    const { page } = await givePassword(host, new Visitor({ 'x-forwarded-for': 'c' }), 'user3');
    assert.equal((await page.submit('number', { phone: '090-1234-1009' })).status, 429);
    const told = host.events.filter(({ type }) => type === 'address.unreadable');
    assert.deepEqual(
      told.map((event) => 'reason' in event && event.reason),
      ['unreadable'],
      'a limit that everybody shares is not silent',
    );
    const readable = await givePassword(host, new Visitor({ 'x-forwarded-for': '203.0.113.1' }), 'user4');
    assert.equal((await readable.page.submit('number', { phone: '090-1234-1008' })).status, 200);
    await host.close();
  });
});
