import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { benchFor } from './bench.ts';

const bench = benchFor();
const only = () => bench.simulator.messages()[0]!;
const call = (digits: string, own: Record<string, string> = {}) => {
  bench.catcher.answers.push(...Array.from({ length: own['before'] ? Number(own['before']) : 3 }, () => 200));
  bench.catcher.answers.push('your code is 4 8 2 9 1 3');
  return bench.send(digits, {
    ...{ channel: 'voice', text: 'press a key', answerUrl: `${bench.catcher.url}/answer` },
    ...own,
  });
};
const told = () =>
  bench.catcher.caught.map(({ path, json }) => (path === '/answer' ? 'asks' : json['state']));

describe('the number chooses the fate of a call', () => {
  it('is answered by somebody who presses a key and hears the code', async () => {
    const before = bench.simulator.now();
    await call('1234');
    await bench.simulator.advance(3999);
    assert.deepEqual([told(), only().heard], [['accepted', 'ringing'], []]);
    await bench.simulator.advance(1);
    assert.deepEqual(told(), ['accepted', 'ringing', 'answered', 'asks']);
    assert.deepEqual(only().heard, ['press a key', 'your code is 4 8 2 9 1 3']);
    assert.equal(only().arrivedAt, before + 4000);
    await bench.simulator.advance(6000);
    assert.deepEqual(told().at(-1), 'completed');
  });

  for (const [digits, state] of [
    ['9923', 'machine'],
    ['9924', 'answered'],
  ] as const) {
    it(`leaves no code with ${digits}: nobody presses a key (lesson 25)`, async () => {
      await call(digits);
      await bench.simulator.advance(60_000);
      assert.deepEqual(told(), ['accepted', 'ringing', state, 'completed']);
      assert.deepEqual([only().heard, only().arrivedAt], [['press a key'], null]);
    });
  }

  for (const [digits, states, after] of [
    ['9921', ['accepted', 'busy'], 2000],
    ['9922', ['accepted', 'ringing', 'no-answer'], 31_000],
    ['9901', ['accepted', 'undelivered'], 5000],
    ['9917', ['accepted', 'undelivered'], 1_200_000],
  ] as const) {
    it(`ends ${digits} with ${states.at(-1)}, and nobody hears anything`, async () => {
      await call(digits);
      await bench.simulator.advance(after - 1);
      assert.deepEqual(told(), states.slice(0, -1));
      await bench.simulator.advance(1);
      assert.deepEqual(told(), states);
      assert.deepEqual([only().heard, only().arrivedAt], [[], null]);
    });
  }

  it('rings late at a phone that was out of range', async () => {
    await call('9902');
    await bench.simulator.advance(39_999);
    assert.deepEqual(told(), ['accepted']);
    await bench.simulator.advance(3001);
    assert.deepEqual(told(), ['accepted', 'ringing', 'answered', 'asks']);
  });

  it('is heard once where everything is told twice, or not at all', async () => {
    await call('9913', { before: '6' });
    await bench.simulator.advance(60_000);
    assert.equal(told().filter((state) => state === 'asks').length, 1);
    assert.equal(told().filter((state) => state === 'answered').length, 2);
    bench.simulator.clear();
    bench.catcher.caught.splice(0);
    bench.catcher.answers.splice(0);
    await call('9918', { before: '0' });
    await bench.simulator.advance(60_000);
    assert.deepEqual(told(), ['asks']);
    assert.equal(only().heard.length, 2);
  });

  it('tells that it rings before it answers the sender, where receipts come early', async () => {
    await call('9912');
    assert.deepEqual(told(), ['accepted', 'ringing']);
    await bench.simulator.advance(60_000);
    assert.deepEqual(told(), ['accepted', 'ringing', 'answered', 'asks', 'completed']);
  });

  it('tells the end of a call first where receipts are out of order, and the person hears it in order', async () => {
    await call('9914', { before: '0' });
    await bench.simulator.advance(60_000);
    assert.deepEqual(told(), ['asks', 'completed', 'accepted', 'ringing', 'answered']);
    assert.equal(only().state, 'completed');
  });

  it('hangs up where nobody says what to say', async () => {
    await call('1234', { answerUrl: 'http://127.0.0.1:1/answer' });
    await bench.simulator.advance(60_000);
    assert.deepEqual(only().heard, ['press a key', '(502)']);
    assert.equal(only().state, 'completed');
  });

  it('delivers a text message to a number whose fate is about calls', async () => {
    for (const digits of ['9921', '9922', '9923', '9924']) await bench.send(digits);
    await bench.simulator.advance(2000);
    assert.deepEqual(
      bench.simulator.messages().map(({ state }) => state),
      Array(4).fill('delivered'),
    );
  });
});
