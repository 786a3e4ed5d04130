import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { fateOfNumber } from '../../src/simulator/fates.ts';
import { FATES } from '../../src/simulator/stand-in.ts';
import { benchFor } from './bench.ts';
import { createTestVendor } from './test-vendor.ts';

const bench = benchFor({ vendors: [createTestVendor(), { ...createTestVendor(), vendor: 'other' }] });
const states = () => bench.catcher.states();
const only = () => {
  const [message, ...more] = bench.simulator.messages();
  assert.equal(more.length, 0);
  return message!;
};

describe('the number chooses the fate of a text message', () => {
  it('reads it from the last four digits, and delivers everything else', () => {
    for (const [fate, digits] of Object.entries(FATES)) {
      assert.equal(fateOfNumber(`+819012349${9}${digits}`), fate);
    }
    for (const other of ['+819012345601', '+819012349977', '+99', '']) {
      assert.equal(fateOfNumber(other), 'delivered', other);
    }
  });

  it('says so in the documentation, in both languages', () => {
    for (const language of ['', '.ja']) {
      const text = readFileSync(new URL(`../../docs/simulator${language}.md`, import.meta.url), 'utf8');
      const rows = [...text.matchAll(/^\| .*`99(\d\d)` \| `([a-z-]+)` \|/gm)];
      assert.deepEqual(
        rows.map(([, digits, fate]) => [fate, digits]),
        Object.entries(FATES),
      );
    }
  });

  it('delivers after two seconds, and tells every step with its time', async () => {
    const before = bench.simulator.now();
    await bench.send('1234');
    await bench.simulator.settle();
    assert.deepEqual(states(), ['accepted'], 'what is due at once needs no advance');
    assert.equal(only().arrivedAt, null);
    await bench.simulator.advance(1999);
    assert.deepEqual(states(), ['accepted', 'sent']);
    await bench.simulator.advance(1);
    assert.deepEqual(
      bench.catcher.caught.map(({ json }) => [json['state'], (json['at'] as number) - before]),
      [
        ['accepted', 0],
        ['sent', 500],
        ['delivered', 2000],
      ],
    );
    assert.equal(only().arrivedAt, before + 2000);
    only().state = 'undelivered';
    assert.equal(only().state, 'delivered', 'what a test is given is a copy');
    assert.equal(bench.simulator.now(), before + 2000);
  });

  it('delivers late what was out of range', async () => {
    await bench.send('9902');
    await bench.simulator.advance(39_999);
    assert.equal(only().state, 'sent');
    await bench.simulator.advance(1);
    assert.equal(only().state, 'delivered');
  });

  for (const [digits, reason] of [
    ['9901', 'unreachable'],
    ['9903', 'filtered'],
    ['9905', 'unknown-number'],
    ['9906', 'recycled'],
  ] as const) {
    it(`takes what it cannot refuse, and reports ${digits} as ${reason}`, async () => {
      const sent = await bench.send(digits);
      assert.ok(sent.sent === 'answered' && sent.answer.status === 200);
      await bench.simulator.advance(5000);
      assert.deepEqual(states(), ['accepted', 'sent', 'undelivered']);
      assert.equal(bench.catcher.caught[2]!.json['reason'], reason);
      assert.deepEqual([only().reason, only().arrivedAt], [reason, null]);
    });
  }

  for (const [digits, status, refusal] of [
    ['9904', 422, 'opted-out'],
    ['9907', 429, 'throttled'],
  ] as const) {
    it(`lets the vendor refuse ${refusal} at once, and then nothing happens`, async () => {
      const sent = await bench.send(digits);
      assert.ok(sent.sent === 'answered');
      assert.deepEqual([sent.answer.status, sent.answer.json()], [status, { refusal }]);
      assert.equal(sent.answer.headers['retry-after'], refusal === 'throttled' ? '7' : undefined);
      await bench.simulator.advance(3_600_000);
      assert.deepEqual([bench.simulator.messages(), bench.simulator.callbacks()], [[], []]);
    });
  }

  it('reports a failure after 20 minutes of its own clock', async () => {
    await bench.send('9917');
    await bench.simulator.advance(20 * 60_000 - 1);
    assert.deepEqual(states(), ['accepted', 'sent']);
    await bench.simulator.advance(1);
    assert.deepEqual(states(), ['accepted', 'sent', 'undelivered']);
  });

  it('delivers in silence; only who asks is told', async () => {
    await bench.send('9918');
    await bench.simulator.advance(3_600_000);
    assert.deepEqual(states(), []);
    const url = `${bench.simulator.vendorUrl('test')}/status/${only().vendorId}`;
    const asked = await bench.client.call({ method: 'GET', url });
    assert.ok(asked.sent === 'answered');
    assert.deepEqual(asked.answer.json(), { state: 'delivered' });
    const elsewhere = await bench.client.call({ method: 'GET', url: url.replace('/test/', '/other/') });
    assert.ok(
      elsewhere.sent === 'answered' && elsewhere.answer.status === 404,
      'another vendor knows nothing',
    );
  });

  it('tells everything twice', async () => {
    await bench.send('9913');
    await bench.simulator.advance(2000);
    assert.deepEqual(states(), ['accepted', 'accepted', 'sent', 'sent', 'delivered', 'delivered']);
  });

  it('tells the end before the beginning, each with the time at which it happened', async () => {
    const before = bench.simulator.now();
    await bench.send('9914');
    await bench.simulator.advance(1999);
    assert.deepEqual(states(), []);
    await bench.simulator.advance(1);
    assert.deepEqual(
      bench.catcher.caught.map(({ json }) => [json['state'], (json['at'] as number) - before]),
      [
        ['delivered', 2000],
        ['accepted', 0],
        ['sent', 500],
      ],
    );
    assert.equal(only().state, 'delivered');
  });

  it('signs rightly, not at all, or wrongly (GWY-03)', async () => {
    for (const [digits, signature] of [
      ['1234', 'right'],
      ['9915', 'none'],
      ['9916', 'wrong'],
    ] as const) {
      await bench.send(digits);
      await bench.simulator.advance(2000);
      assert.deepEqual([...new Set(bench.catcher.caught.map((one) => one.signature))], [signature]);
      bench.catcher.caught.splice(0);
    }
  });

  it('gives every number of Japan a carrier, and others none', async () => {
    const carriers = new Set<string>();
    for (const to of ['+819001234567', '+819011234567', '+818021234567', '+817031234567', '+14155550123']) {
      await bench.send('', { to });
    }
    for (const { carrier } of bench.simulator.messages()) carriers.add(carrier);
    assert.deepEqual([...carriers], ['docomo', 'au', 'softbank', 'rakuten', 'other']);
  });
});
