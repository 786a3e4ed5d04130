import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import type { Scenario } from '../../src/simulator/scenario.ts';
import {
  assertNothingLogged,
  codeFrom,
  finish,
  firstSignIn,
  giveNumber,
  type SimulatedServer,
  signInAgain,
  startExample,
  stateOf,
} from '../support/simulated-server.ts';

const MINUTE = 60_000;
const eventsOf = (at: SimulatedServer, type: string) => at.events().filter((event) => event['type'] === type);
const waysOf = (at: SimulatedServer) =>
  at.simulator.messages().map(({ vendor, channel }) => `${vendor} ${channel}`);

/** Of each kind: what becomes of a send without an answer, and what the page says right after it. */
const KINDS = {
  // Its first receipt comes at once, and names the message.
  'ntt-cpaas': ['ambiguous', 'accepted'],
  karaden: ['ambiguous', 'ambiguous'],
  'karaden-push': ['ambiguous', 'ambiguous'],
  // They take an id once: what was lost is handed over again, and is still one message.
  'zettai-reach': ['accepted', 'accepted'],
  smslink: ['accepted', 'accepted'],
};

for (const [name, [outcome, shown]] of Object.entries(KINDS)) {
  describe(`a code that goes out as in the example ${name}`, () => {
    let at: SimulatedServer;
    before(async () => {
      at = await startExample(name);
    });
    after(() => at.close());
    afterEach(() => assertNothingLogged(at));

    it('to a phone out of range is reported, and nothing goes another way by itself: it would not ring either', async () => {
      const page = await giveNumber(at, await firstSignIn(at, 'hanako'), '090-1234-9901');
      await at.pass(11_000);
      assert.equal(await stateOf(at, page), 'undelivered');
      const again = await page.visitor.open(page.url);
      assert.match(again.text(), /電波の届かない/);
      assert.equal(at.simulator.messages().length, 1);
      assert.deepEqual(eventsOf(at, 'delivery.fallback'), []);
    });

    it('whose connection breaks before the answer is one message, and is found again (GWY-02, lesson 22)', async () => {
      const to = '+819012349908';
      const page = await giveNumber(at, await firstSignIn(at, 'taro'), to);
      assert.equal(eventsOf(at, 'delivery.finished').at(-1)?.['outcome'], outcome);
      assert.equal(await stateOf(at, page), shown);
      await at.pass(11_000);
      assert.equal(await stateOf(at, page), 'delivered');
      await at.pass(100_000);
      const [message, ...more] = at.simulator.messages({ to });
      assert.deepEqual(more, [], 'nothing is sent again, however late it gets');
      assert.deepEqual((await finish(at, page, codeFrom(message!))).amr, ['pwd', 'sms', 'mfa']);
    });
  });
}

describe('a code that goes out as in the example japan', () => {
  let at: SimulatedServer;
  afterEach(async () => {
    try {
      assertNothingLogged(at);
    } finally {
      await at.close();
    }
  });
  const send = async (rules: Scenario['rules'], phone = '090-1234-5678') => {
    at = await startExample('japan', { rules });
    return giveNumber(at, await firstSignIn(at, 'hanako'), phone);
  };
  /** The same at a later sign-in, when the number is proved; what went before is left out. */
  const sendAgain = async (fate: Scenario['rules'][number]['fate']) => {
    const vendor = 'zettai-reach';
    const page = await send([
      { vendor, times: 1, fate: 'delivered' },
      { vendor, fate },
    ]);
    await at.pass(MINUTE);
    await finish(at, page, codeFrom(at.simulator.messages()[0]!));
    return signInAgain(at, 'hanako');
  };

  it('goes by the domestic gateway, and by no other', async () => {
    const page = await send([]);
    await at.pass(8000);
    assert.equal(await stateOf(at, page), 'delivered');
    assert.deepEqual(waysOf(at), ['zettai-reach sms']);
  });

  for (const fate of ['throttled', 'error'] as const) {
    it(`goes by the international one at once where the domestic one does not take it: ${fate}`, async () => {
      const page = await send([{ vendor: 'zettai-reach', fate }]);
      assert.deepEqual(waysOf(at), ['twilio sms']);
      assert.equal(at.simulator.messages()[0]?.from, '+815012345678', 'the sender of the route');
      await at.pass(8000);
      assert.equal(await stateOf(at, page), 'delivered');
    });
  }

  for (const fate of ['reset', 'broken'] as const) {
    it(`does not go by the international one where nobody knows whether it left: ${fate} (GWY-05)`, async () => {
      const page = await send([{ vendor: 'zettai-reach', fate }]);
      await at.pass(31_000);
      assert.equal(await stateOf(at, page), 'delivered');
      assert.deepEqual(waysOf(at), ['zettai-reach sms']);
    });
  }

  it('is called out by T-Macss where a filter held the SMS back: the same code, by itself, once', async () => {
    const page = await sendAgain('filtered');
    await at.pass(11_000);
    await stateOf(at, page);
    await at.pass(15_000);
    assert.deepEqual(
      waysOf(at).slice(1),
      ['zettai-reach sms', 't-macss voice'],
      'no other SMS passes that filter',
    );
    const [{ cause, channel }] = eventsOf(at, 'delivery.fallback') as [Record<string, unknown>];
    assert.deepEqual([cause, channel], ['undelivered', 'voice']);
    assert.equal(await stateOf(at, page), 'heard');
    const [, sms, call] = at.simulator.messages();
    assert.equal(codeFrom(call!).slice(0, 6), codeFrom(sms!), 'OTP-09');
    assert.equal((await finish(at, page, codeFrom(sms!))).amr?.at(-1), 'mfa');
  });

  it('is called out where no receipt came in time, and not a second before', async () => {
    const page = await sendAgain('late-failure');
    const follow = async () => {
      await (await page.visitor.open(page.url)).submit('follow');
      await at.settle();
    };
    await at.pass(44_000);
    await follow();
    assert.deepEqual(waysOf(at).slice(1), ['zettai-reach sms']);
    await at.pass(1500);
    await follow();
    await follow();
    assert.deepEqual(waysOf(at).slice(1), ['zettai-reach sms', 't-macss voice']);
    await at.pass(15_000);
    assert.equal(await stateOf(at, page), 'heard');
  });

  for (const [fate, state] of [
    ['busy', 'busy'],
    ['no-answer', 'no-answer'],
    ['undelivered', 'failed'],
  ] as const) {
    it(`tells that a call came to nothing: ${state}`, async () => {
      const page = await send([{ vendor: 't-macss', fate }], '03-1234-5678');
      await at.pass(40_000);
      assert.equal(await stateOf(at, page), state);
      assert.deepEqual(waysOf(at), ['t-macss voice']);
    });
  }
});
