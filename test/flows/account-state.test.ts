import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { Visitor } from '../support/browser-client.ts';
import { bindPhone, FREE_SENDS, givePassword, type Host, PHONES, startHost } from '../support/host.ts';
import { DAY, stopTime } from '../support/time.ts';
import { createVendor, tell } from '../support/vendor.ts';

const time = stopTime();
const NOTHING = {
  phone: null,
  failures: 0,
  waitsUntil: null,
  disabled: false,
  trustedBrowsers: 0,
  known: [],
};

describe('what the support desk may know of an account', () => {
  let host: Host;
  afterEach(() => host.close());

  it('is nothing where there is none', async () => {
    host = await startHost();
    assert.deepEqual(await host.sekisho.describeAccount('nobody'), NOTHING);
  });

  it('is the end of its number, STOP, wrong codes in a row and trusted browsers, and no more (LOG-02)', async () => {
    const vendor = createVendor('vendor');
    host = await startHost({ inbox: vendor, options: { sends: FREE_SENDS, failures: { ceiling: 5 } } });
    const boundAt = Date.now();
    await bindPhone(host, new Visitor(), 'alice', PHONES.alice, true);
    const phone = { number: '••••••••01', boundAt, stopped: false };
    await host.sekisho.idle();
    const known = [
      { signal: 'new-browser', at: boundAt, until: boundAt + 180 * DAY },
      { signal: 'new-network', at: boundAt, until: boundAt + 90 * DAY },
    ];
    const bySignal = (state: Awaited<ReturnType<typeof host.sekisho.describeAccount>>) => ({
      ...state,
      known: state.known.toSorted((a, b) => a.signal.localeCompare(b.signal)),
    });
    const bound = bySignal(await host.sekisho.describeAccount('alice'));
    assert.deepEqual(bound, { ...NOTHING, phone, trustedBrowsers: 1, known });

    const { page } = await givePassword(host, new Visitor(), 'alice');
    const right = Number(vendor.lastCode());
    const wrong = (at: number) => String((right + at) % 1_000_000).padStart(6, '0');
    for (const at of [1, 2, 3]) await page.submit('code', { code: wrong(at) });
    const url = host.sekisho.webhookUrl('vendor');
    await tell(host, vendor, [{ type: 'inbound', from: PHONES.alice, keyword: 'stop' }], { url });
    const waiting = bySignal(await host.sekisho.describeAccount('alice'));
    assert.deepEqual(waiting, {
      ...{ phone: { ...phone, stopped: true }, failures: 3, waitsUntil: Date.now() + 30_000 },
      ...{ disabled: false, trustedBrowsers: 1, known },
    });
    time.advance(31 * DAY);
    const later = await host.sekisho.describeAccount('alice');
    assert.deepEqual([later.failures, later.waitsUntil, later.trustedBrowsers], [3, null, 0]);
  });

  it('says that the number must be bound anew, after too many wrong codes (OTP-05)', async () => {
    host = await startHost({ options: { sends: FREE_SENDS, failures: { ceiling: 5, delays: [0] } } });
    await bindPhone(host, new Visitor(), 'alice', PHONES.alice);
    const { page } = await givePassword(host, new Visitor(), 'alice');
    const right = Number(host.inbox.lastCode());
    for (const at of [1, 2, 3, 4, 5])
      await page.submit('code', { code: String((right + at) % 1_000_000).padStart(6, '0') });
    const { failures, disabled } = await host.sekisho.describeAccount('alice');
    assert.deepEqual([failures, disabled], [5, true]);
  });
});
