import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { ConfigurationError } from '../../src/errors.ts';
import { createChooser, parseScenario, readScenario } from '../../src/simulator/scenario.ts';
import { benchFor } from './bench.ts';

const sms = (to: string) => ({ to, channel: 'sms' }) as const;

describe('the rules of a scenario', () => {
  it('decide in order, and leave the rest to the number', () => {
    const { choose } = createChooser(
      parseScenario({
        rules: [
          { to: '+819012345678', fate: 'filtered' },
          { prefix: '+8190', vendor: 'twilio', fate: 'throttled' },
          { suffix: '0001', channel: 'voice', fate: 'busy' },
        ],
      }),
    );
    assert.equal(choose('twilio', sms('+819012345678')).fate, 'filtered');
    assert.equal(choose('twilio', sms('+819000000001')).fate, 'throttled');
    assert.equal(choose('vonage', sms('+819000000001')).fate, 'delivered');
    assert.equal(choose('vonage', { to: '+819000000001', channel: 'voice' }).fate, 'busy');
    assert.equal(choose('vonage', sms('+818000009901')).fate, 'undelivered');
  });

  it('hold as often as they say, and start over when told to', () => {
    const { choose, restart } = createChooser(parseScenario({ rules: [{ times: 2, fate: 'error' }] }));
    const three = () => [1, 2, 3].map(() => choose('any', sms('+819012345678')).fate);
    assert.deepEqual(three(), ['error', 'error', 'delivered']);
    restart();
    assert.deepEqual(three(), ['error', 'error', 'delivered']);
  });

  it('tell what the next message would meet, as often as they are asked', () => {
    const { choose, foresee } = createChooser(
      parseScenario({ rules: [{ times: 1, fate: 'delivered' }, { fate: 'recycled' }] }),
    );
    const message = sms('+819012349901');
    assert.deepEqual([foresee('any', message), foresee('any', message)], ['delivered', 'delivered']);
    choose('any', message);
    assert.deepEqual([foresee('any', message), foresee('any', message)], ['recycled', 'recycled']);
    assert.equal(createChooser().foresee('any', message), 'undelivered');
  });

  for (const [input, field, reason] of [
    [{}, 'scenario.rules', /must be a list of rules/],
    [{ rules: {} }, 'scenario.rules', /must be a list of rules/],
    [{ rules: [{}] }, 'scenario.rules.0.fate', /must be one of delivered, undelivered/],
    [{ rules: [{ fate: 'lost' }] }, 'scenario.rules.0.fate', /must be one of/],
    [{ rules: [{ fate: 'busy', to: '090' }] }, 'scenario.rules.0.to', /\+819012345678/],
    [{ rules: [{ fate: 'busy', prefix: '81' }] }, 'scenario.rules.0.prefix', /such as \+81/],
    [{ rules: [{ fate: 'busy', times: 0 }] }, 'scenario.rules.0.times', /1 or more/],
    [{ rules: [{ fate: 'busy', after: 0 }] }, 'scenario.rules.0.after', /more than 0/],
    [{ rules: [{ fate: 'busy', after: 'soon' }] }, 'scenario.rules.0.after', /seconds/],
    [{ rules: [{ fate: 'busy', chanel: 'sms' }] }, 'scenario.rules.0.chanel', /nothing a scenario knows/],
    [{ rules: [], seed: 1 }, 'scenario.seed', /nothing a scenario knows/],
  ] as const) {
    it(`names field and fix for ${JSON.stringify(input)}`, () => {
      assert.throws(
        () => parseScenario(input),
        (error) => {
          assert.ok(error instanceof ConfigurationError);
          assert.deepEqual(
            error.problems.map((problem) => problem.field),
            [field],
          );
          assert.match(error.problems[0]!.reason, reason);
          assert.notEqual(error.problems[0]!.fix, '');
          return true;
        },
      );
    });
  }

  it('are read from a file', () => {
    const folder = mkdtempSync(join(tmpdir(), 'scenario-'));
    after(() => rmSync(folder, { recursive: true }));
    const file = join(folder, 'scenario.json');
    assert.throws(() => readScenario(file), /scenario\.json: does not exist/);
    assert.throws(() => readScenario(folder), /cannot be read \(EISDIR\)/);
    writeFileSync(file, '{"rules": [');
    assert.throws(() => readScenario(file), /is not JSON/);
    writeFileSync(file, '{"rules": [{"fate": "busy"}]}');
    assert.deepEqual(readScenario(file), { rules: [{ fate: 'busy' }] });
  });
});

describe('a simulator with a scenario', () => {
  const bench = benchFor({
    scenario: parseScenario({
      rules: [
        { suffix: '0001', times: 1, fate: 'error' },
        { suffix: '0002', fate: 'delivered', after: 10 },
        { suffix: '0003', fate: 'delivered', after: 10 },
      ],
    }),
  });

  it('lets the first attempt fail and the second succeed', async () => {
    const status = async () => {
      const sent = await bench.send('0001');
      return sent.sent === 'answered' ? sent.answer.status : sent.code;
    };
    assert.deepEqual([await status(), await status()], [500, 200]);
    bench.simulator.clear();
    assert.equal(await status(), 500, 'and starts over when it is cleared');
  });

  it('ends when the rule says, and the rest comes in proportion', async () => {
    await bench.send('0002');
    await bench.send('0003', { channel: 'voice' });
    await bench.simulator.advance(2499);
    assert.deepEqual(bench.catcher.states(), ['accepted', 'accepted', 'ringing']);
    await bench.simulator.advance(1);
    assert.deepEqual(bench.catcher.states().at(-1), 'sent');
    await bench.simulator.advance(7499);
    const states = () => bench.simulator.messages().map(({ state }) => state);
    assert.deepEqual(states(), ['sent', 'answered']);
    await bench.simulator.advance(1);
    assert.deepEqual(states(), ['delivered', 'completed']);
  });
});
