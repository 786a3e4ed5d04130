import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ConfigurationError, type Problem } from '../../src/errors.ts';
import { createHttpGateway } from '../../src/gateways/http.ts';
import type { Gateway } from '../../src/ports/gateway.ts';
import { GATEWAYS, makeGateway } from '../support/made-gateways.ts';

const problemsOf = (make: () => Gateway): readonly Problem[] => {
  try {
    void make().close?.();
  } catch (error) {
    assert.ok(error instanceof ConfigurationError, String(error));
    return error.problems;
  }
  return [];
};
const made = (type: string, change: object) =>
  problemsOf(() => makeGateway(type, { ...GATEWAYS[type]![0], ...change }));

/** Where each vendor that reaches several countries is told a sender. */
const SENDERS: readonly [type: string, field: string, change: (sender: string) => object][] = [
  ['twilio', 'from', (from) => ({ from })],
  ['twilio', 'callFrom', (callFrom) => ({ callFrom })],
  ['vonage', 'from', (from) => ({ from })],
  ['vonage', 'callFrom', (callFrom) => ({ callFrom })],
  ['infobip', 'sender', (sender) => ({ sender })],
  ['infobip', 'voice.from', (from) => ({ voice: { from } })],
  ['aws', 'sender', (sender) => ({ sender })],
  ['aws', 'voiceSender', (voiceSender) => ({ voiceSender })],
];

describe('a sender that is a number without its country', () => {
  for (const [type, field, change] of SENDERS) {
    it(`is refused as ${field} of ${type}, which says how to write it`, () => {
      for (const sender of ['09012345678', '05012345678', '0312345678', '07400123456']) {
        const [problem, ...more] = made(type, change(sender));
        assert.equal(problem?.field, `gateway ${type}.${field}`, sender);
        assert.match(`${problem.reason} ${problem.fix}`, /\+?8150\d+/);
        assert.ok(!`${problem.reason} ${problem.fix}`.includes(sender));
        assert.deepEqual(more, []);
      }
    });
  }

  it('is told from names, short codes and service numbers, which stay what they are', () => {
    for (const sender of ['MIRAI', '12345', '0120123456', '815012345678'])
      for (const [type, field, change] of SENDERS.filter(([, name]) => name === 'sender'))
        assert.deepEqual(made(type, change(sender)), [], `${type}.${field} ${sender}`);
    assert.deepEqual(made('infobip', { sender: '00051234' }), []);
    for (const from of ['MIRAI', 'Bank 1', '+815012345678', '0005123456', '0120123456'])
      assert.deepEqual([...made('twilio', { from }), ...made('vonage', { from })], [], from);
  });

  it('is refused for SMPP only where the settings say that it is international', () => {
    const [problem, ...more] = made('smpp', { sender: '05012345678', sourceTon: 1 });
    assert.equal(problem?.field, 'gateway smpp.sender');
    assert.match(problem.fix, /\+81/);
    assert.deepEqual(more, []);
    for (const right of [
      { sender: '05012345678' },
      { sender: '05012345678', sourceTon: 2 },
      { sender: '+815012345678', sourceTon: 1 },
      { sender: '00051234' },
    ])
      assert.deepEqual(made('smpp', right), [], JSON.stringify(right));
  });

  it('is what vendors of one country may want', () => {
    const send = {
      url: 'https://sms.vendor.example/',
      fields: { from: '{{sender}}' },
      success: { status: 200 },
    };
    assert.deepEqual(
      problemsOf(() => createHttpGateway({ send, sender: '05012345678' })),
      [],
    );
  });
});
