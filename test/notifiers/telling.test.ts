import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import type { Core } from '../../src/domain/core.ts';
import { isWorthTelling, tellAccount } from '../../src/domain/notices.ts';
import type { SekishoEvent } from '../../src/events.ts';
import type { SekishoOptions } from '../../src/index.ts';
import { parseOptions } from '../../src/options.ts';
import type { FindAddress, Notice, Notifier } from '../../src/ports/notifier.ts';
import { buildCore } from '../../src/sekisho/core.ts';
import { openSqliteStore } from '../../src/stores/sqlite.ts';
import { createAccounts } from '../support/directory.ts';
import { PHONES, SECRET } from '../support/host.ts';
import { createInbox } from '../support/inbox.ts';

const NOON = Date.UTC(2026, 5, 1, 3, 0, 0);
const BOUND = { notice: 'number_bound', e164: PHONES.alice } as const;

let notices: Notice[];
let events: SekishoEvent[];
let logged: string[];
let notify: Notifier['notify'];
let shut: (() => Promise<void>)[] = [];
beforeEach(() => {
  notices = [];
  events = [];
  logged = [];
  notify = async (notice) => void notices.push(notice);
});
afterEach(async () => {
  mock.timers.reset();
  for (const close of shut) await close();
  shut = [];
});

/** Everything below Sekisho's surface as it is in use, with a notifier that keeps what it is given. */
async function open(find: FindAddress | undefined, more: Partial<SekishoOptions> = {}, own: object = {}) {
  const line = (fields: object, message: string) => void logged.push(JSON.stringify({ ...fields, message }));
  const log = { info: line, warn: line, error: line };
  const store = await openSqliteStore({ file: ':memory:' });
  shut.push(() => store.close());
  const notifier: Notifier = { name: 'post', notify: (notice) => notify(notice) };
  const options = parseOptions({
    ...{ issuer: 'https://id.example', secrets: [SECRET], countries: ['JP'], store, gateway: createInbox() },
    brand: { name: 'Sekisho Bank', names: { ja: '関所銀行' }, support: '03-0000-0000' },
    notices: { notifier, ...(find ? { find } : {}), ...own },
    clock: { now: () => NOON },
    onEvent: (event: SekishoEvent) => void events.push(event),
    ...more,
  });
  return buildCore(options, log);
}

async function tell({ core, idle }: { core: Core; idle(): Promise<void> }, happening = BOUND) {
  tellAccount(core, 'alice', happening);
  await idle();
}

const kinds = () => events.map(({ type }) => type);
const reasons = () => events.flatMap((event) => (event.type === 'notice.failed' ? [event.reason] : []));

describe('the holder of an account', () => {
  it('is told at every address, once, each in its language (BND-02)', async () => {
    const find = async () => [
      { email: 'a@mail.example', locale: 'ja-JP' },
      { email: 'b@mail.example', locale: 'en' },
      { email: 'a@mail.example', locale: 'en' },
    ];
    await tell(await open(find));
    assert.deepEqual(
      notices.map(({ to, locale }) => [to, locale]),
      [
        ['a@mail.example', 'ja'],
        ['b@mail.example', 'en'],
      ],
    );
    const sent = {
      time: new Date(NOON).toISOString(),
      type: 'notice.sent',
      notice: 'number_bound',
      notifier: 'post',
    };
    assert.deepEqual(events, [
      { ...sent, account: 'alice' },
      { ...sent, account: 'alice' },
    ]);
  });

  it('is told in the language of the option where the person has none, or one we do not speak', async () => {
    for (const locale of [undefined, '', 'fr', 'x'.repeat(500)])
      await tell(
        await open(
          () => ({ email: 'a@mail.example', ...(locale === undefined ? {} : { locale }) }),
          {},
          { locale: 'ja' },
        ),
      );
    assert.deepEqual(
      notices.map(({ locale }) => locale),
      ['ja', 'ja', 'ja', 'en'],
    );
  });

  it('is told at the e-mail the directory knows, where the host does not say where', async () => {
    const accounts = createAccounts();
    accounts.all.set('alice', {
      accountId: 'alice',
      login: 'alice',
      email: 'alice@mail.example',
      passwordHash: '',
    });
    await tell(await open(undefined, { accounts }));
    assert.equal(notices[0]!.to, 'alice@mail.example');
  });

  for (const nobody of [undefined, []]) {
    it(`who has ${nobody ? 'an empty list of addresses' : 'no address'} cannot be told, which is an event`, async () => {
      await tell(await open(() => nobody));
      assert.deepEqual([notices, kinds(), reasons()], [[], ['notice.failed'], ['no_address']]);
    });
  }

  it('is told at the second address when the first fails, and both are events', async () => {
    const post = notify;
    notify = async (notice) => {
      if (notice.to.startsWith('a@')) throw new Error(`canary ${notice.to} ${notice.text}`);
      return post(notice);
    };
    await tell(await open(() => [{ email: 'a@mail.example' }, { email: 'b@mail.example' }]));
    assert.deepEqual(
      notices.map(({ to }) => to),
      ['b@mail.example'],
    );
    assert.deepEqual(kinds().sort(), ['fault', 'notice.failed', 'notice.sent']);
    assert.doesNotMatch(logged.join(), /canary|mail\.example|••/, 'LOG-02');
  });

  it('is told at the second address when the host answers nonsense for the first', async () => {
    await tell(await open((() => [null, { email: 'b@mail.example' }]) as unknown as FindAddress));
    assert.equal(notices[0]!.to, 'b@mail.example');
    assert.deepEqual(kinds().sort(), ['fault', 'notice.failed', 'notice.sent']);
  });

  const broken: [what: string, find: unknown][] = [
    ['rejects', () => Promise.reject(new Error('canary'))],
    ['throws', () => assert.fail('canary')],
    ['answers something else', () => 'canary@mail.example'],
    ['answers no e-mail', () => [{ mail: 'canary@mail.example' }]],
    ['answers null', () => [null]],
    ['answers a locale that is none', () => ({ email: 'a@mail.example', locale: { toString: null } })],
  ];
  for (const [what, find] of broken) {
    it(`is not told when the host ${what}, and only events come of it`, async () => {
      await tell(await open(find as FindAddress));
      assert.deepEqual([notices, kinds().sort()], [[], ['fault', 'notice.failed']]);
      const reason = what.includes('locale') ? 'notifier_failed' : 'address_failed';
      assert.deepEqual(reasons(), [reason]);
      assert.doesNotMatch(logged.join(), /canary/, 'LOG-02');
    });
  }

  for (const what of ['host', 'notifier']) {
    it(`cannot be told by a ${what} that hangs, and close is not kept waiting for ever (OPS-04)`, async () => {
      const never = () => new Promise<never>(() => {});
      if (what === 'notifier') notify = never;
      const { core, idle } = await open(what === 'host' ? never : () => ({ email: 'a@mail.example' }));
      mock.timers.enable({ apis: ['setTimeout'] });
      tellAccount(core, 'alice', BOUND);
      // Until the timer is set there are a few turns of promises, and no timers.
      await new Promise((resolve) => setImmediate(resolve));
      mock.timers.tick(10_000);
      await new Promise((resolve) => setImmediate(resolve));
      assert.deepEqual(kinds(), []);
      mock.timers.tick(1000);
      await idle();
      assert.deepEqual(kinds().sort(), ['fault', 'notice.failed']);
    });
  }

  it('waits for nothing and holds nobody up: it is told after tellAccount has returned', async () => {
    const { core, idle } = await open(() => ({ email: 'a@mail.example' }));
    assert.equal(tellAccount(core, 'alice', BOUND), undefined);
    assert.deepEqual(notices, []);
    await idle();
    assert.equal(notices.length, 1);
  });

  it('hears nothing where the host wants no notices', async () => {
    const { core, idle } = await open(undefined, { notices: undefined });
    tellAccount(core, 'alice', BOUND);
    await idle();
    assert.deepEqual([notices, events], [[], []]);
  });
});

it('wrong codes are worth telling at the fifth in a row and each fifth after it (SES-10)', () => {
  const told = Array.from({ length: 31 }, (_, failures) => failures).filter(isWorthTelling);
  assert.deepEqual(told, [5, 10, 15, 20, 25, 30]);
});
