import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { helpFor } from '../../src/pages/help.ts';
import { NOTHING_YET, type Progress } from '../../src/pages/progress.ts';
import { newsIn } from '../support/pages.ts';

const failed = (own: Partial<Progress>): Partial<Progress> => ({ failed: true, final: true, ...own });
const REASONS = ['unreachable', 'blocked', 'number', 'opt-out', 'recycled', 'temporary'] as const;
const SMS = [
  ...(['sending', 'ambiguous', 'accepted', 'sent', 'delivered', 'undelivered', 'expired'] as const),
  ...(['unknown', 'rejected'] as const),
];
const CALL = [
  ...(['sending', 'ambiguous', 'accepted', 'ringing', 'answered', 'heard', 'busy', 'no-answer'] as const),
  ...(['machine', 'unheard', 'failed', 'rejected', 'unknown'] as const),
];
const help = (own: Partial<Progress>, phone: Partial<Parameters<typeof helpFor>[1]> = {}) =>
  helpFor(
    { ...NOTHING_YET, ...own },
    { country: 'GB', changeable: false, channels: ['sms', 'voice'], ...phone },
  );

describe('what is told about a message', () => {
  it('is another sentence for every state of a text and of a call, in every language', () => {
    for (const lang of ['ja', 'en']) {
      const texts = [
        ...SMS.map((state) => newsIn(lang, { state, channel: 'sms' }).text),
        ...CALL.map((state) => newsIn(lang, { state, channel: 'voice' }).text),
        ...(['sms', 'voice'] as const).map((channel) => newsIn(lang, { channel, late: true }).text),
        ...REASONS.slice(0, 5).map((reason) => newsIn(lang, failed({ state: 'undelivered', reason })).text),
      ];
      assert.equal(new Set(texts).size, texts.length, lang);
      for (const text of texts) assert.doesNotMatch(text, /[{}]|\d|^delivery/);
    }
  });

  it('never says that a delivered code proves anything: the person still enters it', () => {
    for (const state of ['delivered', 'heard'] as const) {
      const channel = state === 'heard' ? 'voice' : 'sms';
      const own = { state, channel, arrived: true, final: true } as const;
      assert.match(newsIn('en', own).text, /Enter/);
      assert.match(newsIn('ja', own).text, /ご入力ください/);
      for (const lang of ['ja', 'en'])
        assert.doesNotMatch(newsIn(lang, own).text, /verified|confirmed|認証しました|確認が完了/i);
    }
  });

  it('says why the code came another way, and what to do with the call meanwhile', () => {
    const own = { state: 'ringing', channel: 'voice', fellBack: 'undelivered' } as const;
    assert.equal(
      newsIn('en', own).text,
      'The text message did not arrive, so we are calling you. Your phone is ringing. Answer it and follow the instructions.',
    );
    assert.match(
      newsIn('ja', own).text,
      /^SMSをお届けできなかったため、お電話に切り替えました。呼び出しています。/,
    );
    assert.equal(
      newsIn('en', { ...own, state: 'sending' }).text,
      'The text message did not arrive, so we are calling you.',
    );
    assert.match(
      newsIn('en', { state: 'sent', fellBack: 'late' }).text,
      /no word .* we are sending the code again/,
    );
  });

  it('still says why it called when the call failed too, with help for both', () => {
    const own = { channel: 'voice', fellBack: 'undelivered' } as const;
    const told = (lang: string, state: Progress['state'], more: Partial<Progress> = own) =>
      newsIn(lang, failed({ ...more, state })).text;
    assert.equal(
      told('en', 'failed'),
      'The text message could not be delivered, so we tried to call you. The call did not get through.',
    );
    assert.equal(
      told('ja', 'busy'),
      'SMSをお届けできなかったため、お電話に切り替えましたが、お話し中のため、お電話がつながりませんでした。',
    );
    assert.match(told('en', 'machine', { ...own, fellBack: 'late' }), /^We had no word .* answering machine/);
    assert.equal(
      told('en', 'busy', { channel: 'voice' }),
      'The line was busy, so the call did not get through.',
    );
    assert.deepEqual(help(failed({ ...own, state: 'busy' })), ['help.busy', 'help.filter', 'help.contract']);
    assert.deepEqual(help(failed({ channel: 'voice', state: 'busy' })), ['help.busy']);
  });

  it('claims of nobody that they said STOP, which a vendor may have set, and names another way back', () => {
    for (const [lang, claim, way] of [
      ['en', /repl(y|ied) STOP|has stopped/, /reply START .* contact us/],
      ['ja', /STOP|お申し出/, /「START」と返信.*お問い合わせください/],
    ] as const) {
      const { text, help: points } = newsIn(lang, failed({ state: 'rejected', reason: 'opt-out' }));
      assert.doesNotMatch(text, claim);
      assert.match(points.join('\n'), way);
    }
  });

  it('is told to screen readers once for each change that matters, and never during a call (A11-06)', () => {
    const tell = (own: Partial<Progress>) => newsIn('en', own).tell;
    for (const state of ['sending', 'ambiguous', 'accepted', 'sent'] as const)
      assert.equal(tell({ state }), '');
    for (const state of ['sending', 'accepted', 'ringing', 'answered'] as const)
      assert.equal(tell({ state, channel: 'voice' }), '');
    assert.equal(tell({ state: 'heard', channel: 'voice', arrived: true }), '', 'the code is being typed');
    assert.equal(tell({ state: 'ringing', channel: 'voice', fellBack: 'undelivered' }), '');
    const words = [
      tell({ state: 'delivered', arrived: true }),
      tell({ late: true }),
      tell({ state: 'unknown' }),
      tell(failed({ state: 'undelivered' })),
      tell(failed({ state: 'busy', channel: 'voice' })),
      tell({ state: 'sending', channel: 'voice', fellBack: 'undelivered' }),
    ];
    assert.ok(words.every(Boolean));
    assert.equal(new Set(words).size, words.length);
  });

  it('looks bad only where it failed, and opens the help then and when it is late or unknown', () => {
    const look = (own: Partial<Progress>) => {
      const { tone, helpOpen } = newsIn('en', own);
      return `${tone} ${helpOpen}`;
    };
    assert.equal(look({ state: 'sent' }), 'wait false');
    assert.equal(look({ state: 'ambiguous' }), 'wait false');
    assert.equal(look({ state: 'delivered', arrived: true }), 'good false');
    assert.equal(look({ state: 'sent', helpIn: 1 }), 'wait false');
    assert.equal(look({ state: 'sent', helpIn: 0 }), 'wait true', 'half a minute is no failure yet');
    assert.equal(look({ state: 'delivered', arrived: true, helpIn: 0 }), 'good true');
    assert.equal(look({ state: 'sent', late: true }), 'care true');
    assert.equal(look({ state: 'unknown' }), 'care true');
    assert.equal(look(failed({ state: 'undelivered' })), 'bad true');
  });
});

describe('the help', () => {
  it('is about what went wrong with a text', () => {
    const undelivered = (reason: Progress['reason']) => help(failed({ state: 'undelivered', reason }));
    assert.deepEqual(undelivered('unreachable'), ['help.reach', 'help.full', 'help.again']);
    assert.deepEqual(undelivered('blocked'), ['help.filter', 'help.again']);
    assert.deepEqual(undelivered('number'), ['help.contract', 'help.support']);
    assert.deepEqual(undelivered('opt-out'), ['help.start']);
    assert.deepEqual(undelivered('recycled'), ['help.support']);
    assert.deepEqual(help(failed({ state: 'rejected', reason: 'temporary' })), ['help.again']);
    assert.deepEqual(help(failed({ state: 'expired' })).at(0), 'help.reach');
  });

  it('is about what went wrong with a call', () => {
    const call = (state: Progress['state']) => help(failed({ state, channel: 'voice' })).at(0);
    assert.equal(call('busy'), 'help.busy');
    assert.equal(call('no-answer'), 'help.callers');
    assert.equal(call('machine'), 'help.machine');
    assert.equal(call('unheard'), 'help.keys');
    assert.equal(call('rejected'), 'help.again');
    assert.equal(call('failed'), 'help.reach');
  });

  it('covers everything usual after half a minute without news: signal, filters, contract, storage, an old code', () => {
    assert.deepEqual(help({ state: 'sent', late: true }), [
      ...['help.reach', 'help.filter', 'help.contract', 'help.full', 'help.newest'],
    ]);
    assert.deepEqual(help({ channel: 'voice', late: true }), ['help.reach', 'help.callers', 'help.keys']);
  });

  it('is about finding what arrived, and hearing what was read out', () => {
    const arrived = { arrived: true, final: true };
    assert.deepEqual(help({ state: 'delivered', ...arrived }), [
      ...['help.arrived', 'help.newest', 'help.again'],
    ]);
    assert.equal(help({ state: 'delivered', ...arrived }, { changeable: true })[0], 'help.number');
    assert.deepEqual(help({ state: 'heard', channel: 'voice', ...arrived }), ['help.listen', 'help.newest']);
    assert.match(newsIn('en', { state: 'delivered', ...arrived }).help[0]!, /\+Message/);
    assert.doesNotMatch(newsIn('en', { state: 'delivered', ...arrived }, 'GB').help[0]!, /\+Message/);
  });

  it('names settings of Japanese carriers for numbers of Japan, and for no others', () => {
    for (const lang of ['ja', 'en']) {
      for (const own of [{ late: true }, failed({ state: 'undelivered', reason: 'blocked' })]) {
        const words = (country: string) => newsIn(lang, own, country).help.join('\n');
        assert.match(words('JP'), /国際SMS拒否|docomo/);
        for (const country of ['GB', 'US', 'KR'])
          assert.doesNotMatch(words(country), /国際SMS拒否|docomo|050/);
      }
      const call = (country: string) =>
        newsIn(lang, failed({ state: 'no-answer', channel: 'voice' }), country).help.join('\n');
      assert.match(call('JP'), /番号通知サービス|SoftBank/);
      assert.doesNotMatch(call('GB'), /番号通知サービス|SoftBank/);
    }
  });

  it('has the number checked only while it may be changed (A11-10), and the support asked only when not', () => {
    const wrong = failed({ state: 'undelivered', reason: 'number' });
    assert.deepEqual(help(wrong, { changeable: true }), ['help.number', 'help.contract']);
    assert.ok(!help({ late: true }).includes('help.number'));
    assert.equal(help({ late: true }, { changeable: true })[0], 'help.number');
  });

  it('proposes to try again only where that is possible, and is never empty', () => {
    assert.ok(
      !help(failed({ state: 'undelivered', reason: 'blocked' }), { channels: [] }).includes('help.again'),
    );
    for (const channel of ['sms', 'voice'] as const) {
      for (const reason of [null, ...REASONS]) {
        for (const changeable of [true, false]) {
          const own = failed({ state: 'rejected', channel, reason });
          assert.ok(help(own, { changeable, channels: [] }).length > 0, `${channel} ${reason}`);
        }
      }
    }
  });

  it('proposes another call only where there can be one', () => {
    for (const [state, topic] of [
      ['busy', 'help.busy'],
      ['machine', 'help.machine'],
    ] as const) {
      const own = failed({ state, channel: 'voice' });
      assert.deepEqual(help(own), [topic]);
      for (const channels of [['sms'], []] as const)
        assert.ok(!help(own, { channels }).includes(topic), `${state} ${channels}`);
    }
    const heard = { state: 'heard', channel: 'voice', arrived: true } as const;
    assert.deepEqual(help(heard, { channels: ['sms'] }), ['help.newest']);
  });

  it('has its own words in every language', () => {
    for (const state of [...SMS, ...CALL]) {
      for (const country of ['JP', 'GB']) {
        const [ja, en] = ['ja', 'en'].map((lang) => newsIn(lang, failed({ state }), country).help);
        assert.equal(ja!.length, en!.length);
        for (const [at, text] of ja!.entries()) assert.notEqual(text, en![at]);
      }
    }
  });
});
