import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { clientAddress } from '../../src/oidc/request.ts';
import { Visitor } from '../support/browser-client.ts';
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
      '203.0.113.1:80',
      '999.1.1.1',
      ',',
      'unknown',
    ]) {
      const expected = header?.trim() === '203.0.113.1' ? '203.0.113.1' : undefined;
      assert.equal(clientAddress(request(header), 1), expected, JSON.stringify(header));
    }
    assert.equal(clientAddress(request('203.0.113.1'), 3), undefined);
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

  it('shares one limit with all the others that cannot be read', async () => {
    const host = await startHost({ options: { trustedProxies: 1, sends: { cooldown: [0], perIpHour: 2 } } });
    for (const [at, forwarded] of ['a', 'b'].entries()) {
      const visitor = new Visitor({ 'x-forwarded-for': forwarded });
      const { page } = await givePassword(host, visitor, `user${at}`);
      assert.equal((await page.submit('number', { phone: `090-1234-100${at}` })).status, 200);
    }
    const { page } = await givePassword(host, new Visitor({ 'x-forwarded-for': 'c' }), 'user3');
    assert.equal((await page.submit('number', { phone: '090-1234-1009' })).status, 429);
    const readable = await givePassword(host, new Visitor({ 'x-forwarded-for': '203.0.113.1' }), 'user4');
    assert.equal((await readable.page.submit('number', { phone: '090-1234-1008' })).status, 200);
    await host.close();
  });
});
