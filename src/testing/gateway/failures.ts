import assert from 'node:assert/strict';
import type { SendOutcome } from '../../ports/gateway.ts';
import type { GatewayBench, Sent } from './bench.ts';
import { type Check, plays } from './check.ts';
import type { Refused } from './handle.ts';

/** What goes wrong while a message is handed over. */
export const failures: readonly Check[] = [
  {
    title: 'says why a vendor refuses, and calls no refusal accepted',
    skip: plays('refused'),
    run: refusals,
  },
  {
    title: 'calls a send without a whole answer ambiguous, and sends it once (GWY-02, lesson 22)',
    skip: plays('lost'),
    run: lost,
  },
  {
    title: 'never calls a send accepted that a failing vendor did not take (lesson 22)',
    skip: plays('down'),
    run: down,
  },
  {
    title: 'says that nothing left where nobody listens, so that another gateway may send',
    skip: ({ handle }) => (handle.nowhere ? undefined : 'it was not opened without a vendor'),
    run: nowhere,
  },
  { title: 'sends nothing when the time is up before it begins', run: tooLate },
  {
    title: 'gives up when the time is up, and does not say that nothing left (GWY-02)',
    skip: plays('slow'),
    run: givesUp,
  },
];

const CODE_WORD = /^[\w.:-]{1,60}$/;

/** An outcome as the port has it. */
function checkOutcome(outcome: SendOutcome): void {
  const { outcome: kind } = outcome;
  assert.ok(['accepted', 'rejected', 'ambiguous'].includes(kind), `outcome ${kind}`);
  if (outcome.outcome === 'accepted') return;
  if (outcome.code !== undefined) assert.match(outcome.code, CODE_WORD, 'a code is a word (LOG-02)');
  if (outcome.outcome === 'ambiguous') return;
  assert.ok(CLASSES.has(outcome.class), `class ${outcome.class}`);
  if (outcome.retryAfter === undefined) return;
  assert.ok(Number.isFinite(outcome.retryAfter) && outcome.retryAfter >= 0, 'retryAfter in milliseconds');
}
export const CLASSES = new Set(
  'temporary throttled quota auth unknown number recycled opt-out blocked unreachable permanent'.split(' '),
);

async function refusals(bench: GatewayBench): Promise<void> {
  const { gateway, handle } = bench;
  for (const refused of handle.vendor.numbers.refused!) {
    const channels = refused.channel ? [refused.channel] : gateway.channels;
    for (const channel of channels) {
      const sent = await bench.send({ to: refused.to, channel });
      checkRefusal(sent, refused);
    }
  }
}

function checkRefusal({ outcome, taken, message }: Sent, expected: Refused): void {
  const what = `${message.channel}, ${expected.class}`;
  checkOutcome(outcome);
  assert.equal(outcome.outcome, 'rejected', what);
  assert.equal(outcome.outcome === 'rejected' && outcome.class, expected.class, what);
  assert.equal(taken().length, 0, `${what}: the vendor took nothing`);
  if (expected.retryAfter)
    assert.ok(outcome.outcome === 'rejected' && outcome.retryAfter! > 0, `${what}: retryAfter`);
}

async function lost(bench: GatewayBench): Promise<void> {
  for (const to of bench.handle.vendor.numbers.lost!) {
    const sent = await bench.send({ to });
    checkOutcome(sent.outcome);
    assert.equal(sent.outcome.outcome, 'ambiguous');
    await bench.handle.vendor.settle();
    assert.equal(sent.taken().length, 1, 'sent once');
  }
}

async function down(bench: GatewayBench): Promise<void> {
  const sent = await bench.send({ to: bench.handle.vendor.numbers.down! });
  checkOutcome(sent.outcome);
  assert.notEqual(sent.outcome.outcome, 'accepted');
  if (sent.outcome.outcome === 'rejected')
    assert.ok(MAY_GO_ELSEWHERE.has(sent.outcome.class), sent.outcome.class);
  assert.equal(sent.taken().length, 0);
}
const MAY_GO_ELSEWHERE = new Set(['temporary', 'throttled', 'quota', 'auth', 'unknown']);

async function nowhere(bench: GatewayBench): Promise<void> {
  const { outcome } = await bench.send({}, undefined, bench.handle.nowhere!);
  checkOutcome(outcome);
  assert.equal(outcome.outcome, 'rejected');
  assert.equal(outcome.outcome === 'rejected' && outcome.class, 'temporary');
}

async function tooLate(bench: GatewayBench): Promise<void> {
  const begin = performance.now();
  const sent = await bench.send({}, AbortSignal.abort());
  checkOutcome(sent.outcome);
  assert.notEqual(sent.outcome.outcome, 'accepted');
  assert.ok(performance.now() - begin < PROMPT, 'at once');
  await bench.handle.vendor.settle();
  // A gateway that cannot take it back may have sent it, but then it has to say so.
  if (sent.outcome.outcome === 'rejected') assert.equal(sent.taken().length, 0);
}
const PROMPT = 1000;

async function givesUp(bench: GatewayBench): Promise<void> {
  const begin = performance.now();
  const sent = await bench.send({ to: bench.handle.vendor.numbers.slow! }, AbortSignal.timeout(300));
  checkOutcome(sent.outcome);
  assert.equal(sent.outcome.outcome, 'ambiguous');
  assert.ok(performance.now() - begin < 300 + PROMPT, 'when the signal says so');
  await bench.handle.vendor.settle();
  assert.equal(sent.taken().length, 1, 'sent once');
}
