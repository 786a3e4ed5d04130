import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { createHttpGateway } from '../../src/gateways/http.ts';
import type { Gateway, GatewayEvent, OutboundMessage } from '../../src/ports/gateway.ts';
import { type Simulator, startSimulator } from '../../src/simulator/simulator.ts';
import { SMSC_CREDENTIALS, type Smsc, startSmscSimulator } from '../../src/simulator/smpp.ts';
import { type Kannel, startKannel } from '../support/kannel.ts';
import { numberWith } from '../support/simulated.ts';
import { until } from '../support/smsc.ts';
import { type Catcher, startCatcher } from '../support/webhook-catcher.ts';

const ENGLISH = '482913 is your code.\n\n@login.example #482913';
const JAPANESE = '482913 みらい銀行のログインコードです。\n\n@login.example #482913';

/**
 * A gateway that nobody here wrote stands between: our HTTP gateway hands a code to Kannel, Kannel hands it to an SMSC over
 * SMPP, and the receipt takes the same way back.
 */
describe('a code goes out through a real Kannel', () => {
  let simulator: Simulator;
  let smsc: Smsc;
  let kannel: Kannel;
  let catcher: Catcher;
  let gateway: Gateway;
  before(async () => {
    simulator = await startSimulator({ vendors: [], virtualTime: true });
    smsc = await startSmscSimulator({ simulator });
    kannel = await startKannel({ ...SMSC_CREDENTIALS, port: smsc.port });
    const { username, password, url: baseUrl } = kannel;
    gateway = createHttpGateway({
      preset: 'kannel',
      name: 'kannel',
      ownHosts: ['127.0.0.1'],
      ...{ baseUrl, username, password, sender: 'Sekisho' },
    });
    catcher = await startCatcher(gateway);
    await until(() => smsc.binds().includes('bind_transceiver'), 'Kannel binds to the SMSC');
  });
  after(async () => {
    await gateway?.close?.();
    await kannel?.stop();
    await catcher?.close();
    await smsc?.close();
    await simulator?.close();
  });

  const send = async (changes: Partial<OutboundMessage> = {}) => {
    const id = randomBytes(16).toString('base64url');
    const message: OutboundMessage = {
      ...{ id, to: '+819012345678', channel: 'sms', text: ENGLISH, locale: 'en' },
      ...{ expiresAt: Date.now() + 300_000, webhookUrl: catcher.urlOf(id) },
      ...changes,
    };
    const before = simulator.messages().length;
    const outcome = await gateway.send(message, { now: Date.now(), signal: AbortSignal.timeout(8000) });
    assert.deepEqual(outcome, { outcome: 'accepted' });
    await until(() => simulator.messages().length > before, 'the SMSC gets it');
    await simulator.advance(60_000);
    return { id, got: simulator.messages().slice(before) };
  };
  const endOf = async (id: string): Promise<GatewayEvent> => {
    const ends = () => catcher.eventsOf(id).filter((one) => one.type === 'receipt' && isEnd(one.state));
    await until(() => ends().length > 0, 'the receipt comes back');
    return ends()[0]!;
  };
  const isEnd = (state: string) => state === 'delivered' || state === 'undelivered';

  for (const [language, text] of [
    ['English', ENGLISH],
    ['Japanese', JAPANESE],
  ] as const) {
    it(`in ${language}, arrives letter by letter, and its receipt comes back`, async () => {
      const { id, got } = await send({ text });
      assert.deepEqual(
        got.map((message) => ({ to: message.to, from: message.from, text: message.text })),
        [{ to: '+819012345678', from: 'Sekisho', text }],
      );
      assert.equal((await endOf(id)).type, 'receipt');
      assert.equal(((await endOf(id)) as { state: string }).state, 'delivered');
    });
  }

  it('in parts where it is long, which are one message on the phone', async () => {
    const text = `${JAPANESE}${'あ'.repeat(100)}`;
    const { id, got } = await send({ text });
    assert.deepEqual(
      got.map((message) => message.text),
      [text],
    );
    assert.equal(((await endOf(id)) as { state: string }).state, 'delivered');
  });

  it('to a phone that is out of range, and the receipt says that it did not arrive', async () => {
    const { id } = await send({ to: numberWith('undelivered') });
    assert.equal(((await endOf(id)) as { state: string }).state, 'undelivered');
  });

  it('with the expiry of the code as its validity, and no code in any address that is called (LOG-02)', async () => {
    const { id, got } = await send();
    await endOf(id);
    const left = Date.parse(got[0]!.extra!['validity']!) - Date.now();
    assert.ok(left > 120_000 && left < 360_000, `the SMSC tries for ${left} ms`);
    assert.ok(catcher.addresses().length > 0);
    for (const address of catcher.addresses())
      assert.ok(!address.includes('482913'), 'the code is in an address');
  });

  it('is refused as a matter of credentials where the password is wrong', async () => {
    const wrong = createHttpGateway({
      preset: 'kannel',
      insecure: true,
      ...{ baseUrl: kannel.url, username: kannel.username, password: 'wrong', sender: 'Sekisho' },
    });
    const message: OutboundMessage = {
      ...{ id: randomBytes(16).toString('base64url'), to: '+819012345678', channel: 'sms', text: ENGLISH },
      ...{ locale: 'en', expiresAt: Date.now() + 300_000 },
    };
    const outcome = await wrong.send(message, { now: Date.now(), signal: AbortSignal.timeout(8000) });
    await wrong.close!();
    assert.ok(outcome.outcome === 'rejected' && outcome.class === 'auth');
  });
});
