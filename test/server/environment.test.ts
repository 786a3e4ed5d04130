import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { readEnvironment } from '../../src/server/config/environment.ts';
import { loadConfig } from '../../src/server/config.ts';
import { fieldsOf, plain, problemsOf } from '../support/server-config.ts';

const folder = mkdtempSync(join(tmpdir(), 'environment-'));
after(() => rmSync(folder, { recursive: true }));

describe('SEKISHO_ variables', () => {
  it('name options by words and levels', () => {
    const { values } = readEnvironment({
      SEKISHO_ISSUER: 'https://id.example',
      SEKISHO_TRUSTED_PROXIES: '1',
      SEKISHO_STORE__FILE: '/srv/sekisho.db',
      SEKISHO_STORE__TYPE: 'sqlite',
      SEKISHO_SENDS__PER_IP_HOUR: '7',
      SEKISHO_SIGN_UP: 'true',
      SEKISHO_COUNTRIES: 'JP, US',
      SEKISHO_SECRETS: '12345,67890',
      SEKISHO_CLIENTS: '[{"client_id":"a"}]',
      SEKISHO_BRAND__NAME: '"12345"',
      OTHER: 'x',
    });
    assert.deepEqual(values, {
      issuer: 'https://id.example',
      trustedProxies: 1,
      store: { file: '/srv/sekisho.db', type: 'sqlite' },
      sends: { perIpHour: 7 },
      signUp: true,
      countries: ['JP', 'US'],
      secrets: ['12345', '67890'],
      clients: [{ client_id: 'a' }],
      brand: { name: '12345' },
    });
  });

  it('go before the file, option by option', () => {
    const file = join(folder, 'overlaid.json');
    writeFileSync(file, JSON.stringify({ ...plain, port: 1, code: { ttl: 60, tries: 3 } }));
    const config = loadConfig(file, { SEKISHO_PORT: '4000', SEKISHO_CODE__TTL: '90' });
    assert.deepEqual([config.port, config.code], [4000, { ttl: 90, tries: 3 }]);
  });

  it('are enough without a file, and are named where they are wrong', () => {
    const env = {
      SEKISHO_ISSUER: 'http://localhost',
      SEKISHO_COUNTRIES: 'JP',
      SEKISHO_GATEWAY__TYPE: 'handset',
    };
    assert.equal(loadConfig(undefined, env).issuer, 'http://localhost');
    const wrong = { ...env, SEKISHO_PROT: '1', SEKISHO_PORT: 'many', SEKISHO_CODE__TTL: '5' };
    assert.deepEqual(fieldsOf(() => loadConfig(undefined, wrong)).sort(), [
      'SEKISHO_CODE__TTL (code.ttl)',
      'SEKISHO_PORT (port)',
      'SEKISHO_PROT (prot)',
    ]);
  });

  it('that hold broken JSON are named, and their value is not', () => {
    const problems = problemsOf(() => readEnvironment({ SEKISHO_CLIENTS: '[{"client_secret": canary}]' }));
    assert.equal(problems[0]?.field, 'SEKISHO_CLIENTS');
    assert.doesNotMatch(JSON.stringify(problems), /canary/);
  });

  it('cannot reach the prototype of anything (WEB-13)', () => {
    assert.ok(problemsOf(() => loadConfig(undefined, { SEKISHO___PROTO____POLLUTED: 'yes' })).length > 0);
    const { values } = readEnvironment({ SEKISHO_constructor__prototype__x: 'yes' });
    assert.equal(({} as Record<string, unknown>)['x'], undefined);
    assert.ok(Object.hasOwn(values, 'constructor'));
  });
});
