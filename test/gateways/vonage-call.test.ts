import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { createVonageGateway } from '../../src/gateways/vonage.ts';
import type { CallScript, Gateway, OutboundMessage, RawWebhook } from '../../src/ports/gateway.ts';
import { createVonageStandIn } from '../../src/simulator/vendors/vonage.ts';
import { type CannedVendor, startCannedVendor } from '../support/canned-vendor.ts';

const NOW = Date.UTC(2026, 6, 30, 12);
const UUID = 'aaaaaaaa-bbbb-4ccc-8ddd-0123456789ab';
const ATTACK = '</prosody></speak><audio src="x"/>","action":"connect","x":"&amp;\u0000';
const ANSWER = 'https://op.example/hooks/vonage/t0ken/id/answer?s=sealed';
const { applicationId, privateKey } = createVonageStandIn().credentials;
const message: OutboundMessage = {
  id: 'AAAAAAAAAAAAAAAAAAAAAA',
  to: '+819012345678',
  channel: 'voice',
  text: 'コードは、ヨン、ハチ。',
  locale: 'ja',
  expiresAt: NOW + 600_000,
  webhookUrl: 'https://op.example/hooks/vonage/t0ken/id',
  call: { invitation: `こちらは、${ATTACK}です。`, farewell: '失礼いたします。', answerUrl: ANSWER },
};
const settings = { applicationId, privateKey, signatureSecret: 'sigsecret', callFrom: '+815012345678' };

type Action = Record<string, unknown>;
const parser = new XMLParser({ preserveOrder: true, ignoreAttributes: false, trimValues: false });
/** The mark-up of a text, from a reader of its own. */
const read = (text: unknown): Action[] => {
  assert.equal(XMLValidator.validate(String(text)), true);
  const [speak, more] = parser.parse(String(text)) as Action[];
  assert.equal(more, undefined);
  return speak!['speak'] as Action[];
};
const legal = (text: string) => text.replace('\u0000', '');
const words = (text: string) => ({ '#text': legal(text) });
const second = { break: [], ':@': { '@_time': '1s' } };

describe('the Vonage gateway calls', () => {
  let vendor: CannedVendor;
  const gateways: Gateway[] = [];
  const send = (changes: Partial<OutboundMessage> = {}, own: object = {}) => {
    const gateway = createVonageGateway({ ...settings, baseUrl: vendor.url, insecure: true, ...own });
    gateways.push(gateway);
    return gateway.send({ ...message, ...changes }, { now: NOW, signal: AbortSignal.timeout(4000) });
  };
  const body = () => JSON.parse(vendor.heard.at(-1)!.body) as Action & { ncco: Action[] };
  before(async () => {
    vendor = await startCannedVendor({ status: 201, body: { uuid: UUID, status: 'started' } });
  });
  beforeEach(() => {
    vendor.heard.length = 0;
  });
  after(async () => {
    await Promise.all(gateways.map((gateway) => gateway.close!()));
    await vendor.close();
  });

  it('with everything that the Voice API takes, for 60 seconds at most (GWY-08)', async () => {
    assert.deepEqual(await send(), { outcome: 'accepted', vendorId: UUID });
    assert.deepEqual([vendor.heard[0]!.method, vendor.heard[0]!.path], ['POST', '/v1/calls']);
    const { ncco, ...fields } = body();
    assert.deepEqual(fields, {
      to: [{ type: 'phone', number: '819012345678' }],
      from: { type: 'phone', number: '815012345678' },
      event_url: [message.webhookUrl],
      event_method: 'POST',
      ringing_timer: 30,
      length_timer: 60,
    });
    assert.equal(ncco.length, 4);
    await send({ sender: '+815099999999' }, { machineDetection: true });
    assert.deepEqual(body()['from'], { type: 'phone', number: '815099999999' });
    assert.equal(body()['machine_detection'], 'hangup');
  });

  it('and says who calls, twice, until a key is pressed, and nothing of the code (lesson 25)', async () => {
    await send();
    const [first, again, input, farewell] = body().ncco;
    const voice = { action: 'talk', language: 'ja-JP', style: 0 };
    const { text, ...talk } = first!;
    assert.deepEqual(talk, { ...voice, bargeIn: true });
    assert.deepEqual(read(text), [words(message.call!.invitation)]);
    assert.deepEqual(read(again!['text']), [second, words(message.call!.invitation)]);
    assert.equal(again!['bargeIn'], true);
    assert.deepEqual(input, {
      action: 'input',
      type: ['dtmf'],
      dtmf: { maxDigits: 1, timeOut: 5 },
      eventUrl: [ANSWER],
      eventMethod: 'POST',
    });
    assert.deepEqual(farewell, { ...voice, text: `<speak>${message.call!.farewell}</speak>` });
    assert.ok(!vendor.heard[0]!.body.includes('ヨン'));
  });

  it('in the language and with the voice that are set, and as plain text where that is set', async () => {
    const call = { ...message.call!, invitation: '<speak>Bank & "Co"</speak>' };
    await send({ locale: 'en', call }, { styles: { en: 3 }, premium: true, ssml: false });
    const [first] = body().ncco;
    assert.deepEqual(first, {
      action: 'talk',
      text: ' speak Bank & "Co" /speak ',
      language: 'en-US',
      style: 3,
      premium: true,
      bargeIn: true,
    });
  });

  it('nobody where it could not ask for the code after a key press (lesson 25)', async () => {
    const { answerUrl, ...call } = message.call!;
    for (const without of [call, undefined]) {
      assert.deepEqual(await send({ call: without as OutboundMessage['call'] & object }), {
        outcome: 'rejected',
        class: 'permanent',
        code: 'no_answer_address',
      });
    }
    assert.equal(vendor.heard.length, 0);
    assert.ok(answerUrl);
    assert.equal(gateways[0]!.callGuard, 'key-press');
  });
});

describe('asked what to say, the Vonage gateway', () => {
  const script: CallScript = { text: `コードは、${ATTACK}`, locale: 'ja', farewell: `失礼 ${ATTACK}` };
  const ask = async (body: string) => {
    const gateway = createVonageGateway(settings);
    const request: RawWebhook = {
      method: 'POST',
      url: new URL(ANSWER),
      headers: { 'content-type': 'application/json' },
      body: Buffer.from(body),
      receivedAt: NOW,
    };
    const { pressed, reply } = await gateway.webhook!.answer!(request, script);
    await gateway.close!();
    assert.deepEqual([reply.status, reply.type], [200, 'application/json']);
    return { pressed, ncco: JSON.parse(reply.body!) as Action[] };
  };

  it('reads the text after a key, slowly, in the newer and the older form (GWY-08)', async () => {
    for (const dtmf of [{ digits: '5', timed_out: false }, { digits: '#', timed_out: true }, '*']) {
      const { pressed, ncco } = await ask(JSON.stringify({ dtmf, uuid: UUID }));
      assert.equal(pressed, true);
      assert.equal(ncco.length, 1);
      const { text, ...talk } = ncco[0]!;
      assert.deepEqual(talk, { action: 'talk', language: 'ja-JP', style: 0 });
      const slowly = { prosody: [words(script.text)], ':@': { '@_rate': 'slow' } };
      assert.deepEqual(read(text), [second, slowly]);
    }
  });

  it('says nothing of the text where no key was pressed (lesson 25)', async () => {
    const empty = [
      { digits: '', timed_out: true },
      { digits: null },
      { digits: 5 },
      { digits: 'x' },
      {},
      null,
      '',
      ['5'],
      undefined,
    ];
    const bodies = empty.map((dtmf) => JSON.stringify({ dtmf, uuid: UUID }));
    for (const body of [...bodies, '', 'null', '[]', '{', 'dtmf=5']) {
      const { pressed, ncco } = await ask(body);
      assert.equal(pressed, false);
      assert.deepEqual(read(ncco[0]!['text']), [words(script.farewell)]);
      assert.equal(ncco.length, 1);
      assert.ok(!JSON.stringify(ncco).includes('コード'));
    }
  });
});
