import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { Store } from '../../src/ports/store.ts';
import { Visitor } from '../support/browser-client.ts';
import { onEveryStore } from '../support/every-store.ts';
import { arrive, bindPhone, enterCode, givePassword, PHONES, startHost } from '../support/host.ts';
import { FREE_SENDS, wrongCodes } from './setting.ts';

/** The store, with everything that was ever written to it. */
function recordWrites(store: Store, written: string[]): Store {
  return new Proxy(store, {
    get(target, name) {
      const value = Reflect.get(target, name);
      if (typeof value !== 'function') return value;
      return (...args: unknown[]) => {
        written.push(JSON.stringify([name, ...args]));
        return value.apply(target, args);
      };
    },
  });
}

onEveryStore('what is written down', ({ open }) => {
  it('holds no code, no number, no cookie and no token: log, events, store, pages (LOG-02, OTP-10, PRV-01, PRV-03, lesson 19)', async () => {
    const written: string[] = [];
    const store = recordWrites(await open(), written);
    const host = await startHost({ store, options: { sends: FREE_SENDS, failures: { delays: [0] } } });
    host.inbox.behave(async (message) => {
      if (message.channel === 'voice') throw new Error(`vendor says: ${message.text} to ${message.to}`);
      return { outcome: 'rejected', class: 'temporary', detail: `${message.to}: ${message.text}` };
    });
    const visitor = new Visitor();
    const first = await bindPhone(host, visitor, 'alice', PHONES.alice, true);
    const codes = [host.inbox.lastCode()];
    const second = await givePassword(host, new Visitor(), 'alice', {
      acr_values: 'https://refeds.org/profile/mfa',
    });
    codes.push(host.inbox.lastCode());
    for (const code of wrongCodes(codes[1]!, 2)) await second.page.submit('code', { code });
    const called = await second.page.submit('send', { channel: 'voice' });
    await host.sekisho.idle();
    const done = await enterCode(host, called);
    await arrive(host, second.request, done);
    await host.sekisho.idle();

    const log = [...host.logged, ...host.events.map((event) => JSON.stringify(event))].join('\n');
    assert.ok(host.events.length > 8);
    const national = PHONES.alice.slice(3);
    const cookies = ['_interaction', '_session', 'trust', 'browser'].flatMap(
      (name) => visitor.cookie(new RegExp(name))?.value ?? [],
    );
    const secrets = {
      codes,
      numbers: [PHONES.alice, national, national.slice(-5)],
      cookies,
      tokens: [first.tokens!.access_token, first.tokens!.id_token!],
    };
    for (const [kind, values] of Object.entries(secrets)) assertAbsent(log, values, `the log holds ${kind}`);
    const state = written.filter((line) => !/^\["(get|find)/.test(line)).join('\n');
    const quoted = codes.map((code) => `"${code}"`);
    assertAbsent(state, [...quoted, PHONES.alice, national], 'the store holds a code or a number');
    const shown = [second.page, called, done].map(({ html }) => html).join('\n');
    assertAbsent(shown, [...codes, national, national.slice(-5)], 'a page holds a code or a number');
    await host.close();
  });

  it('has one line for a hint with a line break in it (LOG-03)', async () => {
    const host = await startHost();
    await givePassword(host, new Visitor(), 'a\n{"level":"fatal"}', { login_hint: 'a\n{"level":"fatal"}' });
    for (const line of host.logged) assert.ok(!line.includes('\n'));
    await host.close();
  });
});

function assertAbsent(text: string, values: readonly string[], message: string): void {
  assert.ok(values.length > 0 && text.length > 0, message);
  for (const value of values) assert.ok(!text.includes(value), message);
}
