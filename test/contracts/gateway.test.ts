import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { openBench } from '../../src/testing/gateway/bench.ts';
import { CHECKS } from '../../src/testing/gateway/checks.ts';
import { gatewayContract } from '../../src/testing/index.ts';
import { openAcme } from './acme/open.ts';
import { failing } from './mutants/failing.ts';
import { outward } from './mutants/outward.ts';
import { spoken } from './mutants/spoken.ts';
import { told } from './mutants/told.ts';

gatewayContract('The gateway of a vendor that does not exist', openAcme());

describe('the contract finds a gateway that is', { concurrency: 4 }, () => {
  for (const { is, foundBy, mutate } of [...outward, ...failing, ...told, ...spoken]) {
    it(is, async () => {
      const check = CHECKS.find(({ title }) => title.startsWith(foundBy));
      assert.ok(check, `there is a check that ${foundBy}`);
      const bench = await openBench(openAcme(mutate));
      try {
        assert.equal(check.skip?.(bench), undefined, 'it is not skipped');
        await assert.rejects(check.run(bench), { name: 'AssertionError' });
      } finally {
        await bench.close();
      }
    });
  }
});
