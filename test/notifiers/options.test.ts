import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ConfigurationError, type Problem } from '../../src/errors.ts';
import { createEmailNotifier } from '../../src/notifiers/email.ts';
import { parseOptions } from '../../src/options.ts';
import { createAccounts } from '../support/directory.ts';
import { SECRET } from '../support/host.ts';
import { createInbox } from '../support/inbox.ts';

const notifier = createEmailNotifier({ host: 'mail.example', from: 'no-reply@id.example' });
const find = () => ({ email: 'a@mail.example' });
const NOTICES = { notifier, find };

const optionsWith = (more: object) =>
  parseOptions({
    ...{
      issuer: 'https://id.example',
      secrets: [SECRET],
      countries: ['JP'],
      store: {},
      gateway: createInbox(),
    },
    brand: { support: '03-0000-0000' },
    ...more,
  });

function problemsOf(more: object): readonly Problem[] {
  try {
    optionsWith(more);
  } catch (error) {
    assert.ok(error instanceof ConfigurationError, String(error));
    return error.problems;
  }
  return assert.fail('it was taken');
}

describe('the option notices', () => {
  it('is complete with a notifier and somebody who knows the addresses', () => {
    assert.equal(optionsWith({}).notices, undefined);
    assert.deepEqual(optionsWith({ notices: NOTICES }).notices, {
      ...NOTICES,
      locale: 'en',
      timeZone: 'UTC',
    });
    assert.equal(optionsWith({ notices: { notifier }, accounts: createAccounts() }).notices!.find, undefined);
  });

  const wrong: [more: object, field: string][] = [
    [{ notices: {} }, 'notices.notifier'],
    [{ notices: { notifier: 'email', find } }, 'notices.notifier'],
    [{ notices: { notifier: null, find } }, 'notices.notifier'],
    [{ notices: { notifier: { name: 'post' }, find } }, 'notices.notifier'],
    [{ notices: { notifier: { name: 'Post!', notify() {} }, find } }, 'notices.notifier'],
    [{ notices: { notifier, find: {} } }, 'notices.find'],
    [{ notices: { notifier } }, 'notices.find'],
    [{ notices: { ...NOTICES, locale: 'no_language!' } }, 'notices.locale'],
    [{ notices: { ...NOTICES, timeZone: 'Asia/Edo' } }, 'notices.timeZone'],
    [{ notices: { ...NOTICES, sms: true } }, 'notices.sms'],
    [{ notices: NOTICES, brand: {} }, 'brand.support'],
  ];
  for (const [more, field] of wrong) {
    it(`is refused at ${field} with reason and fix for ${JSON.stringify(more)}`, () => {
      const problems = problemsOf(more);
      assert.deepEqual(
        problems.map((problem) => problem.field),
        [field],
      );
      for (const { reason, fix } of problems) assert.ok(reason.length > 4 && fix.length > 4);
    });
  }
});

describe('e-mail and codes (OTP-08)', () => {
  /** Everything about it that could be taken for a gateway. */
  const posing = { ...notifier, channels: ['email'], send: async () => ({ outcome: 'accepted' }) };

  for (const [what, more, field] of [
    ['a notifier as the gateway', { gateway: notifier }, 'gateway'],
    [
      'a notifier among the gateways',
      { gateway: undefined, gateways: [createInbox(), notifier] },
      'gateways.1',
    ],
    ['a gateway with the channel email', { gateway: posing }, 'gateway'],
    ['a gateway with email beside sms', { gateway: { ...posing, channels: ['sms', 'email'] } }, 'gateway'],
    ['a gateway as the notifier', { notices: { notifier: createInbox(), find } }, 'notices.notifier'],
    [
      'one thing as both',
      { notices: { notifier: { ...createInbox(), ...notifier }, find } },
      'notices.notifier',
    ],
  ] as const) {
    it(`refuses ${what}, and names the rule`, () => {
      const [problem, ...others] = problemsOf(more);
      assert.deepEqual([problem!.field, others], [field, []]);
      assert.match(problem!.reason, /OTP-08/);
    });
  }

  it('refuses a route by e-mail, and one to the notifier', () => {
    const via = ['inbox'];
    for (const routes of [[{ channels: ['email'], via }], [{ via: ['email'] }], [{ types: ['email'], via }]])
      assert.match(problemsOf({ routes, notices: NOTICES })[0]!.field, /^routes\.0\./);
  });

  it('has no option that names e-mail as a way for codes', () => {
    for (const more of [
      { email: {} },
      { channels: ['email'] },
      { fallback: { undelivered: ['email'] } },
      { fallback: { late: ['email'] } },
    ])
      assert.equal(problemsOf(more).length, 1);
  });

  it('have no part in common: a notifier has neither channels nor send', () => {
    assert.deepEqual(Object.keys(notifier).sort(), ['close', 'findings', 'name', 'notify']);
  });
});
