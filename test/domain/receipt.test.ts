import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  advance,
  hasArrived,
  hasFailed,
  isFinal,
  type MessageState,
  stateTold,
} from '../../src/domain/receipt.ts';

const STATES: MessageState[] = [
  ...([
    'sending',
    'ambiguous',
    'accepted',
    'sent',
    'delivered',
    'undelivered',
    'expired',
    'unknown',
  ] as const),
  ...([
    'rejected',
    'ringing',
    'answered',
    'heard',
    'busy',
    'no-answer',
    'machine',
    'unheard',
    'failed',
  ] as const),
];
const state = fc.constantFrom(...STATES);
const run = (told: readonly MessageState[], from: MessageState = 'sending') => told.reduce(advance, from);

describe('receipts (GWY-04)', () => {
  it('never take a message back: once it has ended it stays ended, and once it has arrived it stays arrived', () => {
    fc.assert(
      fc.property(fc.array(state), fc.array(state), (before, after) => {
        const known = run(before);
        const later = run(after, known);
        if (isFinal(known)) assert.ok(isFinal(later));
        if (hasArrived(known)) assert.equal(later, known);
        if (hasFailed(known) && known !== 'unheard') assert.equal(later, known, 'the first end wins');
      }),
    );
  });

  it('say the same however often each of them comes', () => {
    fc.assert(
      fc.property(fc.array(state), (told) => {
        assert.equal(run(told.flatMap((one) => [one, one])), run(told));
      }),
    );
  });

  it('lead to the same end in any order, as long as they name one end', () => {
    const path = fc.shuffledSubarray(['accepted', 'sent', 'delivered'] as MessageState[], { minLength: 3 });
    fc.assert(fc.property(path, (told) => assert.equal(run(told), 'delivered')));
  });

  it('take the place of a refusal that comes after them, also where they are about no end (GWY-05)', () => {
    for (const told of STATES) {
      const expected = told === 'sending' ? 'rejected' : told;
      assert.equal(advance(told, 'rejected'), expected, told);
    }
    assert.equal(advance('rejected', 'sent'), 'rejected', 'the next gateway was asked by then');
  });

  it('turn unknown into delivered, and nothing else that has ended', () => {
    assert.equal(advance('unknown', 'delivered'), 'delivered');
    assert.equal(advance('unknown', 'undelivered'), 'unknown');
    assert.equal(advance('undelivered', 'delivered'), 'undelivered');
    assert.equal(advance('delivered', 'undelivered'), 'delivered');
  });

  it('of a call that ended say unheard until a key press says heard, whichever comes first', () => {
    assert.equal(run(['ringing', 'answered', 'heard', 'unheard']), 'heard');
    assert.equal(run(['ringing', 'answered', 'unheard', 'heard']), 'heard');
    assert.equal(run(['machine', 'heard']), 'machine');
  });

  it('of a call without a key press count an answered one as heard, and no other', () => {
    const completed = { type: 'call', state: 'completed' } as const;
    assert.equal(stateTold(completed, 'answered', 'machine-detection'), 'heard');
    assert.equal(stateTold(completed, 'answered', 'key-press'), 'unheard');
    assert.equal(stateTold(completed, 'ringing', 'machine-detection'), 'unheard');
    const answered = { type: 'call', state: 'answered' } as const;
    assert.equal(stateTold(answered, 'unheard', 'machine-detection'), 'heard', 'the wrong way round');
    assert.equal(stateTold(answered, 'unheard', 'key-press'), 'answered');
    assert.equal(stateTold(answered, 'ringing', 'machine-detection'), 'answered');
  });
});
