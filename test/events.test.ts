import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SekishoError } from '../src/errors.ts';
import { createJournal, faultOf } from '../src/journal.ts';
import { Visitor } from './support/browser-client.ts';
import { arrive, bindPhone, enterCode, FREE_SENDS, givePassword, PHONES, startHost } from './support/host.ts';
import { createVendor, receipt, tell } from './support/vendor.ts';

describe('audit events', () => {
  it('tell each step of a binding and of a sign-in, with time, flow, account and client (LOG-01, BND-07)', async () => {
    const host = await startHost({ options: { sends: FREE_SENDS } });
    await bindPhone(host, new Visitor(), 'alice', PHONES.alice);
    await host.sekisho.idle();
    const binding = host.events.map(({ type }) => type);
    for (const step of [
      'gate.decided',
      'challenge.sent',
      'delivery.finished',
      'code.verified',
      'authenticator.bound',
    ]) {
      assert.ok(binding.includes(step as never), step);
    }
    host.events.length = 0;
    const { page, request } = await givePassword(host, new Visitor(), 'alice');
    await page.submit('code', { code: 'x' });
    await arrive(host, request, await enterCode(host, page, { trust: 'yes' }));
    const flows = new Set(host.events.flatMap(({ flow }) => flow ?? []));
    assert.equal(flows.size, 1, 'one name for one interaction');
    for (const event of host.events) {
      assert.match(event.time, /^\d{4}-\d\d-\d\dT.*Z$/);
      if ('number' in event) assert.match(event.number, /^•+\d\d$/);
    }
    const sent = host.events.find(({ type }) => type === 'challenge.sent')!;
    assert.deepEqual([sent.account, sent.client], ['alice', 'app']);
    await host.close();
  });

  it('lead from an account to each message of its sign-in, and from there to the vendor (LOG-01)', async () => {
    const [first, second] = [createVendor('first', { channels: ['sms'] }), createVendor('second')];
    const options = { gateway: undefined, gateways: [first, second], sends: FREE_SENDS };
    const host = await startHost({ inbox: first, options });
    await bindPhone(host, new Visitor(), 'alice', PHONES.alice);
    await host.sekisho.idle();
    host.events.length = 0;
    first.behave(async () => ({ outcome: 'accepted', vendorId: 'SM-first' }));
    second.behave(async () => ({ outcome: 'accepted', vendorId: 'SM-second' }));
    await givePassword(host, new Visitor(), 'alice');
    await tell(host, first, receipt('undelivered', { class: 'temporary' }));
    await host.sekisho.idle();
    const sent = host.events.find(({ type }) => type === 'challenge.sent')!;
    const told = host.events.flatMap((event) => {
      if (!event.type.startsWith('delivery.') || !('message' in event)) return [];
      const { type, message, flow, account, client } = event;
      assert.deepEqual([flow, account, client], [sent.flow, 'alice', 'app'], type);
      return [[type, message, 'vendorId' in event ? event.vendorId : undefined]];
    });
    const [one, other] = [first, second].map(({ messages }) => messages.at(-1)!.id);
    assert.deepEqual(told, [
      ['delivery.finished', one, 'SM-first'],
      ['delivery.receipt', one, 'SM-first'],
      ['delivery.fallback', one, undefined],
      ['delivery.finished', other, 'SM-second'],
    ]);
    await host.close();
  });

  it('of a send that our credentials, contract or request stopped, or that nobody knows about, are warnings', () => {
    const levels: string[] = [];
    const at = (level: string) => () => void levels.push(level);
    const emit = createJournal(
      { info: at('info'), warn: at('warn'), error: at('error') },
      { now: () => 0 },
      undefined,
    );
    const about = { channel: 'sms', number: '•11', gateway: 'a', message: 'b' } as const;
    const finished = { type: 'delivery.finished', ...about } as const;
    for (const reason of ['auth', 'quota', 'permanent', 'number', 'throttled'])
      emit({ ...finished, outcome: 'rejected', class: reason });
    emit({ ...finished, outcome: 'ambiguous' });
    emit({ ...finished, outcome: 'accepted' });
    emit({ type: 'delivery.receipt', ...about, state: 'undelivered', class: 'permanent', seconds: 1 });
    assert.deepEqual(levels, ['warn', 'warn', 'warn', 'info', 'info', 'warn', 'info', 'info']);
  });

  it('of a listener that throws do not stop the sign-in', () => {
    const lines: string[] = [];
    const note = (_: object, message: string) => void lines.push(message);
    const emit = createJournal({ info: note, warn: note, error: note }, { now: () => 0 }, () => {
      throw new Error('listener');
    });
    emit({ type: 'account.created' });
    assert.deepEqual(lines, ['account.created', 'onEvent threw']);
  });

  it('tell of a signal that throws while it learns, at once or later, and the sign-in goes on', async () => {
    const assess = async () => [{ reason: 'always' }];
    const broken = (name: string, learn: () => Promise<void>) => () => ({ name, assess, learn });
    const signals = [
      broken('at-once', () => {
        throw new Error('x');
      }),
      broken('later', async () => {
        throw new Error('x');
      }),
    ];
    const host = await startHost({ options: { sends: FREE_SENDS, signals } });
    const { claims } = await bindPhone(host, new Visitor(), 'alice', PHONES.alice);
    assert.ok(claims, 'the code was right');
    await host.sekisho.idle();
    assert.deepEqual(
      host.events.flatMap((event) => (event.type === 'fault' ? [event.operation] : [])).sort(),
      ['learn at-once', 'learn later'],
    );
    await host.close();
  });

  it('of a fault quote our own words only (LOG-02)', () => {
    const foreign = faultOf('page', new Error('redis://user:secret@host +819012345678'));
    assert.ok(!JSON.stringify(foreign).includes('secret'));
    assert.match(foreign.where, /events\.test/);
    const ours = faultOf(
      'page',
      new SekishoError('store_unavailable', 'Start Redis', { cause: new Error('secret') }),
    );
    assert.equal(ours.error, 'Start Redis (Error)');
  });
});
