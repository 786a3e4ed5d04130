import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { createTwilioGateway } from '../../src/gateways/twilio.ts';
import type { CallScript, Gateway, OutboundMessage, RawWebhook } from '../../src/ports/gateway.ts';
import { type CannedVendor, startCannedVendor } from '../support/canned-vendor.ts';

const NOW = Date.UTC(2026, 6, 30, 12);
const SID = `CA${'b'.repeat(32)}`;
const ATTACK = '"</Say><Dial>+19005550100</Dial><Say voice="alice">&amp;&#x41;]]><!-- \u0000\u001b';
const ANSWER = 'https://op.example/hooks/twilio/t0ken/id/answer?s=sealed&x="<>';
const message: OutboundMessage = {
  id: 'AAAAAAAAAAAAAAAAAAAAAA',
  to: '+819012345678',
  channel: 'voice',
  text: 'コードは、ヨン、ハチ。',
  locale: 'ja',
  expiresAt: NOW + 600_000,
  webhookUrl: 'https://op.example/hooks/twilio/t0ken/id',
  call: { invitation: `こちらは、${ATTACK}です。`, farewell: '失礼いたします。', answerUrl: ANSWER },
};

/** A reader of its own, with every text and attribute as it stands. */
const parser = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: '',
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: false,
});
type Node = Record<string, unknown> & { ':@'?: Record<string, string> };
const read = (twiml: string): Node[] => {
  assert.equal(XMLValidator.validate(twiml), true);
  const [, response, more] = parser.parse(twiml) as Node[];
  assert.equal(more, undefined);
  return response!['Response'] as Node[];
};
const namesOf = (nodes: readonly Node[]): (string | undefined)[] =>
  nodes.map((node) => Object.keys(node).find((key) => key !== ':@'));
const textOf = (node: Node | undefined): unknown => (node!['Say'] as Node[])[0]!['#text'];
const spoken = (text: string) => text.replace(/[\u0000\u001b]/g, '');

describe('the Twilio gateway calls', () => {
  let vendor: CannedVendor;
  const gateways: Gateway[] = [];
  const open = (own: object = {}) => {
    const gateway = createTwilioGateway({
      accountSid: `AC${'0'.repeat(32)}`,
      authToken: 'token',
      callFrom: '+815012345678',
      baseUrl: vendor.url,
      insecure: true,
      ...own,
    });
    gateways.push(gateway);
    return gateway;
  };
  const send = (changes: Partial<OutboundMessage> = {}, own: object = {}) =>
    open(own).send({ ...message, ...changes }, { now: NOW, signal: AbortSignal.timeout(4000) });
  const form = () => new URLSearchParams(vendor.heard.at(-1)!.body);
  before(async () => {
    vendor = await startCannedVendor({ status: 201, body: { sid: SID, status: 'queued' } });
  });
  beforeEach(() => {
    vendor.heard.length = 0;
  });
  after(async () => {
    await Promise.all(gateways.map((gateway) => gateway.close!()));
    await vendor.close();
  });

  it('with everything that Calls takes, for 60 seconds at most (GWY-08)', async () => {
    assert.deepEqual(await send(), { outcome: 'accepted', vendorId: SID });
    const { Twiml, StatusCallbackEvent, ...fields } = Object.fromEntries(form());
    assert.deepEqual(fields, {
      To: message.to,
      From: '+815012345678',
      Timeout: '30',
      TimeLimit: '60',
      StatusCallback: message.webhookUrl,
      StatusCallbackMethod: 'POST',
    });
    assert.deepEqual(form().getAll('StatusCallbackEvent'), ['ringing', 'answered', 'completed']);
    assert.ok(Twiml!.length <= 4000 && StatusCallbackEvent);
  });

  it('and says who calls, twice, until any key is pressed, and nothing of the code (lesson 25)', async () => {
    await send();
    const verbs = read(form().get('Twiml')!);
    assert.deepEqual(namesOf(verbs), ['Gather', 'Say', 'Hangup']);
    const { Gather: inside, ':@': attributes } = verbs[0]!;
    assert.deepEqual(attributes, {
      action: ANSWER,
      method: 'POST',
      input: 'dtmf',
      numDigits: '1',
      finishOnKey: '',
      timeout: '5',
    });
    assert.deepEqual(namesOf(inside as Node[]), ['Say', 'Pause', 'Say']);
    const [first, , again] = inside as Node[];
    assert.equal(textOf(first), spoken(message.call!.invitation));
    assert.deepEqual(again, first);
    assert.deepEqual(first![':@'], { voice: 'Polly.Mizuki', language: 'ja-JP' });
    assert.equal(textOf(verbs[1]), message.call!.farewell);
    assert.doesNotMatch(vendor.heard[0]!.body, /%E3%83%A8%E3%83%B3/);
    assert.ok(!form().get('Twiml')!.includes('ヨン'));
  });

  it('in the language of the person', async () => {
    const voices = { ja: 'Polly.Takumi-Neural', en: 'Polly.Joanna', 'en-GB': 'Polly.Amy' };
    for (const [locale, expected] of [
      ['ja', { voice: 'Polly.Takumi-Neural', language: 'ja-JP' }],
      ['en', { voice: 'Polly.Joanna', language: 'en-US' }],
      ['en-GB', { voice: 'Polly.Amy', language: 'en-GB' }],
      ['fr-FR', { language: 'fr-FR' }],
      ['constructor', { language: 'constructor' }],
    ] as const) {
      await send({ locale }, { voices });
      const [, farewell] = read(form().get('Twiml')!);
      assert.deepEqual(farewell![':@'], expected);
    }
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
    assert.equal(open().callGuard, 'key-press');
  });

  it('and asks how a call got on', async () => {
    const gateway = open();
    const asked = { id: message.id, vendorId: SID, to: message.to, channel: 'voice', sentAt: NOW } as const;
    vendor.answer = {
      status: 200,
      body: { sid: SID, status: 'busy', date_updated: 'Thu, 30 Jul 2026 11:59:00 +0000' },
    };
    const context = { now: NOW, signal: AbortSignal.timeout(4000) };
    assert.deepEqual(await gateway.poll!(asked, context), [
      { type: 'call', vendorId: SID, state: 'busy', at: NOW - 60_000 },
    ]);
    assert.match(vendor.heard[0]!.path, new RegExp(`/Calls/${SID}\\.json$`));
    for (const vendorId of [undefined, '', '../Balance', 'SMx/../../y'])
      assert.deepEqual(await gateway.poll!({ ...asked, vendorId } as typeof asked, context), []);
    assert.equal(vendor.heard.length, 1);
  });
});

describe('asked what to say, the Twilio gateway', () => {
  const script: CallScript = { text: `コードは、${ATTACK}`, locale: 'ja', farewell: `失礼 ${ATTACK}` };
  const settings = { accountSid: `AC${'0'.repeat(32)}`, authToken: 'token', callFrom: '+815012345678' };
  const ask = async (body: string, own: object = {}) => {
    const gateway = createTwilioGateway({ ...settings, ...own });
    const request: RawWebhook = {
      method: 'POST',
      url: new URL(ANSWER),
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: Buffer.from(body),
      receivedAt: NOW,
    };
    const answer = await gateway.webhook!.answer!(request, script);
    await gateway.close!();
    return answer;
  };

  it('reads the text after any key, slowly, and hangs up (GWY-08)', async () => {
    for (const digit of ['0', '5', '*', '#']) {
      const { pressed, reply } = await ask(new URLSearchParams({ CallSid: SID, Digits: digit }).toString());
      assert.equal(pressed, true);
      assert.equal(reply.type, 'text/xml; charset=utf-8');
      const verbs = read(reply.body!);
      assert.deepEqual(namesOf(verbs), ['Pause', 'Say', 'Hangup']);
      const [prosody] = verbs[1]!['Say'] as Node[];
      assert.deepEqual(prosody![':@'], { rate: '90%' });
      assert.equal((prosody!['prosody'] as Node[])[0]!['#text'], spoken(script.text));
    }
  });

  it('uses no mark-up with voices that are not known to take it', async () => {
    const { reply } = await ask('Digits=1', { voices: { ja: 'alice' } });
    assert.equal(textOf(read(reply.body!)[1]), spoken(script.text));
  });

  it('says nothing of the text where no key was pressed (lesson 25)', async () => {
    for (const body of ['', 'Digits=', `CallSid=${SID}`, 'Digits=x', 'SpeechResult=yes', 'Digits=%20']) {
      const { pressed, reply } = await ask(body);
      assert.equal(pressed, false);
      const verbs = read(reply.body!);
      assert.deepEqual(namesOf(verbs), ['Say', 'Hangup']);
      assert.equal(textOf(verbs[0]), spoken(script.farewell));
      assert.ok(!reply.body!.includes('コード'));
    }
  });
});
