import assert from 'node:assert/strict';
import type { LookupAddress } from 'node:dns';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type LookupFunction } from 'node:net';
import { describe, it } from 'node:test';
import { promisify } from 'node:util';
import { assertPublic, createPublicLookup, isPublicAddress, publicLookup } from '../../src/outbound/guard.ts';

const PRIVATE = {
  unspecified: ['0.0.0.0', '0.1.2.3', '::'],
  loopback: ['127.0.0.1', '127.255.255.255', '::1'],
  private: ['10.0.0.1', '10.255.255.255', '172.16.0.1', '172.31.255.255', '192.168.0.1', '192.168.255.255'],
  'carrier-grade NAT': ['100.64.0.0', '100.100.100.200', '100.127.255.255'],
  'link-local and metadata': [
    '169.254.0.1',
    '169.254.169.254',
    'fe80::1',
    'febf::1',
    'fe80::1%lo',
    '168.63.129.16',
  ],
  'unique local': ['fc00::1', 'fd00:ec2::254', 'fdff:ffff::1'],
  'site-local': ['fec0::1'],
  multicast: ['224.0.0.1', '239.255.255.255', 'ff02::1', 'ff0e::1'],
  'reserved and broadcast': ['240.0.0.1', '255.255.255.255', '4000::1', '5f00::1', '100::1'],
  documentation: ['192.0.2.1', '198.51.100.1', '203.0.113.255', '2001:db8::1', '3fff::1', '3fff:0fff::1'],
  'protocols and benchmarks': [
    '192.0.0.192',
    '198.18.0.1',
    '198.19.255.255',
    '192.88.99.1',
    '2001:2::1',
    '2001:10::1',
  ],
  'mapped IPv4': ['::ffff:127.0.0.1', '::ffff:10.0.0.1', '::ffff:a9fe:a9fe', '::FFFF:192.168.1.1'],
  'compatible IPv4': ['::7f00:1', '::127.0.0.1', '::8.8.8.8'],
  NAT64: ['64:ff9b::127.0.0.1', '64:ff9b::a9fe:a9fe', '64:ff9b::', '64:ff9b:1::8.8.8.8'],
  '6to4': ['2002:7f00:1::', '2002:a9fe:a9fe::1', '2002:808:808::1'],
  Teredo: ['2001::1', '2001:0:53aa:64c:0:7877:80ff:fffe'],
  'of a link of this machine': ['2606:4700::1%lo', '::ffff:8.8.8.8%lo'],
  'no address': ['', 'localhost', '127.1', '0x7f000001', '1.2.3.4.5', '8.8.8.8 ', '[::1]', 'a::b::c'],
};

const PUBLIC = [
  '8.8.8.8',
  '1.1.1.1',
  '9.255.255.255',
  '11.0.0.0',
  '100.63.255.255',
  '100.128.0.0',
  '126.255.255.255',
  '169.253.255.255',
  '169.255.0.0',
  '172.15.255.255',
  '172.32.0.0',
  '192.167.255.255',
  '198.17.255.255',
  '198.20.0.0',
  '223.255.255.255',
  '2606:4700:4700::1111',
  '2001:4860:4860::8888',
  '2400:8902::1',
  '::ffff:8.8.8.8',
  '64:ff9b::8.8.8.8',
];

const codeOf = (run: () => void): unknown => {
  try {
    run();
    return 'passed';
  } catch (error) {
    return (error as { code?: unknown }).code;
  }
};
const passes = (hostname: string, protocol = 'https:', more = {}) =>
  codeOf(() => assertPublic({ hostname, protocol, ...more }));

describe('the guard of what leads out (GWY-01, attack 19)', () => {
  for (const [kind, addresses] of Object.entries(PRIVATE)) {
    it(`takes none for public that is: ${kind}`, () => {
      for (const address of addresses) assert.equal(isPublicAddress(address), false, address);
    });
  }

  it('takes the neighbours of private networks for what they are', () => {
    for (const address of PUBLIC) assert.equal(isPublicAddress(address), true, address);
  });

  it('refuses a literal address however it is spelled', () => {
    const spellings = [
      '127.0.0.1',
      '::1',
      '[::1]',
      '[::ffff:127.0.0.1]',
      '0x7f000001',
      '0x7f.0.0.1',
      '2130706433',
      '017700000001',
      '0177.0.0.1',
      '127.1',
      '0',
      '１２７.０.０.１',
      '127。0。0。1',
      '127.0.0.1.',
      '999.1.1.1',
      '1.2.3.4.5',
      '',
      'a b',
      'a/b',
      'user@127.0.0.1',
    ];
    for (const host of spellings) assert.equal(passes(host), 'address_refused', host);
    for (const host of ['8.8.8.8', '2606:4700:4700::1111', 'api.twilio.com', '134744072']) {
      assert.equal(passes(host), 'passed', host);
    }
  });

  it('lets nothing out but https over TCP', () => {
    for (const scheme of ['http:', 'ftp:', 'file:', 'gopher:', 'unix:', 'ws:', '', 'HTTPS:']) {
      assert.equal(passes('api.twilio.com', scheme), 'scheme_refused', scheme);
    }
    assert.equal(passes('api.twilio.com', 'https:', { socketPath: '/run/docker.sock' }), 'socket_refused');
  });

  it('says why in a word, and echoes no address', () => {
    assert.throws(
      () => assertPublic({ hostname: '10.1.2.3', protocol: 'https:' }),
      (error: Error) => {
        return (
          !/10\.1/.test(`${error.message} ${JSON.stringify(error)}`) && !error.stack!.includes('10.1.2.3')
        );
      },
    );
  });
});

const v4 = (address: string): LookupAddress => ({ address, family: 4 });
const v6 = (address: string): LookupAddress => ({ address, family: 6 });
type Answer = string | LookupAddress[];

function ask(lookup: LookupFunction, options: { all?: boolean }): Promise<Answer> {
  const call = promisify<string, typeof options, Answer>((hostname, given, callback) =>
    lookup(hostname, given, (error, address) => callback(error, address)),
  );
  return call('vendor.example', options);
}
const answering = (...addresses: LookupAddress[]): LookupFunction =>
  createPublicLookup((_hostname, _options, callback) => callback(null, addresses));

describe('the lookup of names (GWY-01, attack 19)', () => {
  it('answers with one address or all, as it was asked', async () => {
    const lookup = answering(v6('2606:4700::1'), v4('8.8.8.8'));
    assert.deepEqual(await ask(lookup, { all: true }), [v6('2606:4700::1'), v4('8.8.8.8')]);
    assert.equal(await ask(lookup, { all: false }), '2606:4700::1');
    assert.equal(await ask(lookup, {}), '2606:4700::1');
  });

  it('refuses a name with a private address, also when public ones come first', async () => {
    for (const addresses of [
      [v4('127.0.0.1')],
      [v4('8.8.8.8'), v4('10.0.0.1')],
      [v4('8.8.8.8'), v6('::ffff:169.254.169.254')],
      [v6('fd00:ec2::254')],
      [v4('not an address')],
      [],
    ]) {
      for (const all of [true, false]) {
        await assert.rejects(ask(answering(...addresses), { all }), { code: 'address_refused' });
      }
    }
  });

  it('refuses a name that was public when it was asked first (rebinding)', async () => {
    const answers = [[v4('8.8.8.8')], [v4('127.0.0.1')]];
    const lookup = createPublicLookup((_hostname, _options, callback) => callback(null, answers.shift()!));
    assert.equal(await ask(lookup, {}), '8.8.8.8');
    await assert.rejects(ask(lookup, {}), { code: 'address_refused' });
  });

  it('passes on what the resolver fails with', async () => {
    const failure = Object.assign(new Error('no such name'), { code: 'ENOTFOUND' });
    const lookup = createPublicLookup((_hostname, _options, callback) => callback(failure, []));
    await assert.rejects(ask(lookup, { all: true }), { code: 'ENOTFOUND' });
  });

  it('keeps a connection by name from a server of this machine', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    let reached = 0;
    server.on('connection', () => (reached += 1));
    const { port } = server.address() as AddressInfo;
    for (const autoSelectFamily of [true, false]) {
      const socket = connect({ host: 'localhost', port, lookup: publicLookup, autoSelectFamily });
      const [error] = await once(socket, 'error');
      assert.equal(error.code, 'address_refused');
    }
    server.close();
    await once(server, 'close');
    assert.equal(reached, 0);
  });
});
