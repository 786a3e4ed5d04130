import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { pressKeyScenario } from '../../src/gateways/infobip/scenario.ts';
import { createInfobipGateway } from '../../src/gateways/infobip.ts';
import type { CallState, OutboundMessage } from '../../src/ports/gateway.ts';
import { type Simulator, startSimulator } from '../../src/simulator/simulator.ts';
import { createInfobipStandIn } from '../../src/simulator/vendors/infobip.ts';
import { type CannedVendor, startCannedVendor } from '../support/canned-vendor.ts';
import { numberWith } from '../support/simulated.ts';

const NOW = Date.UTC(2026, 10, 25, 3, 0, 0);
const ID = 'AbCdEfGhIjKlMnOpQrStUv';
const context = () => ({ now: NOW, signal: AbortSignal.timeout(4000) });
const message: OutboundMessage = {
  id: ID,
  to: '+819012345678',
  channel: 'voice',
  text: '確認コードは、ヨン、ハチ、ニィ、です。',
  locale: 'ja-JP',
  expiresAt: NOW + 60_001,
  webhookUrl: 'https://op.example/hooks/infobip/token/AbCdEfGhIjKlMnOpQrStUv',
  call: { invitation: 'みらい銀行です。何かキーを押してください。', farewell: '失礼します。' },
};
const scenarios = { ja: 'JA-1', en: 'EN-1' };

describe('a call through Infobip', () => {
  let vendor: CannedVendor;
  before(async () => {
    vendor = await startCannedVendor({
      status: 200,
      body: { messages: [{ messageId: ID, status: { groupId: 1, id: 26, name: 'PENDING_ACCEPTED' } }] },
    });
  });
  after(() => vendor.close());
  afterEach(() => vendor.heard.splice(0));

  const open = (voice: object, baseUrl = vendor.url) =>
    createInfobipGateway({
      ...{ baseUrl, insecure: true, apiKey: 'key', sender: 'MiraiBank' },
      voice: { from: '815012345678', ...voice },
    });
  async function ordered(voice: object, changes: Partial<OutboundMessage> = {}) {
    const gateway = open(voice);
    const outcome = await gateway.send({ ...message, ...changes }, context());
    await gateway.close!();
    assert.deepEqual(outcome, { outcome: 'accepted', vendorId: ID });
    const { path, body } = vendor.heard.at(-1)!;
    return { path, order: JSON.parse(body).messages[0] as Record<string, unknown> };
  }

  const common = {
    from: '815012345678',
    destinations: [{ to: '819012345678', messageId: ID }],
    ringTimeout: 30,
    callTimeout: 60,
    validityPeriod: 2,
    callbackData: ID,
    notifyUrl: message.webhookUrl,
    notifyContentType: 'application/json',
    notifyContentVersion: 2,
  };

  it('launches the scenario of its language, which gets the code as a parameter (lesson 25)', async () => {
    const { path, order } = await ordered({ scenarios });
    assert.equal(path, '/voice/ivr/1/messages');
    assert.deepEqual(order, {
      ...common,
      scenarioId: 'JA-1',
      parameters: {
        invitation: message.call!.invitation,
        message: message.text,
        farewell: message.call!.farewell,
      },
    });
    assert.equal((await ordered({ scenarios }, { locale: 'fr' })).order['scenarioId'], 'EN-1');
  });

  it('has the vendor hang up on machines where there is no scenario, and asks for no key', async () => {
    const { path, order } = await ordered({});
    assert.equal(path, '/tts/3/advanced');
    assert.deepEqual(order, { ...common, text: message.text, language: 'ja', machineDetection: 'hangup' });
  });

  it('says which guard it has (lesson 25)', () => {
    assert.equal(open({ scenarios }).callGuard, 'key-press');
    assert.equal(open({}).callGuard, 'machine-detection');
    assert.deepEqual(open({ scenarios }).channels, ['sms', 'voice']);
  });

  it('writes what could be markup or a variable by its numbers (GWY-08)', async () => {
    const text = `A&B <break time="10s"/> \${code}`;
    const { order } = await ordered({}, { text });
    assert.equal(
      order['text'],
      '<speak>A&#38;B &#60;break time=&#34;10s&#34;/&#62; &#36;&#123;code&#125;</speak>',
    );
    assert.equal((await ordered({}, { text: 'a\u0000b' })).order['text'], 'a b');
  });

  it('is told of by its outcome, and by the keys that were pressed', async () => {
    const states = async (error: number, voiceCall: object | null = {}): Promise<CallState[]> => {
      const body = JSON.stringify({
        results: [
          { messageId: ID, callbackData: ID, status: { groupId: 3 }, error: { id: error }, voiceCall },
        ],
      });
      const { events } = await open({ scenarios }).webhook!.parse({
        ...{ method: 'POST', headers: {}, receivedAt: NOW, url: new URL(message.webhookUrl!) },
        body: new TextEncoder().encode(body),
      });
      return events.flatMap((event) => (event.type === 'call' ? [event.state] : []));
    };
    const ivr = (collectedDtmfs: string | null) => ({ dtmfCodes: null, ivr: { collectedDtmfs } });
    assert.deepEqual(await states(5000, ivr('{"key":"1"}')), ['answered', 'heard']);
    assert.deepEqual(await states(5000, { dtmfCodes: '*' }), ['answered', 'heard']);
    for (const none of [ivr('{"key":""}'), ivr('{}'), ivr('nonsense'), ivr(null), { dtmfCodes: '' }, null]) {
      assert.deepEqual(await states(5000, none), ['answered', 'completed']);
    }
    assert.deepEqual(await states(5001), ['machine']);
    assert.deepEqual(await states(5002), ['busy']);
    assert.deepEqual(await states(5003), ['no-answer']);
  });

  it('that the log knows was answered is not known to be heard, where keys count', async () => {
    const log = { messageId: ID, status: { groupId: 3, id: 5 }, error: { id: 5000 } };
    const logs = await startCannedVendor({ status: 200, body: { results: [log] } });
    for (const [voice, expected] of [
      [{ scenarios }, ['answered']],
      [{}, ['answered', 'completed']],
    ] as const) {
      const gateway = open(voice, logs.url);
      const events = await gateway.poll!({ ...message, sentAt: NOW }, context());
      assert.deepEqual(
        events.map((event) => event.type === 'call' && event.state),
        expected,
      );
      await gateway.close!();
    }
    assert.equal(logs.heard[0]!.path, `/tts/3/logs?messageId=${ID}`);
    await logs.close();
  });
});

describe('the scenario for Infobip, created in an account (lesson 25)', () => {
  let simulator: Simulator;
  let ids: { ja: string; en: string };
  const standIn = createInfobipStandIn();
  before(async () => {
    simulator = await startSimulator({ vendors: [standIn], virtualTime: true });
    const create = async (language: 'ja' | 'en') => {
      const answer = await fetch(`${simulator.vendorUrl('infobip')}/voice/ivr/1/scenarios`, {
        method: 'POST',
        headers: {
          authorization: `App ${standIn.credentials['apiKey']}`,
          'content-type': 'application/json',
        },
        body: JSON.stringify(pressKeyScenario(language)),
      });
      return ((await answer.json()) as { id: string }).id;
    };
    ids = { ja: await create('ja'), en: await create('en') };
  });
  after(() => simulator.close());

  async function heard(to: string): Promise<string[]> {
    const gateway = createInfobipGateway({
      ...{ baseUrl: simulator.vendorUrl('infobip'), insecure: true, sender: 'MiraiBank' },
      apiKey: standIn.credentials['apiKey'],
      voice: { from: '815012345678', scenarios: ids },
    });
    await gateway.send({ ...message, to, webhookUrl: undefined }, context());
    await simulator.advance(100_000);
    await gateway.close!();
    return simulator.messages({ to }).at(-1)!.heard;
  }

  it('reads the code after a key, once invited', async () => {
    assert.deepEqual(await heard(message.to), [message.call!.invitation, message.text]);
  });

  it('invites twice, then says goodbye, to a machine and to whoever presses nothing', async () => {
    const { invitation, farewell } = message.call!;
    for (const fate of ['machine', 'hung-up'] as const) {
      assert.deepEqual(await heard(numberWith(fate)), [invitation, invitation, farewell]);
    }
  });
});
