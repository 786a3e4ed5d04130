import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { inspect } from 'node:util';
import { advance, type MessageState, stateTold } from '../../src/domain/receipt.ts';
import { createTwilioGateway } from '../../src/gateways/twilio.ts';
import type { Gateway, GatewayEvent, OutboundMessage } from '../../src/ports/gateway.ts';
import { type Simulator, startSimulator } from '../../src/simulator/simulator.ts';
import { createTwilioStandIn } from '../../src/simulator/vendors/twilio.ts';

const { credentials } = createTwilioStandIn();
/** Nobody listens there; what was posted is read from the simulator. */
const HOOK = 'http://127.0.0.1:1/hooks/twilio/t0ken/id';

describe('the Twilio gateway and the simulated Twilio', () => {
  let simulator: Simulator;
  let gateway: Gateway;
  const said: unknown[] = [];
  const open = (own: object = {}) =>
    createTwilioGateway({
      accountSid: credentials['accountSid'],
      authToken: credentials['authToken'],
      from: '+815012345678',
      callFrom: '+815012345678',
      baseUrl: simulator.vendorUrl('twilio'),
      insecure: true,
      ...own,
    });
  const message = (to: string, own: Partial<OutboundMessage> = {}): OutboundMessage => ({
    id: 'AAAAAAAAAAAAAAAAAAAAAA',
    to,
    channel: 'sms',
    text: '482913 is your code',
    locale: 'en',
    expiresAt: simulator.now() + 600_000,
    webhookUrl: HOOK,
    ...own,
  });
  const context = () => ({ now: simulator.now(), signal: AbortSignal.timeout(4000) });
  /** What the gateway makes of everything that was posted, as it came. */
  const told = async (): Promise<GatewayEvent[]> => {
    const events: GatewayEvent[] = [];
    for (const { method, url, headers, body } of simulator.callbacks()) {
      const request = {
        method,
        url: new URL(url),
        headers,
        body: Buffer.from(body),
        receivedAt: simulator.now(),
      };
      const auth = await gateway.webhook!.authenticate(request, context());
      said.push(auth);
      if (auth.result === 'ok') events.push(...(await gateway.webhook!.parse(request)).events);
    }
    said.push(events);
    return events;
  };
  const merged = (events: readonly GatewayEvent[]): MessageState =>
    events.reduce<MessageState>(
      (state, event) =>
        event.type === 'inbound' ? state : advance(state, stateTold(event, state, 'key-press')),
      'sending',
    );

  before(async () => {
    simulator = await startSimulator({ vendors: [createTwilioStandIn()], virtualTime: true });
    gateway = open();
  });
  beforeEach(() => simulator.clear());
  after(async () => {
    await gateway.close!();
    await simulator.close();
  });

  const statesOf = (events: readonly GatewayEvent[]) =>
    events.map((event) => (event.type === 'inbound' ? event.keyword : event.state));

  for (const [fate, to, states] of [
    ['in order', '+819012345678', ['sent', 'delivered']],
    ['twice (lesson 22)', '+819012349913', ['sent', 'sent', 'delivered', 'delivered']],
    ['the last first (GWY-04)', '+819012349914', ['delivered', 'sent']],
  ] as const) {
    it(`agree on a message whose callbacks come ${fate}`, async () => {
      said.push(await gateway.send(message(to), context()));
      await simulator.advance(4000);
      const events = await told();
      assert.deepEqual(statesOf(events), states);
      assert.equal(merged(events), 'delivered');
    });
  }

  it('agree on how to log in: Auth Token, API key, and nothing else', async () => {
    const { apiKeySid, apiKeySecret } = credentials;
    const outcomes = [];
    for (const own of [{ apiKeySid, apiKeySecret }, { apiKeySid, apiKeySecret: 'x' }, { authToken: 'x' }]) {
      const other = open(own);
      outcomes.push(await other.send(message('+819012345678'), context()));
      await other.close!();
    }
    assert.deepEqual(
      outcomes.map((outcome) => (outcome.outcome === 'rejected' ? outcome.class : outcome.outcome)),
      ['accepted', 'auth', 'auth'],
    );
    said.push(outcomes);
  });

  it('agree on what a call says, to a person and to a machine (GWY-08, lesson 25)', async () => {
    const invitation = 'Hello. This is "</Say><Dial>+19005550100</Dial>. Press any key.';
    const call = { invitation, farewell: 'Goodbye.', answerUrl: `${HOOK}/answer?s=sealed` };
    for (const [to, heard] of [
      // A key was pressed, and nobody answered Twilio's question: silence, and never the code.
      ['+819012345678', [invitation]],
      ['+819012349923', [invitation, invitation, 'Goodbye.']],
      ['+819012349924', [invitation, invitation, 'Goodbye.']],
    ] as const) {
      await gateway.send(message(to, { channel: 'voice', text: '4, 8, 2', call }), context());
      await simulator.advance(20_000);
      assert.deepEqual(simulator.messages({ to })[0]?.heard, heard);
    }
    const ends = (await told()).filter((event) => event.type === 'call' && event.state === 'completed');
    assert.equal(ends.length >= 3, true);
  });

  it('agree on a number that is busy, and on one that nobody answers', async () => {
    const call = { invitation: 'Hello.', farewell: 'Goodbye.', answerUrl: `${HOOK}/answer` };
    for (const [to, state] of [
      ['+819012349921', 'busy'],
      ['+819012349922', 'no-answer'],
    ] as const) {
      simulator.clear();
      await gateway.send(message(to, { channel: 'voice', call }), context());
      await simulator.advance(35_000);
      assert.equal(merged(await told()), state);
    }
  });

  it('believe no callback with another signature, or with none (attack 7)', async () => {
    for (const to of ['+819012349915', '+819012349916']) {
      await gateway.send(message(to), context());
      await simulator.advance(4000);
    }
    assert.ok(simulator.callbacks().length >= 4);
    assert.deepEqual(await told(), []);
  });

  it('and nothing it ever said holds a code, a number or a secret (LOG-02)', async () => {
    for (const to of ['+819012349904', '+819012349905', '+819012349907', '+819012349903', '+819012349909']) {
      said.push(await gateway.send(message(to), context()));
      await simulator.advance(6000);
      await told();
    }
    assert.ok(said.length > 10);
    const words = inspect(said, { depth: 9, maxArrayLength: null });
    for (const canary of ['482913', '4, 8, 2', '8190123', '5012345678', credentials['authToken']!]) {
      assert.ok(!words.includes(canary), canary);
    }
  });
});
