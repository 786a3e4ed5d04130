import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { z } from 'zod';
import { ConfigurationError } from '../../../src/errors.ts';
import { createHttpGateway } from '../../../src/gateways/http.ts';
import {
  commonSettings,
  insecureFinding,
  openClient,
  readSettings,
  rotating,
  secret,
} from '../../../src/gateways/wire/settings.ts';
import { GATEWAYS, makeGateway } from '../../support/made-gateways.ts';

const schema = z.strictObject({
  ...commonSettings,
  apiKey: secret('Key of the API'),
  signing: rotating('Secret of webhooks', 4),
  second: rotating('Another').optional(),
});
const read = (input: unknown) => readSettings(schema, input, 'acme');
const problemsOf = (input: unknown) => {
  try {
    read(input);
  } catch (error) {
    assert.ok(error instanceof ConfigurationError);
    return error.problems.map(({ field, reason }) => `${field}: ${reason}`);
  }
  return [];
};
const good = { apiKey: 'k3y', signing: 'sign' };

describe('the settings of a gateway', () => {
  it('have a default for everything but what only the operator knows', () => {
    assert.deepEqual(read(good), {
      ...{ apiKey: 'k3y', signing: ['sign'] },
      ...{ enabled: true, insecure: false, connectTimeout: 3000, totalTimeout: 8000 },
    });
  });

  it('switch any gateway off', async () => {
    const send = { url: 'https://sms.vendor.example/', fields: { to: '{{to}}' }, success: { status: 200 } };
    const made = [createHttpGateway({ send, enabled: false })];
    for (const [type, [settings]] of Object.entries(GATEWAYS)) {
      if (type !== 'handset') made.push(makeGateway(type, { ...settings, enabled: false }));
    }
    assert.ok(made.length >= 8);
    for (const { name, enabled } of made) assert.equal(enabled, false, name);
    await Promise.all(made.map((gateway) => gateway.close?.()));
  });

  it('take a secret, or a new one and an old one, for webhooks (GWY-03)', () => {
    assert.deepEqual(read({ ...good, signing: ['new-one', 'old-one'] }).signing, ['new-one', 'old-one']);
    const wrong = 'must be a secret of 4 letters or more, or a list of the new one and the old one';
    for (const signing of [
      5,
      null,
      true,
      {},
      ['sign', 5],
      '',
      'abc',
      [],
      ['sign', 'abc'],
      ['one-one', 'two-two', 'three'],
    ]) {
      const [problem, ...more] = problemsOf({ ...good, signing });
      assert.match(problem!, /^gateway acme\.signing/, JSON.stringify(signing));
      assert.deepEqual(more, []);
    }
    assert.deepEqual(problemsOf({ ...good, signing: 5 }), [`gateway acme.signing: ${wrong}`]);
  });

  it('are refused with every field that is wrong, and without a value of any (GWY-06)', () => {
    const problems = problemsOf({
      apiKey: 5,
      Signing: 'canary',
      countries: ['jp'],
      name: 'Canary',
      insecure: 'canary',
    });
    assert.deepEqual(problems.map((problem) => problem.split(':')[0]!.replace('gateway acme.', '')).sort(), [
      'Signing',
      'apiKey',
      'countries.0',
      'insecure',
      'name',
      'signing',
    ]);
    assert.ok(problems.includes('gateway acme.signing: is missing'));
    assert.ok(problems.includes('gateway acme.Signing: is not a setting'));
    assert.ok(!problems.join().includes('canary'));
    assert.ok(problemsOf(undefined).includes('gateway acme.apiKey: is missing'));
  });

  it('are told of by the name of the gateway where it has one, for there may be two of a type', () => {
    assert.deepEqual(problemsOf({ ...good, name: 'second', apiKey: 5 }), [
      'gateway second.apiKey: must be a text in quotes, not a number',
    ]);
    const open = () =>
      openClient('acme', 'baseUrl', 'no address', {
        ...{ name: 'second', connectTimeout: 3000, totalTimeout: 8000, insecure: false },
      });
    assert.throws(open, /gateway second\.baseUrl: is no address/);
  });

  it('name a vendor by https, without credentials; http only where it is insecure (GWY-01)', async () => {
    const common = { connectTimeout: 3000, totalTimeout: 8000 };
    const open = (url: string, insecure = false) =>
      openClient('acme', 'baseUrl', url, { ...common, insecure });
    for (const url of [
      'http://127.0.0.1/',
      'no address',
      '',
      'file:///etc/passwd',
      'https://allowed@127.0.0.1/',
    ]) {
      assert.throws(() => open(url), ConfigurationError, url);
    }
    for (const url of ['ftp://127.0.0.1/', 'http://user:canary@127.0.0.1/']) {
      assert.throws(
        () => open(url, true),
        (error: Error) => error instanceof ConfigurationError && !error.message.includes('canary'),
      );
    }
    await open('https://api.vendor.example/v1').close();
    await open('http://127.0.0.1:9/', true).close();
    assert.deepEqual(insecureFinding(false), []);
    assert.equal(insecureFinding(true)[0]!.severity, 'fatal');
  });
});
