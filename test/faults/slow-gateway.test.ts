import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { underLoad } from './promises.ts';
import { startSqliteSite } from './sqlite-site.ts';

describe('a vendor that is slow (fault H.5)', () => {
  it('makes messages wait before they leave: none is left open, no circuit opens, and operators are told', async (test) => {
    const site = await startSqliteSite(test, { concurrency: { vendor: 4 } });
    const { sentTwice } = await underLoad(test, site, async () => {
      site.vendor.behave((res) => void setTimeout(() => res.end('{}'), 2000));
      await pause(8000);
      site.vendor.behave((res) => void res.end('{}'));
    });
    const logged = site.logged();
    assert.ok(site.vendor.mostAtOnce() <= 4, `${site.vendor.mostAtOnce()} at once`);
    assert.ok(logged.some(({ type }) => type === 'gateway.busy'));
    assert.deepEqual(
      logged.filter(({ type }) => type === 'gateway.circuit'),
      [],
    );
    const finished = logged.filter(({ type }) => type === 'delivery.finished');
    assert.deepEqual(
      finished.filter(({ outcome }) => outcome === 'ambiguous'),
      [],
    );
    assert.equal(sentTwice, 0);
  });
});
