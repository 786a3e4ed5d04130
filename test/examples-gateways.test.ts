import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';
import { checkServer } from '../src/server/check.ts';
import { generateKeys } from '../src/server/keys.ts';
import { freePorts } from './support/free-ports.ts';
import { MFA } from './support/host.ts';
import {
  assertNothingLogged,
  codeFrom,
  exampleConfig,
  finish,
  firstSignIn,
  giveNumber,
  SECRETS,
  type SimulatedServer,
  startExample,
  stateOf,
  vendorOf,
} from './support/simulated-server.ts';
import { read } from './support/source-text.ts';

const NAMES = readdirSync(new URL('../examples/gateways/', import.meta.url))
  .filter((file) => file.endsWith('.json'))
  .map((file) => file.replace('.json', ''));

/** The systems of the survey of Japan (a.1 to a.6), and what the stand-in of each is called. */
const SYSTEMS = {
  'ntt-cpaas': 'infobip',
  'karaden-push': 'karaden-push',
  karaden: 'karaden',
  'zettai-reach': 'zettai-reach',
  smslink: 'smslink',
  't-macss': 't-macss',
  mico: 'mico',
} as const;

describe('the examples of gateways', () => {
  it('are one for each Japanese system, and one for all of it', () => {
    assert.deepEqual(NAMES.sort(), [...Object.keys(SYSTEMS), 'japan'].sort());
    for (const [name, vendor] of Object.entries(SYSTEMS))
      assert.ok(exampleConfig(name).gateways.map(vendorOf).includes(vendor), name);
  });

  it('are each explained beside them, in both languages', () => {
    for (const file of ['README.md', 'README.ja.md']) {
      const text = read(`examples/gateways/${file}`);
      for (const name of NAMES) assert.ok(text.includes(`](${name}.json)`), `${file}: ${name}`);
    }
  });

  for (const name of NAMES) {
    it(`${name} is a configuration that production takes as it stands, and holds no secret (GWY-01, GWY-06)`, async () => {
      const file = `examples/gateways/${name}.json`;
      for (const secret of Object.values(SECRETS)) assert.ok(!read(file).includes(secret));
      assert.deepEqual(errorsIn(await checked(file)), []);
      assert.doesNotMatch(read(file), /insecure/);
    });

    it(`${name} needs every variable that it names`, async () => {
      const file = `examples/gateways/${name}.json`;
      const named = [...read(file).matchAll(/\{ "env": "(\w+)" \}/g)].map(([, variable]) => variable!);
      assert.ok(named.length > 0);
      for (const variable of named) {
        const errors = errorsIn(await checked(file, variable));
        assert.equal(errors.length, 1, variable);
        assert.match(errors[0]!, new RegExp(`${variable}, which is not set`));
      }
    });
  }
});

/** What `sekisho check` says in production, without one of the variables. */
async function checked(file: string, without?: string) {
  Object.assign(process.env, SECRETS);
  if (without !== undefined) delete process.env[without];
  const data = await mkdtemp(join(tmpdir(), 'check-'));
  try {
    const keys = JSON.stringify(await generateKeys(Date.now()));
    return await checkServer(file, {
      ...{ SEKISHO_KEYS: keys, SEKISHO_DATA: data, SEKISHO_PORT: String(await freePorts()) },
    });
  } finally {
    await rm(data, { recursive: true });
  }
}

const errorsIn = (findings: Awaited<ReturnType<typeof checked>>): string[] =>
  findings.flatMap((finding) => (finding.level === 'error' ? [`${finding.field} ${finding.reason}`] : []));

/** Those whose vendor tells nothing by itself, so that it has to be asked. */
const ASKED = new Set(['karaden-push']);

for (const [name, vendor] of Object.entries(SYSTEMS)) {
  if (name === 't-macss') continue;
  describe(`the example ${name}`, () => {
    let at: SimulatedServer;
    before(async () => {
      at = await startExample(name);
    });
    after(() => at.close());
    afterEach(() => assertNothingLogged(at));

    it('sends a code by SMS, hears that it was delivered, and the person is in', async () => {
      const page = await giveNumber(at, await firstSignIn(at, 'hanako'), '090-1234-5678');
      const [message, ...more] = at.simulator.messages();
      assert.deepEqual([message?.vendor, message?.to, more], [vendor, '+819012345678', []]);
      assert.equal(await stateOf(at, page), 'accepted');
      await at.pass(8000);
      const told = at.simulator.callbacks().map(({ status }) => status);
      assert.deepEqual(new Set(told), new Set(ASKED.has(name) ? [] : [200]), 'receipts are taken');
      assert.equal(await stateOf(at, page), 'delivered');
      const { acr, amr } = await finish(at, page, codeFrom(message!));
      assert.deepEqual([acr, amr], [MFA, ['pwd', 'sms', 'mfa']]);
    });
  });
}

for (const name of ['t-macss', 'ntt-cpaas']) {
  describe(`the example ${name}`, () => {
    let at: SimulatedServer;
    before(async () => {
      at = await startExample(name);
    });
    after(() => at.close());
    afterEach(() => assertNothingLogged(at));

    it('calls a fixed line, hears that the code was heard, and the person is in', async () => {
      const page = await giveNumber(at, await firstSignIn(at, 'taro'), '03-1234-5678');
      const [call] = at.simulator.messages({ channel: 'voice' });
      assert.deepEqual([call?.vendor, call?.to], [SYSTEMS[name as 't-macss'], '+81312345678']);
      assert.equal(await stateOf(at, page), 'accepted');
      await at.pass(15_000);
      assert.equal(await stateOf(at, page), 'heard');
      const [heard] = at.simulator.messages({ channel: 'voice' });
      const { amr } = await finish(at, page, codeFrom(heard!).slice(0, 6));
      assert.deepEqual(amr, ['pwd', 'tel', 'mfa']);
    });

    it('calls a mobile when the person asks for it, with the code that the SMS had', async () => {
      const page = await giveNumber(at, await firstSignIn(at, 'jiro'), '090-1234-5678');
      await at.pass(31_000);
      const shown = await page.visitor.open(page.url);
      await shown.submit('send', { channel: 'voice' });
      await at.pass(15_000);
      const [sms, call] = at.simulator.messages({ to: '+819012345678' });
      assert.deepEqual([sms?.channel, call?.channel], ['sms', 'voice']);
      assert.equal(codeFrom(call!).slice(0, 6), codeFrom(sms!));
      assert.equal(await stateOf(at, page), 'heard');
    });
  });
}
