import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readAnswer } from '../../src/gateways/aws/answers.ts';
import { readEvents } from '../../src/gateways/aws/events.ts';

const NOW = Date.UTC(2026, 5, 1, 3);
const ID = 'abcdefghijklmnopqrstuv';

describe('what AWS answers', () => {
  const read = (body: object, status = 400, headers = {}) =>
    readAnswer({ status, headers, text: '', json: () => body });
  const named = (name: string, more: object = {}) =>
    read({ __type: `com.amazonaws.pinpointsmsvoicev2#${name}`, ...more });

  for (const [name, reason, expected] of [
    ['ThrottlingException', '', 'throttled'],
    ['InternalServerException', '', 'temporary'],
    ['ServiceQuotaExceededException', 'MONTHLY_SPEND_LIMIT_REACHED_FOR_TEXT', 'quota'],
    ['ServiceQuotaExceededException', 'DAILY_DESTINATION_CALL_LIMIT', 'quota'],
    ['ConflictException', 'DESTINATION_PHONE_NUMBER_OPTED_OUT', 'opt-out'],
    ['ConflictException', 'DESTINATION_PHONE_NUMBER_BLOCKED_BY_PROTECT_NUMBER_OVERRIDE', 'blocked'],
    ['ConflictException', 'DESTINATION_COUNTRY_BLOCKED_BY_PROTECT_CONFIGURATION', 'blocked'],
    ['ConflictException', 'DESTINATION_PHONE_NUMBER_NOT_VERIFIED', 'quota'],
    ['ConflictException', 'NO_ORIGINATION_IDENTITIES_FOUND', 'permanent'],
    ['ConflictException', '', 'permanent'],
    ['ValidationException', 'PRICE_OVER_THRESHOLD', 'permanent'],
    ['ValidationException', 'DESTINATION_COUNTRY_BLOCKED', 'blocked'],
    ['ResourceNotFoundException', '', 'permanent'],
    ['AccessDeniedException', 'ACCOUNT_DISABLED', 'auth'],
    ['UnrecognizedClientException', '', 'auth'],
    ['InvalidSignatureException', '', 'auth'],
    ['ExpiredTokenException', '', 'auth'],
  ] as const) {
    it(`is ${expected} for ${name} ${reason}`, () => {
      assert.deepEqual(named(name, reason ? { Reason: reason } : {}), {
        outcome: 'rejected',
        class: expected,
        code: (reason || name).slice(0, 60),
      });
    });
  }

  it('is about the number where that field was not valid', () => {
    const fields = [{ Name: 'DestinationPhoneNumber', Message: 'canary +819012345678' }];
    assert.deepEqual(named('ValidationException', { Reason: 'INVALID_PARAMETER', Fields: fields }), {
      outcome: 'rejected',
      class: 'number',
      code: 'INVALID_PARAMETER',
    });
  });

  it('says in a header when to come again, and never quotes what it says (LOG-02)', () => {
    const headers = { 'retry-after': '7', 'x-amzn-errortype': 'ThrottlingException:http://canary' };
    assert.deepEqual(read({ Reason: 'canary 482913', message: 'canary' }, 400, headers), {
      ...{ outcome: 'rejected', class: 'throttled', code: 'ThrottlingException', retryAfter: 7000 },
    });
    for (const name of ['__proto__', 'constructor', 'toString', 'NeverHeardOf']) {
      assert.equal(named(name), undefined, name);
      assert.equal(
        (named('ConflictException', { Reason: name.toUpperCase() }) as { class: string }).class,
        'permanent',
      );
    }
  });
});

describe('what AWS publishes', () => {
  const event = (eventType: string, more: object = {}) =>
    readEvents(JSON.stringify({ eventType, messageId: 'm-1', context: { id: ID }, ...more }));

  for (const [type, state, reason] of [
    ['TEXT_QUEUED', 'accepted'],
    ['TEXT_PENDING', 'accepted'],
    ['TEXT_SENT', 'sent'],
    ['TEXT_SUCCESSFUL', 'sent'],
    ['TEXT_DELIVERED', 'delivered'],
    ['TEXT_BLOCKED', 'undelivered', 'blocked'],
    ['TEXT_CARRIER_BLOCKED', 'undelivered', 'blocked'],
    ['TEXT_SPAM', 'undelivered', 'blocked'],
    ['TEXT_PROTECT_BLOCKED', 'undelivered', 'blocked'],
    ['TEXT_UNREACHABLE', 'undelivered', 'unreachable'],
    ['TEXT_CARRIER_UNREACHABLE', 'undelivered', 'temporary'],
    ['TEXT_INVALID', 'undelivered', 'number'],
    ['TEXT_INVALID_MESSAGE', 'undelivered', 'permanent'],
    ['TEXT_TTL_EXPIRED', 'expired'],
    ['TEXT_UNKNOWN', 'unknown'],
  ] as const) {
    it(`is ${state}${reason ? `, ${reason}` : ''} for ${type}`, () => {
      assert.deepEqual(event(type), [
        {
          ...{ type: 'receipt', state, code: type, id: ID, vendorId: 'm-1' },
          ...(reason ? { class: reason } : {}),
        },
      ]);
    });
  }

  it('counts as delivered where the yes of the carrier is final', () => {
    assert.deepEqual(
      event('TEXT_SUCCESSFUL', { isFinal: true, mcc: '440', mnc: '10', eventTimestamp: NOW }),
      [
        {
          type: 'receipt',
          state: 'delivered',
          code: 'TEXT_SUCCESSFUL',
          carrier: '44010',
          id: ID,
          vendorId: 'm-1',
          at: NOW,
        },
      ],
    );
  });

  it('tells how a call goes', () => {
    const states = ['RINGING', 'ANSWERED', 'COMPLETED', 'BUSY', 'NO_ANSWER', 'FAILED', 'TTL_EXPIRED'];
    assert.deepEqual(
      states.map((state) => event(`VOICE_${state}`)[0]),
      ['ringing', 'answered', 'completed', 'busy', 'no-answer', 'failed', 'failed'].map((state) => ({
        ...{ type: 'call', state, id: ID, vendorId: 'm-1' },
      })),
    );
    assert.deepEqual(event('VOICE_INITIATED'), []);
  });

  it('brings what a person writes', () => {
    for (const [text, keyword] of [
      ['STOP', 'stop'],
      [' ｓｔｏｐ。', 'stop'],
      ['停止', 'stop'],
      ['Start', 'start'],
      ['do not stop', null],
    ] as const) {
      const told = { originationNumber: '+819012345678', messageBody: text };
      assert.deepEqual(readEvents(JSON.stringify(told)), [
        { type: 'inbound', from: '+819012345678', keyword },
      ]);
    }
  });

  it('names nothing that is not ours, and takes anything (attack 7)', () => {
    assert.deepEqual(event('TEXT_DELIVERED', { context: { id: '../x' } }), [
      { type: 'receipt', state: 'delivered', code: 'TEXT_DELIVERED', vendorId: 'm-1' },
    ]);
    for (const text of [
      '',
      'null',
      '[]',
      '{',
      '{"eventType":"__proto__","messageId":"m"}',
      '{"eventType":1}',
    ]) {
      assert.deepEqual(readEvents(text), [], text);
    }
  });
});
