import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { reserveSend, type SendRequest } from '../../src/domain/limits.ts';
import type { SekishoEvent } from '../../src/events.ts';
import { parseOptions, type SekishoOptions } from '../../src/options.ts';
import type { Store } from '../../src/ports/store.ts';
import { buildCore } from '../../src/sekisho/core.ts';
import { openSqliteStore } from '../../src/stores/sqlite.ts';
import { FREE_SENDS, PHONES } from '../support/host.ts';
import { createInbox } from '../support/inbox.ts';

const SILENT = { info() {}, warn() {}, error() {} };
const [OLD, NEW] = [randomBytes(32), randomBytes(32)].map((bytes) => bytes.toString('base64url')) as [
  string,
  string,
];
const clock = { now: () => Date.UTC(2026, 5, 1) };

describe('the limits of a number', () => {
  let store: Store;
  beforeEach(async () => {
    store = await openSqliteStore({ file: ':memory:' });
  });
  afterEach(() => store.close());

  /** One of the processes on the store. Answers which limit refuses a send, if one does. */
  async function process(secrets: string[], limits: Partial<SekishoOptions> = {}) {
    const options = parseOptions({
      ...{ issuer: 'http://localhost', secrets, countries: ['JP'], store, clock, gateway: createInbox() },
      ...{ sends: { ...FREE_SENDS, perNumberDay: 3 }, voice: { perNumberDay: 2 } },
      ...limits,
    });
    const { core } = await buildCore(options, SILENT);
    const about: SendRequest = {
      ...{ e164: PHONES.alice, confirmed: true, accountId: 'alice', ip: '192.0.2.1', channel: 'sms' },
    };
    return (more: Partial<SendRequest> = {}) =>
      reserveSend(core, { ...about, ...more }).then(
        () => 'granted',
        (error) => error.message,
      );
  }

  for (const [what, before, after] of [
    ['comes to the front', [OLD], [NEW, OLD]],
    ['is at the end on one process and in front on another', [NEW, OLD], [OLD, NEW]],
  ] as const) {
    it(`hold when a new secret ${what} (THR-03)`, async () => {
      const one = await process([...before]);
      for (let at = 0; at < 3; at += 1) assert.equal(await one(), 'granted');
      const two = await process([...after]);
      assert.match(await two(), /per number/);
      assert.equal(await two({ confirmed: false }), 'granted', 'strangers count apart (THR-02)');
    });
  }

  it('say whose send they refuse, so that the desk finds it by the account (LOG-01)', async () => {
    const events: SekishoEvent[] = [];
    const send = await process([OLD], { onEvent: (event) => void events.push(event) });
    const about = { flow: 'flow', client: 'app', account: 'alice' };
    for (let at = 0; at < 4; at += 1) await send({ about });
    const [refused, ...more] = events.filter(({ type }) => type === 'send.refused');
    assert.deepEqual(more, []);
    assert.deepEqual([refused?.account, refused?.client, refused?.flow], ['alice', 'app', 'flow']);
  });

  it('hold for calls as well, and when the old secret is taken out (THR-03)', async () => {
    const both = await process([OLD, NEW]);
    for (let at = 0; at < 2; at += 1) assert.equal(await both({ channel: 'voice' }), 'granted');
    const next = await process([NEW]);
    assert.match(await next({ channel: 'voice' }), /per voice/);
    assert.equal(await next(), 'granted');
    assert.match(await next(), /per number/);
  });

  it('are given back under every secret when something else refuses (lesson 9)', async () => {
    const narrow = { ...FREE_SENDS, perNumberDay: 3, perIpHour: 1 };
    const both = await process([OLD, NEW], { sends: narrow });
    assert.equal(await both(), 'granted');
    for (let at = 0; at < 5; at += 1) assert.match(await both(), /per ip/);
    for (let at = 2; at <= 3; at += 1) assert.equal(await both({ ip: `192.0.2.${at}` }), 'granted');
    assert.match(await both({ ip: '192.0.2.4' }), /per number/);
  });
});
