import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { inspect } from 'node:util';
import { advance, type MessageState, stateTold } from '../../src/domain/receipt.ts';
import { createVonageGateway } from '../../src/gateways/vonage.ts';
import type { Gateway, GatewayEvent, OutboundMessage, SendOutcome } from '../../src/ports/gateway.ts';
import { type Simulator, startSimulator } from '../../src/simulator/simulator.ts';
import { createVonageStandIn } from '../../src/simulator/vendors/vonage.ts';

const { applicationId, privateKey, apiKey, apiSecret, signatureSecret } = createVonageStandIn().credentials;
const ID = 'AAAAAAAAAAAAAAAAAAAAAA';
/** Nobody listens there; what was posted is read from the simulator. */
const HOOK = `http://127.0.0.1:1/hooks/vonage/t0ken/${ID}`;

describe('the Vonage gateway and the simulated Vonage', () => {
  let simulator: Simulator;
  let gateway: Gateway;
  const said: unknown[] = [];
  const open = (own: object = {}) =>
    createVonageGateway({
      ...{ applicationId, privateKey, signatureSecret },
      from: 'MIRAI',
      callFrom: '+815012345678',
      baseUrl: simulator.vendorUrl('vonage'),
      insecure: true,
      ...own,
    });
  const message = (to: string, own: Partial<OutboundMessage> = {}): OutboundMessage => ({
    ...{ id: ID, to, channel: 'sms', text: '482913 is your code', locale: 'en' },
    expiresAt: simulator.now() + 600_000,
    webhookUrl: HOOK,
    ...own,
  });
  const context = () => ({ now: simulator.now(), signal: AbortSignal.timeout(4000) });
  const send = async (
    to: string,
    own?: Partial<OutboundMessage>,
    through = gateway,
  ): Promise<SendOutcome> => {
    const outcome = await through.send(message(to, own), context());
    said.push(outcome);
    return outcome;
  };
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
    const vendors = [createVonageStandIn()];
    simulator = await startSimulator({ vendors, virtualTime: true, serverTime: 'simulator' });
    gateway = open();
  });
  beforeEach(() => simulator.clear());
  after(async () => {
    await gateway.close!();
    await simulator.close();
  });

  for (const [fate, to, states] of [
    ['in order', '+819012345678', ['sent', 'delivered']],
    ['twice (lesson 22)', '+819012349913', ['sent', 'sent', 'delivered', 'delivered']],
    ['the last first (GWY-04)', '+819012349914', ['delivered', 'sent']],
  ] as const) {
    it(`agree on a message whose webhooks come ${fate}`, async () => {
      await send(to);
      await simulator.advance(4000);
      const events = await told();
      assert.deepEqual(
        events.map((event) => event.type === 'receipt' && [event.id, event.state]),
        states.map((state) => [ID, state]),
      );
      assert.equal(merged(events), 'delivered');
    });
  }

  it('agree on the network of the phone', async () => {
    await send('+819012345678');
    await simulator.advance(4000);
    const event = (await told()).at(-1);
    assert.ok(event?.type === 'receipt');
    assert.equal(event.carrier, simulator.messages()[0]!.carrier);
  });

  it('agree on how to log in: an application for everything, an API key for text messages', async () => {
    const key = { applicationId: undefined, privateKey: undefined, callFrom: undefined };
    const classes = [];
    for (const own of [
      { ...key, apiKey, apiSecret },
      { ...key, apiKey, apiSecret: 'x' },
      { applicationId: '11111111-2222-4333-8444-555555555555' },
    ]) {
      const other = open(own);
      const outcome = await send('+819012345678', {}, other);
      classes.push(outcome.outcome === 'rejected' ? outcome.class : outcome.outcome);
      await other.close!();
    }
    assert.deepEqual(classes, ['accepted', 'auth', 'auth']);
    const basic = `Basic ${Buffer.from(`${apiKey}:${apiSecret}`).toString('base64')}`;
    const url = `${simulator.vendorUrl('vonage')}/v1/calls`;
    assert.equal((await fetch(url, { method: 'POST', headers: { authorization: basic } })).status, 401);
  });

  it('agree on what a call says, to a person and to a machine (GWY-08, lesson 25)', async () => {
    const invitation = 'Hello. This is "</speak><audio src="x"/>. Press any key.';
    const call = { invitation, farewell: 'Goodbye.', answerUrl: `${HOOK}/answer?s=sealed` };
    for (const [to, heard] of [
      // A key was pressed, and nobody answered Vonage's question: the farewell, and never the code.
      ['+819012345678', [invitation, 'Goodbye.']],
      ['+819012349923', [invitation, invitation, 'Goodbye.']],
      ['+819012349924', [invitation, invitation, 'Goodbye.']],
    ] as const) {
      await send(to, { channel: 'voice', text: '4, 8, 2', call });
      await simulator.advance(20_000);
      assert.deepEqual(simulator.messages({ to })[0]?.heard, heard);
    }
    const ends = (await told()).filter((event) => event.type === 'call' && event.state === 'completed');
    assert.ok(ends.length >= 3);
  });

  it('agree on a number that is busy, on one that nobody answers, and on a machine where those are told', async () => {
    const call = { invitation: 'Hello.', farewell: 'Goodbye.', answerUrl: `${HOOK}/answer` };
    const detecting = open({ machineDetection: true });
    for (const [to, state, through] of [
      ['+819012349921', 'busy', gateway],
      ['+819012349922', 'no-answer', gateway],
      ['+819012349923', 'unheard', gateway],
      ['+819012349923', 'machine', detecting],
    ] as const) {
      simulator.clear();
      await send(to, { channel: 'voice', call }, through);
      await simulator.advance(35_000);
      assert.equal(merged(await told()), state);
    }
    await detecting.close!();
  });

  it('believe no webhook with another signature, or with none (attack 7)', async () => {
    for (const to of ['+819012349915', '+819012349916']) {
      await send(to);
      await simulator.advance(4000);
    }
    assert.ok(simulator.callbacks().length >= 4);
    assert.deepEqual(await told(), []);
  });

  it('and nothing it ever said holds a code, a number or a secret (LOG-02)', async () => {
    for (const fate of ['04', '05', '07', '03', '09']) {
      await send(`+8190123499${fate}`);
      await simulator.advance(6000);
      await told();
    }
    assert.ok(said.length > 20);
    const words = inspect(said, { depth: 9, maxArrayLength: null });
    const secrets = [apiSecret!, signatureSecret!, privateKey!.slice(30, 60)];
    for (const canary of ['482913', '4, 8, 2', '8190123', '5012345678', ...secrets]) {
      assert.ok(!words.includes(canary), canary);
    }
  });
});
