import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { HttpAnswer } from '../../../src/gateways/wire/client.ts';
import { byStatus, outcomeOf, rejected, retryAfterOf, wordOf } from '../../../src/gateways/wire/outcome.ts';

const answer = (status: number, headers: Record<string, string> = {}): HttpAnswer => ({
  ...{ status, headers, text: '' },
  json: () => undefined,
});
const accepted = () => ({ outcome: 'accepted' }) as const;

describe('what became of a send (GWY-02, lesson 22)', () => {
  it('is nothing without a connection, and unknown without an answer', () => {
    const temporary = { outcome: 'rejected', class: 'temporary', code: 'ECONNREFUSED' };
    assert.deepEqual(outcomeOf({ sent: 'never', code: 'ECONNREFUSED' }, accepted), temporary);
    assert.deepEqual(outcomeOf({ sent: 'maybe', code: 'timeout' }, accepted), {
      outcome: 'ambiguous',
      code: 'timeout',
    });
  });

  it('is what the answer says, and unknown where it makes no sense', () => {
    const told = { sent: 'answered', answer: answer(200) } as const;
    assert.deepEqual(outcomeOf(told, accepted), { outcome: 'accepted' });
    assert.deepEqual(
      outcomeOf(told, () => undefined),
      { outcome: 'ambiguous', code: 'http.200' },
    );
    const fails = () => {
      throw new Error('no such field');
    };
    assert.deepEqual(outcomeOf(told, fails), { outcome: 'ambiguous', code: 'unreadable' });
  });

  it('follows from the status where nothing else is said', () => {
    const classes = (status: number) => {
      const outcome = byStatus(answer(status));
      return outcome.outcome === 'rejected' ? outcome.class : outcome.outcome;
    };
    const expected = {
      ...{
        200: 'ambiguous',
        202: 'ambiguous',
        302: 'ambiguous',
        400: 'permanent',
        401: 'auth',
        402: 'quota',
      },
      ...{ 403: 'auth', 404: 'permanent', 422: 'permanent', 429: 'throttled', 500: 'temporary' },
      ...{ 408: 'ambiguous', 409: 'ambiguous', 410: 'permanent', 425: 'ambiguous' },
      ...{ 502: 'ambiguous', 503: 'temporary', 504: 'ambiguous' },
    };
    for (const [status, kind] of Object.entries(expected))
      assert.equal(classes(Number(status)), kind, status);
  });

  it('says when to come again, in milliseconds and a day at most', () => {
    const after = (value: string) => retryAfterOf({ 'retry-after': value });
    assert.deepEqual(
      [after('7'), after('0'), after('9999999'), retryAfterOf({})],
      [7000, 0, 86_400_000, undefined],
    );
    for (const value of ['', '-1', 'soon', 'NaN', 'Infinity', 'Wed, 21 Oct 2026 07:28:00 GMT']) {
      assert.equal(after(value), undefined, value);
    }
    assert.deepEqual(byStatus(answer(429, { 'retry-after': '7' })), rejected('throttled', 'http.429', 7000));
  });

  it('carries a word of the vendor, and no sentence (LOG-02)', () => {
    assert.equal(wordOf('Error: +81 90 "code"\n'), 'Error:8190code');
    assert.equal(wordOf('x'.repeat(100)).length, 60);
    assert.deepEqual([wordOf(21610), wordOf(null), wordOf(undefined)], ['21610', '', '']);
    assert.deepEqual(rejected('number', ''), { outcome: 'rejected', class: 'number' });
  });
});
