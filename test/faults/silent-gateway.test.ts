import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { count } from './ledger.ts';
import { underLoad } from './promises.ts';
import { startSqliteSite } from './sqlite-site.ts';
import { startVendor } from './vendor.ts';

describe('a vendor that takes messages, says nothing, and delivers nothing', () => {
  it('is passed by after five: nothing goes out twice by itself, and who presses again gets in', async (test) => {
    const silent = await startVendor();
    test.after(() => silent.close());
    const site = await startSqliteSite(test, (vendor) => ({
      gateway: undefined,
      gateways: [silent.gateway('silent'), vendor.gateway()],
    }));
    const { ledger } = await underLoad(test, site, async () => {
      silent.behave(() => {});
      await pause(10_000);
    });
    const opened = site.logged().filter(({ type }) => type === 'gateway.circuit');
    assert.ok(opened.some(({ gateway }) => gateway === 'silent'));
    const sent = new Map<string, number>();
    for (const { to } of [...silent.messages, ...site.vendor.messages]) count(sent, to);
    const unasked = [...sent].filter(([phone, times]) => times > (ledger.presses.get(phone) ?? 0));
    assert.deepEqual(unasked, []);
  });
});
