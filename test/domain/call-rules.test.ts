import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { textProblems } from '../../src/domain/text-rules.ts';
import { parseOptions, type SekishoOptions } from '../../src/options.ts';
import { loadTexts } from '../../src/texts.ts';
import { createInbox } from '../support/inbox.ts';

function problems(more: Partial<SekishoOptions> = {}) {
  const options = parseOptions({
    issuer: 'https://login.example.jp',
    secrets: [Buffer.alloc(32, 1).toString('base64url')],
    store: {} as never,
    gateway: createInbox(),
    countries: ['JP'],
    ...more,
  });
  return textProblems(options, loadTexts('views/locales', options.texts));
}
const told = (texts: Record<string, string>, more: Partial<SekishoOptions> = {}) =>
  problems({ texts: { ja: texts }, ...more }).map(({ field, reason }) => `${field} ${reason}`);

describe('the texts of calls, looked at when it starts (GWY-08)', () => {
  it('are ours without a complaint, with the most digits, and with a long name', () => {
    const sms = { maxSegments: 3 };
    assert.deepEqual(
      problems({ sms, code: { length: 10 }, brand: { name: 'みらいインターネット銀行' } }),
      [],
    );
    assert.deepEqual(problems({ sms, brand: { name: '銀'.repeat(30) } }), []);
  });

  it('are refused where they do not read the code twice', () => {
    const once = ['texts.ja.voice.bind does not read the code twice (GWY-08)'];
    assert.deepEqual(told({ 'voice.bind': '{code}。' }), once);
    assert.deepEqual(told({ 'voice.bind': `{code}。${'ゼロ、'.repeat(6)}` }), once, 'zeros are no code');
  });

  it('are refused with a digit that says nothing, or the same as another, and with none kept apart', () => {
    assert.deepEqual(told({ 'voice.digit.4': '' }), ['texts.ja.voice.digit.4 says nothing']);
    assert.deepEqual(told({ 'voice.digit.0': '、' }), ['texts.ja.voice.digit.0 says nothing']);
    assert.deepEqual(told({ 'voice.digit.7': ' イチ' }), [
      'texts.ja.voice.digit.7 says the same as voice.digit.1',
    ]);
    assert.deepEqual(told({ 'voice.digit.7': 'ｲﾁ' }), [
      'texts.ja.voice.digit.7 says the same as voice.digit.1',
    ]);
    assert.deepEqual(told({ 'voice.pause': '' }), ['texts.ja.voice.pause keeps no digits apart']);
    assert.deepEqual(told({ 'voice.digit.4': '4', 'voice.digit.7': 'シチ' }), []);
  });

  it('are refused with a link, a telephone number or the code around the code (OTP-17)', () => {
    for (const key of ['call.invitation', 'call.farewell', 'call.expired', 'voice.digit.3', 'voice.pause']) {
      const reasonOf = (text: string) =>
        told({ [key]: text }).filter((line) => !line.includes('makes a call'));
      assert.deepEqual(reasonOf('mirai.jp'), [`texts.ja.${key} holds a link`]);
      assert.deepEqual(reasonOf('でんわ03-1234-5678'), [`texts.ja.${key} holds a telephone number`]);
      assert.deepEqual(reasonOf('コードは{code}'), [
        `texts.ja.${key} holds {code}, which nothing is filled in for`,
      ]);
    }
  });

  it('are refused where nothing is said', () => {
    for (const key of ['call.invitation', 'call.farewell', 'call.expired'])
      for (const text of ['', ' ', '……'])
        assert.deepEqual(told({ [key]: text }), [`texts.ja.${key} says nothing`]);
  });

  it('are refused where the call would be ended before the longest code was read twice', () => {
    const [found, ...more] = problems({
      texts: { ja: { 'voice.signin': `${'あ'.repeat(3000)}{code}。{code}` } },
    });
    assert.deepEqual([found!.field, more], ['texts.ja.voice.signin', []]);
    assert.match(found!.reason, /a call of about \d{3} seconds.* 60 end it \(GWY-08\)/);
    assert.match(found!.fix, /^Shorten it, texts\.ja\.call\.invitation or the name.*brand\.names\.ja/);
    for (const key of ['call.invitation', 'call.farewell', 'call.expired']) {
      const [reason, ...others] = told({ [key]: 'あ'.repeat(3000) });
      assert.match(
        reason!,
        new RegExp(`^texts\\.ja\\.${key} takes about 495 seconds to say, where \\d+ may pass`),
      );
      assert.deepEqual(others, []);
    }
  });

  it('may be as long as the code and its digits leave room for', () => {
    const text = (signs: number) => ({ 'voice.signin': `${'あ'.repeat(signs)}{code}。{code}` });
    const most = (more: Partial<SekishoOptions>) => {
      let signs = 0;
      while (told(text(signs), more).length === 0) signs += 1;
      return signs;
    };
    const sms = { maxSegments: 2 };
    const [six, ten] = [most({ sms }), most({ sms, code: { length: 10 } })];
    assert.ok(ten > 20 && six > ten + 15, `${six} signs beside six digits, ${ten} beside ten`);
    assert.ok(most({ sms, brand: { name: '銀'.repeat(20) } }) < six, 'a name is said twice');
  });
});
