import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { inspect } from 'node:util';
import { createZettaiReachGateway } from '../../src/gateways/zettai-reach.ts';
import type { OutboundMessage, SendOutcome } from '../../src/ports/gateway.ts';
import { parseScenario } from '../../src/simulator/scenario.ts';
import { startSimulator } from '../../src/simulator/simulator.ts';
import { createZettaiReachStandIn } from '../../src/simulator/vendors/zettai-reach.ts';
import { type CannedVendor, startCannedVendor } from '../support/canned-vendor.ts';

const NOW = Date.UTC(2026, 10, 25, 15, 30, 0);
const refused = (reason: string, code: string) =>
  ({ outcome: 'rejected', class: reason, code }) as SendOutcome;
const DAY = 86_400_000;
const ID = 'AbCdEfGhIjKlMnOpQrStUv';
const TOKEN = 'canary1234567890abcdefghijklmnop';
const message: OutboundMessage = {
  id: ID,
  to: '+819012345678',
  channel: 'sms',
  text: '482913 みらい銀行の確認コード',
  locale: 'ja',
  expiresAt: NOW + 300_000,
};
const SETTINGS = { token: TOKEN, clientId: '12345', smsCode: '24680' };
/** As the vendor answers: with the code in it. */
const says = (responseCode: unknown, responseMessage = 'Success.', more: object = {}) => ({
  status: 200,
  body: { responseCode, responseMessage, phoneNumber: message.to, smsMessage: message.text, ...more },
});
const CANARIES = /482913|9012345678|canary/;

describe('zettai-reach, asked whether a number has another owner (電話番号クリーニング),', () => {
  let vendor: CannedVendor;
  before(async () => {
    vendor = await startCannedVendor(says(0));
  });
  after(() => vendor.close());
  afterEach(() => {
    vendor.heard.splice(0);
    vendor.answer = says(0);
  });
  const context = () => ({ now: NOW, signal: AbortSignal.timeout(4000) });

  async function send(changes: Partial<OutboundMessage> = {}, more: object = {}): Promise<SendOutcome> {
    const gateway = createZettaiReachGateway({ ...SETTINGS, baseUrl: vendor.url, insecure: true, ...more });
    try {
      return await gateway.send({ ...message, ...changes }, context());
    } finally {
      await gateway.close!();
    }
  }

  const provedAt = Date.UTC(2026, 8, 1, 14, 59, 0);
  const check = async (
    owner: object,
    onCheckError: 'send' | 'refuse' = 'send',
    at: number | undefined = provedAt,
  ) => {
    vendor.answer = says(0, 'Success.', owner);
    const outcome = await send({ provedAt: at }, { numberCleaning: { onCheckError } });
    return { outcome, paths: vendor.heard.splice(0).map(({ path }) => new URL(path, vendor.url)) };
  };

  it('sends to the same owner, counting from the day in Japan on which that was last proved', async () => {
    const { outcome, paths } = await check({ status: 'N' });
    assert.deepEqual(outcome, { outcome: 'accepted' });
    assert.deepEqual(
      paths.map(({ pathname }) => pathname),
      ['/p5/api/numbercleaning.json', '/p5/api/mt.json'],
    );
    assert.deepEqual(Object.fromEntries(paths[0]!.searchParams), {
      token: TOKEN,
      clientId: '12345',
      phoneNumber: message.to,
      referenceDate: '20260901',
    });
  });

  it('sends nothing to another one (D.3 recycled)', async () => {
    const { outcome, paths } = await check({ status: 'T' });
    assert.deepEqual(outcome, refused('recycled', 'numbercleaning.T'));
    assert.equal(paths.length, 1);
    assert.doesNotMatch(inspect(outcome), CANARIES);
  });

  it('looks back two years at most, and never ahead', async () => {
    const dayOf = async (at: number) =>
      (await check({ status: 'N' }, 'send', at)).paths[0]!.searchParams.get('referenceDate');
    assert.equal(await dayOf(NOW - 3000 * DAY), '20241127');
    assert.equal(await dayOf(NOW + DAY), '20261126');
  });

  it('is not asked while a number is being bound, nor without the setting', async () => {
    vendor.answer = says(0, 'Success.', { status: 'T' });
    assert.deepEqual(await send({}, { numberCleaning: {} }), { outcome: 'accepted' });
    assert.deepEqual(await send({ provedAt }), { outcome: 'accepted' });
    assert.ok(vendor.heard.every(({ path }) => path === '/p5/api/mt.json'));
  });

  it('that cannot tell lets the setting decide', async () => {
    for (const unclear of [{ status: 'ERROR' }, {}, { status: 'X' }]) {
      assert.deepEqual((await check(unclear)).outcome, { outcome: 'accepted' });
      const { outcome, paths } = await check(unclear, 'refuse');
      assert.deepEqual(outcome, refused('recycled', 'numbercleaning.unknown'));
      assert.equal(paths.length, 1, 'nothing was sent');
    }
  });

  it('that does not answer sensibly lets the setting decide, and is not taken for a refusal', async () => {
    for (const answer of [says(110, 'Invalid referenceDate.', { status: 'T' }), { status: 500, body: '' }]) {
      vendor.answer = answer;
      assert.deepEqual(
        await send({ provedAt }, { numberCleaning: { onCheckError: 'refuse' } }),
        refused('recycled', 'numbercleaning.unknown'),
      );
      const { outcome } = await send({ provedAt }, { numberCleaning: {} });
      assert.equal(outcome, 'rejected');
      assert.equal(vendor.heard.at(-1)!.path, '/p5/api/mt.json', 'the send was tried');
    }
  });

  it('says what the rules of a scenario say, where the simulator is asked (D.3 recycled)', async () => {
    const rules = parseScenario({ rules: [{ times: 1, fate: 'delivered' }, { fate: 'recycled' }] });
    const standIn = createZettaiReachStandIn();
    const simulator = await startSimulator({ vendors: [standIn], virtualTime: true, scenario: rules });
    const { token, clientId, smsCode } = standIn.credentials;
    const gateway = createZettaiReachGateway({
      ...{ token, clientId, smsCode, numberCleaning: {} },
      ...{ baseUrl: simulator.vendorUrl('zettai-reach'), insecure: true },
    });
    try {
      const now = Date.now();
      const outcomes = [];
      for (const id of [ID, ID.toLowerCase()]) {
        const given = { ...message, id, provedAt: now - DAY, expiresAt: now + 300_000 };
        outcomes.push(await gateway.send(given, { ...context(), now }));
      }
      assert.deepEqual(outcomes, [{ outcome: 'accepted' }, refused('recycled', 'numbercleaning.T')]);
      assert.equal(simulator.messages().length, 1);
    } finally {
      await gateway.close!();
      await simulator.close();
    }
  });
});
