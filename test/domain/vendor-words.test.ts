import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { isEvent, nameToTell, readOutcome } from '../../src/domain/vendor-words.ts';

describe('what a gateway answers', () => {
  it('is passed on where the port knows it', () => {
    for (const outcome of [
      { outcome: 'accepted' },
      { outcome: 'accepted', vendorId: 'SM1' },
      { outcome: 'rejected', class: 'quota', code: '30001' },
      { outcome: 'ambiguous', code: 'timeout' },
    ])
      assert.deepEqual(readOutcome(outcome), outcome);
  });

  it('may have left whenever it makes no sense, and is never called accepted then', () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        const { outcome } = readOutcome(value);
        if ((value as { outcome?: unknown } | null)?.outcome !== 'accepted')
          assert.notEqual(outcome, 'accepted');
      }),
    );
    for (const value of [undefined, null, 'accepted', 1, [], {}, { outcome: 'ok' }])
      assert.equal(readOutcome(value).outcome, 'ambiguous');
  });

  it('tells no code that could quote a number or a text (LOG-02)', () => {
    for (const code of [
      '+819012345678',
      'to 819012345678',
      '819012345678',
      'あ',
      '1 2',
      'x'.repeat(61),
      5,
      {},
    ])
      assert.deepEqual(readOutcome({ outcome: 'ambiguous', code }), { outcome: 'ambiguous' });
  });

  it('has a class we know, or one that lets another gateway try', () => {
    assert.deepEqual(readOutcome({ outcome: 'rejected', class: '+81901234' }), {
      outcome: 'rejected',
      class: 'unknown',
    });
    assert.deepEqual(readOutcome({ outcome: 'rejected' }), { outcome: 'rejected', class: 'unknown' });
  });
});

describe('the name that a vendor has for a message', () => {
  const tell = (name: string, digits?: string) => nameToTell(name, '+819012345678', digits);

  it('is told as it is', () => {
    for (const name of ['SM2d9a', '2250be2d4219-3af1-78856', '4483463488883501234', 'a:b/c+d=@e'])
      assert.deepEqual([tell(name), tell(name, '482913')], [name, name]);
  });

  it('is left out where it could quote the number, the code or the text (LOG-02)', () => {
    const quotes = [
      '+819012345678',
      'to-9012-345678',
      'msg.345.678',
      'Your code',
      '123 456',
      '',
      'x'.repeat(101),
    ];
    for (const name of quotes) assert.equal(tell(name, '482913'), undefined, name);
    for (const name of ['482913', 'id-482913', '4829-13'])
      assert.equal(tell(name, '482913'), undefined, name);
    assert.equal(tell('482913'), undefined, 'nobody knows any more what the code was');
  });
});

describe('what a gateway makes of a webhook (GWY-04)', () => {
  it('is an event of the port, or nothing', () => {
    assert.ok(isEvent({ type: 'receipt', state: 'sent' }));
    assert.ok(isEvent({ type: 'call', state: 'busy', id: 'x' }));
    assert.ok(isEvent({ type: 'inbound', from: '+81', keyword: 'stop' }));
    const junk = [null, 1, 'receipt', {}, { type: 'receipt' }, { type: 'receipt', state: 'verified' }];
    const more = [
      { type: 'call', state: 'delivered' },
      { type: 'receipt', state: 'sent', id: 5 },
      { type: 'inbound' },
    ];
    const huge = { type: 'receipt', state: 'sent', vendorId: 'x'.repeat(201) };
    for (const value of [...junk, ...more, huge, { type: 'verified', state: 'sent' }])
      assert.ok(!isEvent(value));
  });
});
