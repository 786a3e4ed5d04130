import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { assertOwn, isOwnAddress } from '../../../src/outbound/guard.ts';

describe('hosts of a network of our own (GWY-01)', () => {
  it('may be private, and are never a metadata service, link-local, multicast or unspecified', () => {
    for (const address of [
      '10.0.0.5',
      '172.16.0.1',
      '192.168.1.1',
      '127.0.0.1',
      '::1',
      'fd12:3456::1',
      '8.8.8.8',
    ])
      assert.ok(isOwnAddress(address), address);
    const never = [
      '169.254.169.254',
      '168.63.129.16',
      '100.100.100.200',
      '192.0.0.192',
      '0.0.0.0',
      '224.0.0.1',
    ];
    const never6 = [
      'fe80::1',
      '::',
      'ff02::1',
      'fd00:ec2::254',
      '::ffff:169.254.169.254',
      'fd20:ce::254',
      'x',
    ];
    for (const address of [...never, ...never6]) assert.ok(!isOwnAddress(address), address);
  });

  it('are reached over http, and every other host as strictly as ever', () => {
    assertOwn({ hostname: '10.0.0.5', protocol: 'http:' });
    assertOwn({ hostname: 'kannel.internal', protocol: 'http:' });
    assert.throws(() => assertOwn({ hostname: '169.254.169.254', protocol: 'http:' }), {
      code: 'address_refused',
    });
    assert.throws(() => assertOwn({ hostname: '0xa9fea9fe', protocol: 'http:' }), {
      code: 'address_refused',
    });
    assert.throws(() => assertOwn({ hostname: 'x', protocol: 'http:', socketPath: '/run/x' }), {
      code: 'socket_refused',
    });
  });
});
