import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createBreaker } from '../../src/domain/breaker.ts';

const SECOND = 1000;

/** A circuit after so many failures, one a second. */
function failed(times: number) {
  const breaker = createBreaker();
  const changes = Array.from({ length: times }, (_, at) => breaker.report(false, at * SECOND));
  return { breaker, changes, now: (times - 1) * SECOND };
}

describe('a circuit (GWY-02)', () => {
  it('stays closed for four failures in half a minute, and opens with the fifth', () => {
    assert.deepEqual(failed(4).changes, [undefined, undefined, undefined, undefined]);
    assert.ok(failed(4).breaker.allows(4 * SECOND));
    const { breaker, changes, now } = failed(5);
    assert.equal(changes.at(-1), 'opened');
    assert.ok(!breaker.allows(now));
  });

  it('does not add up failures that are further apart, nor across a success', () => {
    const breaker = createBreaker();
    for (let at = 0; at < 20; at += 1) assert.equal(breaker.report(false, at * 8 * SECOND), undefined);
    const other = createBreaker();
    for (let at = 0; at < 20; at += 1) assert.equal(other.report(at % 5 === 4, at * SECOND), undefined);
  });

  it('lets one message at a time try after half a minute, and closes when that goes through', () => {
    const { breaker, now } = failed(5);
    assert.ok(!breaker.allows(now + 29_999));
    assert.ok(breaker.allows(now + 30_000));
    assert.ok(!breaker.allows(now + 30_001), 'the others wait for its result');
    assert.equal(breaker.report(true, now + 31_000), 'closed');
    assert.ok(breaker.allows(now + 31_001) && breaker.allows(now + 31_002));
  });

  it('stays open for another half minute when the try fails, and when nobody says what became of it', () => {
    const { breaker, now } = failed(5);
    assert.ok(breaker.allows(now + 30_000));
    assert.equal(breaker.report(false, now + 30_100), undefined);
    assert.ok(!breaker.allows(now + 60_000));
    assert.ok(breaker.allows(now + 60_100), 'the next try');
    assert.ok(!breaker.allows(now + 90_000), 'it has half a minute to report');
    assert.ok(breaker.allows(now + 90_100));
  });

  it('lets nothing through while the vendor wants to be left alone, for a minute at most (lesson 22)', () => {
    const breaker = createBreaker();
    breaker.pause(0, 20 * SECOND);
    assert.ok(!breaker.allows(19_999));
    assert.ok(breaker.allows(20_000));
    breaker.pause(0, 3600 * SECOND);
    assert.ok(!breaker.allows(59_999));
    assert.ok(breaker.allows(60_000));
  });
});
