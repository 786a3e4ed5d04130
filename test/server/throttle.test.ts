import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { applyRemedies } from '../../src/domain/remedies.ts';
import type { Store } from '../../src/ports/store.ts';
import { createPasswordThrottle, type PasswordThrottle } from '../../src/server/throttle.ts';
import { openSqliteStore } from '../../src/stores/sqlite.ts';
import { failingStore } from '../support/failing-store.ts';
import { DAY, HOUR, MINUTE, SECOND } from '../support/time.ts';

describe('the password throttle', () => {
  const clock = { time: Date.UTC(2026, 5, 1), now: () => clock.time };
  let store: Store;
  let throttle: PasswordThrottle;
  beforeEach(async () => {
    store = await openSqliteStore({ file: ':memory:' });
    throttle = createPasswordThrottle({ store, clock });
  });
  afterEach(() => store.close());

  const wrong = async (login: string, address: string | undefined, browser?: string) =>
    (await throttle(login, address, browser)).granted;
  const right = async (login: string, address: string | undefined, browser?: string) => {
    const attempt = await throttle(login, address, browser);
    if (attempt.granted) await attempt.right('account');
    return attempt.granted;
  };
  /** From one address after the other, as many as each may. Answers how many were looked at. */
  async function crowd(login: string, addresses: number): Promise<number> {
    let looked = 0;
    for (let from = 1; from <= addresses; from += 1)
      for (let at = 0; at < 11; at += 1) looked += Number(await wrong(login, `192.0.2.${from}`));
    return looked;
  }

  it('counts per address too', async () => {
    for (let at = 0; at < 100; at += 1) assert.ok(await wrong(`login ${at}`, '192.0.2.1'));
    const refused = await throttle('another', '192.0.2.1');
    assert.deepEqual(refused, { granted: false, retryAt: clock.now() + HOUR });
    assert.ok(await wrong('another', '192.0.2.2'));
  });

  it('counts per IPv6 network of one subscriber as well, ten times as much, and stops at no other', async () => {
    const from = (network: string, at: number) => `2001:db8:${network}:${at.toString(16)}`;
    for (let at = 0; at < 1000; at += 1) assert.ok(await wrong(`login ${at}`, from('1', at)));
    const refused = await throttle('another', from('1', 2000));
    assert.deepEqual(refused, { granted: false, retryAt: clock.now() + HOUR });
    assert.ok(await wrong('another', from('2', 1)));
    assert.ok(await wrong('another', '192.0.2.2'));
  });

  it('closes no login because of others whose address cannot be read either, and bounds each one (B.4, lesson 29)', async () => {
    for (let at = 0; at < 300; at += 1) assert.ok(await wrong(`login ${at}`, undefined));
    assert.ok(await right('alice', undefined));
    let looked = 0;
    for (let at = 0; at < 300; at += 1) looked += Number(await wrong('alice', undefined));
    assert.equal(looked, 100, 'a login takes a hundred a day, wherever they come from (THR-01)');
  });

  it('lets a browser in whose right password came lately, whatever strangers do to login and address (THR-02)', async () => {
    for (const address of ['192.0.2.1', undefined]) {
      const login = `owner ${address}`;
      assert.ok(await right(login, address, 'own browser'));
      await crowd(login, 20);
      for (let at = 0; at < 200; at += 1) await wrong(`login ${at}`, address);
      assert.equal(await wrong(login, address), false);
      assert.equal(await wrong(login, address, 'another browser'), false);
      assert.ok(await right(login, address, 'own browser'));
      for (let at = 0; at < 10; at += 1) assert.ok(await wrong(login, address, 'own browser'));
      assert.equal(
        await wrong(login, address, 'own browser'),
        false,
        'with no more tries than an address has',
      );
      assert.equal(
        await wrong('somebody else', '192.0.2.1', 'own browser'),
        false,
        'and for its login alone',
      );
    }
  });

  it('looks at no more than ten of many that come at once (lesson 3)', async () => {
    const tries = await Promise.all(Array.from({ length: 50 }, () => wrong('victim', '192.0.2.1')));
    assert.equal(tries.filter(Boolean).length, 10);
  });

  it('lets no stranger at one address shut out the owner at another (THR-02)', async () => {
    let looked = 0;
    for (let at = 0; at < 1000; at += 1) {
      looked += Number(await wrong('victim', '192.0.2.1'));
      clock.time += MINUTE;
    }
    assert.equal(looked, 30, 'ten in a quarter of an hour, and thirty a day');
    assert.ok(await right('victim', '198.51.100.7'));
  });

  it('lets them not do it at one moment either (THR-02)', async () => {
    const flood = Array.from({ length: 200 }, () => wrong('victim', '192.0.2.1'));
    assert.ok(await right('victim', '198.51.100.7'));
    await Promise.all(flood);
  });

  it('looks at a hundred a day for one login, wherever they come from (THR-01)', async () => {
    assert.equal(await crowd('victim', 20), 100);
    const refused = await throttle('victim', '198.51.100.7');
    assert.deepEqual(refused, { granted: false, retryAt: clock.now() + DAY });
    assert.ok(await wrong('another', '198.51.100.7'), 'others are not concerned');
    clock.time += DAY;
    assert.ok(await wrong('victim', '198.51.100.7'));
  });

  it('still lets the owner in where the right password came from lately (THR-02)', async () => {
    assert.ok(await right('victim', '198.51.100.7'));
    assert.ok(await right('victim', undefined));
    clock.time += 30 * DAY - 1;
    await crowd('victim', 20);
    assert.ok(await right('victim', '198.51.100.7'), 'and is known for longer then');
    clock.time += MINUTE;
    for (let at = 0; at < 10; at += 1) assert.ok(await wrong('victim', '198.51.100.7'));
    assert.equal(await wrong('victim', '198.51.100.7'), false, 'though with no more tries than anybody');
    for (const address of [undefined, '198.51.100.8']) assert.equal(await right('victim', address), false);
    assert.equal(await right('another', undefined), true);
  });

  it('forgets such browsers and addresses where the password was changed: whoever knew it made many (THR-01, SES-11)', async () => {
    const browsers = Array.from({ length: 20 }, (_, at) => `browser ${at}`);
    for (const browser of browsers) assert.ok(await right('alice', '192.0.2.1', browser));
    clock.time += SECOND;
    await applyRemedies({ store, clock }, 'account', ['sessions']);
    clock.time += SECOND;
    let looked = await crowd('alice', 10);
    for (const browser of browsers)
      for (let at = 0; at < 10; at += 1) looked += Number(await wrong('alice', '192.0.2.1', browser));
    assert.equal(looked, 100, 'a hundred a day, as from strangers');
  });

  it('forgets such an address after 30 days', async () => {
    assert.ok(await right('victim', '198.51.100.7'));
    clock.time += 30 * DAY;
    await crowd('victim', 20);
    assert.equal(await right('victim', '198.51.100.7'), false);
  });

  it('takes no login for another login at an address', async () => {
    for (let at = 0; at < 10; at += 1) assert.ok(await wrong('victim ip 198.51.100.7', '192.0.2.1'));
    for (let at = 0; at < 10; at += 1) assert.ok(await wrong('ip 198.51.100.7 login victim', '192.0.2.1'));
    for (let at = 0; at < 10; at += 1) assert.ok(await wrong('victim', '198.51.100.7'));
  });

  describe('while the store fails by half (fault H.2)', () => {
    let fail: ReturnType<typeof failingStore>;
    beforeEach(() => {
      mock.timers.enable({ apis: ['setTimeout'] });
      fail = failingStore(store);
      throttle = createPasswordThrottle({ store: fail.store, clock });
    });
    afterEach(() => mock.timers.reset());
    /** The right password; where the look at it fails, the try is one that failed. */
    const owner = async (looks = true) => {
      const attempt = await throttle('alice', '192.0.2.1');
      if (!attempt.granted) return 'refused';
      if (!looks) return attempt.failed();
      return attempt.right('account');
    };
    const untilGivenBack = async () => {
      mock.timers.tick(SECOND);
      await setImmediate();
      await setImmediate();
    };
    /** Right and wrong tries that are left to this address and login: ten, where nothing was counted. */
    const left = async () => {
      let granted = 0;
      while (granted < 50 && (await wrong('alice', '192.0.2.1'))) granted += 1;
      return granted;
    };

    for (const method of ['reserve', 'get', 'put', 'release']) {
      it(`counts no try at which ${method} failed`, async () => {
        const back = fail.fail((call) => call.method === method);
        for (let at = 0; at < 200; at += 1) await owner().catch(() => undefined);
        back();
        await untilGivenBack();
        assert.equal(await left(), 10);
      });
    }

    it('counts no try that was recorded though the answer was lost', async () => {
      const lost = new Proxy(store, {
        get: (target, name) => {
          if (name !== 'reserve') return Reflect.get(target, name).bind(target);
          return async (request: Parameters<Store['reserve']>[0]) => {
            await target.reserve(request);
            throw new Error('no answer');
          };
        },
      });
      throttle = createPasswordThrottle({ store: lost, clock });
      for (let at = 0; at < 200; at += 1) await assert.rejects(owner());
      throttle = createPasswordThrottle({ store, clock });
      await untilGivenBack();
      assert.equal(await left(), 10);
    });

    it('counts no try whose password could not be looked at', async () => {
      for (let at = 0; at < 200; at += 1) assert.equal(await owner(false), undefined);
      assert.equal(await left(), 10);
    });

    it('still counts every wrong password, whatever fails meanwhile (THR-01)', async () => {
      fail.fail((call) => call.method === 'release' || call.method === 'put');
      assert.equal(await left(), 10);
      for (let at = 0; at < 20; at += 1) assert.equal(await wrong('alice', '192.0.2.1'), false);
    });

    it('gives up after two minutes without an answer, and holds no process open', async () => {
      const back = fail.fail((call) => call.method === 'release');
      await owner();
      for (let second = 0; second <= 121; second += 1) await untilGivenBack();
      back();
      for (let second = 0; second <= 3; second += 1) await untilGivenBack();
      assert.equal(await left(), 9);
    });
  });
});
