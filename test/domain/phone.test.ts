import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { maskPhone, readPhone } from '../../src/domain/phone.ts';

const code = (entry: string, countries = ['JP', 'GB']) => {
  try {
    readPhone(entry, countries);
    return 'accepted';
  } catch (error) {
    return (error as { code: string }).code;
  }
};

describe('a telephone number', () => {
  it('is read in any usual spelling', () => {
    const spellings = [
      '090-1234-5678',
      '09012345678',
      '+81 90 1234 5678',
      '+81-90-1234-5678',
      '０９０（１２３４）５６７８',
      '０９０－１２３４－５６７８',
      '090ー1234ー5678',
      '\u202d090-1234-5678\u202c',
      ' 090 1234 5678 ',
    ];
    for (const spelling of spellings)
      assert.equal(readPhone(spelling, ['JP']).e164, '+819012345678', spelling);
  });

  it('holds nothing but one number (GWY-07, attack 13)', () => {
    const hostile = [
      '+8190\r\nX: y',
      '+819012345678&To=+19005550100',
      '+819012345678,+819012345679',
      '+819012345678;ext=1',
      '*31#09012345678',
      '+8190-CALL-ME-NOW',
      '9'.repeat(1000),
      '',
      '+',
    ];
    for (const entry of hostile) assert.equal(code(entry), 'number_invalid', JSON.stringify(entry));
  });

  it('of a country or a kind that is not sent to is refused (THR-04)', () => {
    for (const entry of [
      '+12125550123',
      '+883510012345678',
      '+447012345678',
      '0120-123-456',
      '0990-500-500',
    ]) {
      assert.notEqual(code(entry), 'accepted', entry);
    }
    assert.equal(code('+447400123456'), 'accepted');
    assert.equal(code('+447400123456', ['JP']), 'number_not_allowed');
  });

  it('of a fixed line is reached by voice only', () => {
    assert.deepEqual(readPhone('03-1234-5678', ['JP']).channels, ['voice']);
    assert.deepEqual(readPhone('090-1234-5678', ['JP']).channels, ['sms', 'voice']);
  });

  it('shows its last two digits at most (PRV-03)', () => {
    assert.equal(maskPhone('+819012345678'), '••••••••78');
  });
});
