import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { gatewayConfigs } from '../../src/server/config/gateways.ts';
import { parseConfig, sekishoOptions } from '../../src/server/config.ts';
import { fieldsOf, plain, problemsOf } from '../support/server-config.ts';

const folder = mkdtempSync(join(tmpdir(), 'config-'));
after(() => rmSync(folder, { recursive: true }));

const PRODUCTION = { issuer: 'https://id.example.jp', trustedProxies: 1, production: true };
const origin = { folder, production: false };
const parse = (more: object, from: object = {}) => parseConfig({ ...plain, ...more }, { ...origin, ...from });

describe('the configuration of the server', () => {
  it('is complete with an issuer, a gateway and a country', () => {
    const config = parse({});
    const { port, host, data, store, production, clients } = config;
    assert.deepEqual(
      { port, host, data, store, production, clients },
      {
        ...{ port: 3000, host: '127.0.0.1', data: join(folder, 'data') },
        ...{ store: { type: 'sqlite' }, production: false, clients: [] },
      },
    );
  });

  it('names every unknown option, in every place, at once', () => {
    const wrong = {
      isuer: 'x',
      store: { type: 'sqlite', fiel: 'x' },
      gateway: { type: 'handset', keeps: 1 },
    };
    assert.deepEqual(fieldsOf(() => parse(wrong)).sort(), ['gateway.keeps', 'isuer', 'store.fiel']);
  });

  it('says field, reason and fix of what is missing, on a line each', () => {
    const problems = problemsOf(() => parseConfig({}, origin));
    assert.deepEqual(problems.map(({ field, reason }) => `${field} ${reason}`).sort(), [
      'countries is missing',
      'gateway is missing',
      'issuer is missing',
    ]);
    for (const { fix } of problems) assert.ok(fix.length > 10);
  });

  it('takes one gateway or several, and says what is wrong with each at its place', () => {
    const several = [{ type: 'handset' }, { type: 'acme', name: 'second' }];
    const { gateway: _, ...rest } = plain;
    const config = parse({ gateways: several, routes: [{ via: ['second', 'handset'] }], gateway: undefined });
    assert.deepEqual(
      gatewayConfigs(config).map(({ field, name }) => `${field} ${name}`),
      ['gateways.0 handset', 'gateways.1 second'],
    );
    assert.deepEqual(
      fieldsOf(() => parseConfig(rest, origin)),
      ['gateway'],
    );
    assert.deepEqual(
      fieldsOf(() => parse({ gateways: several })),
      ['gateways'],
    );
    assert.deepEqual(
      fieldsOf(() => parse({ gateway: undefined, gateways: several, routes: [{ via: ['third'] }] })),
      ['routes.0.via.0'],
    );
    assert.deepEqual(
      fieldsOf(() => parse({ gateway: undefined, gateways: [{ type: 'handset', keeps: 1 }] })),
      ['gateways.0.keeps'],
    );
    assert.deepEqual(
      fieldsOf(() =>
        parse({ ...PRODUCTION, gateway: undefined, gateways: [{ type: 'x' }, { type: 'handset' }] }),
      ),
      ['gateways.1.type'],
    );
  });

  it('takes a switch at a gateway of any type, and refuses to start with all of them off', () => {
    const several = (...gateways: object[]) => parse({ gateway: undefined, gateways: gateways as never });
    const off = { type: 'acme', enabled: false };
    assert.deepEqual(
      gatewayConfigs(several(off, { type: 'handset' })).map(({ enabled, settings }) => [enabled, settings]),
      [
        [false, {}],
        [true, {}],
      ],
    );
    assert.deepEqual(
      fieldsOf(() => several(off, { type: 'handset', enabled: false })),
      ['gateways'],
    );
    assert.deepEqual(
      fieldsOf(() => parse({ gateway: { type: 'handset', enabled: false } })),
      ['gateway'],
    );
    assert.deepEqual(
      fieldsOf(() => several({ type: 'handset', enabled: 'no' })),
      ['gateways.0.enabled'],
    );
    assert.deepEqual(
      fieldsOf(() => parse({ store: { type: 'sqlite', enabled: false } as never })),
      ['store.enabled'],
    );
  });

  it('never takes e-mail for a gateway, nor anything but e-mail for notices (OTP-08)', () => {
    assert.deepEqual(
      fieldsOf(() => parse({ gateway: { type: 'email', host: 'mail.example' } })),
      ['gateway.type'],
    );
    assert.deepEqual(
      fieldsOf(() => parse({ notices: { type: 'handset' } })),
      ['notices.type'],
    );
  });

  it('checks what it passes on as createSekisho would, also beside a client', () => {
    const wrong = {
      code: { ttl: 601 },
      brand: { colour: 'red' },
      clients: [{ client_id: 'app.example', sekisho: { mfa: 'sometimes', extra: 1 } }],
    };
    assert.deepEqual(fieldsOf(() => parse(wrong)).sort(), [
      'brand.colour',
      'clients.0.sekisho.extra',
      'clients.0.sekisho.mfa',
      'code.ttl',
    ]);
  });

  it('takes an issuer only as relying parties will compare it (EAM-01)', () => {
    const behind = { trustedProxies: 1 };
    assert.equal(
      parse({ issuer: 'https://id.example/tenant1', ...behind }).issuer,
      'https://id.example/tenant1',
    );
    for (const issuer of [
      'https://id.example:443',
      'https://ID.example',
      'https://id.example/',
      'https://id.example/?a=b',
      'https://u@id.example',
      'ftp://id.example',
      'id.example',
    ]) {
      assert.deepEqual(
        fieldsOf(() => parse({ issuer, ...behind })),
        ['issuer'],
        issuer,
      );
    }
  });

  it('wants to know the proxies in front of an https issuer (THR-07)', () => {
    assert.deepEqual(
      fieldsOf(() => parse({ issuer: 'https://id.example' })),
      ['trustedProxies'],
    );
  });

  it('refuses the handset and http in production, in one go', () => {
    assert.deepEqual(
      fieldsOf(() => parse({ production: true })),
      ['issuer', 'gateway.type'],
    );
    assert.deepEqual(
      fieldsOf(() => parse({}, { production: true })),
      ['issuer', 'gateway.type'],
    );
    assert.equal(parse({ production: false }, { production: true }).production, false);
  });

  it('refuses a client id that is there twice', () => {
    const clients = [{ client_id: 'a' }, { client_id: 'a' }];
    assert.deepEqual(
      fieldsOf(() => parse({ clients })),
      ['clients'],
    );
  });

  it('hands policies and options on to createSekisho', () => {
    const clients = [
      { client_id: 'a', firstParty: true, sekisho: { mfa: 'risk' } },
      { client_id: 'b', client_name: 'B' },
    ];
    const options = sekishoOptions(parse({ clients, code: { ttl: 120 }, trustedProxies: 2 }));
    assert.deepEqual(options.clients, { a: { mfa: 'risk' } });
    assert.deepEqual([options.code, options.trustedProxies], [{ ttl: 120 }, 2]);
  });
});
