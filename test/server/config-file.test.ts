import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { parseJson } from '../../src/server/config/json-text.ts';
import { loadConfig } from '../../src/server/config.ts';
import { plain, problemsOf } from '../support/server-config.ts';

const folder = mkdtempSync(join(tmpdir(), 'config-'));
after(() => rmSync(folder, { recursive: true }));

describe('a configuration file', () => {
  const write = (text: string) => {
    const file = join(folder, 'sekisho.json');
    writeFileSync(file, text);
    return file;
  };

  it('has paths from its own folder', () => {
    const file = write(JSON.stringify({ ...plain, data: 'state', views: './views' }));
    const { data, views } = loadConfig(file, {});
    assert.deepEqual([data, views], [join(folder, 'state'), join(folder, 'views')]);
  });

  it('is named in one line when it does not exist', () => {
    const missing = join(folder, 'nowhere.json');
    assert.deepEqual(
      problemsOf(() => loadConfig(missing, {})).map(({ field, reason }) => [field, reason]),
      [[missing, 'does not exist']],
    );
  });

  it('is named with line and column when it is broken, and nothing of it is repeated (GWY-06)', () => {
    const file = write('{\n  "issuer": "http://localhost",\n  "secrets": ["canary-secret],\n}\n');
    const [problem, ...more] = problemsOf(() => loadConfig(file, {}));
    assert.deepEqual(
      [more.length, problem?.field, problem?.reason],
      [0, file, 'is not JSON at line 3, column 31'],
    );
    assert.doesNotMatch(JSON.stringify(problem), /canary/);
  });

  for (const [text, place] of [
    ['{"a": x}', 'line 1, column 7'],
    ['{"a": 1,}', 'line 1, column 9'],
    ['{"a" 1}', 'line 1, column 6'],
    ['[1,\n2', 'line 2, column 2'],
    ['{"a":1} {}', 'line 1, column 9'],
    ['', 'line 1, column 1'],
    ['{"a":"b\n"}', 'line 1, column 8'],
    ['trie', 'line 1, column 3'],
    ['[01]', 'line 1, column 3'],
    ['{// comment\n}', 'line 1, column 2'],
  ] as const) {
    it(`knows where ${JSON.stringify(text)} goes wrong`, () => {
      assert.equal(problemsOf(() => parseJson(text, 'f'))[0]?.reason, `is not JSON at ${place}`);
    });
  }

  it('may begin with the mark that some editors write', () => {
    assert.deepEqual(parseJson('\uFEFF{"a":1}', 'f'), { a: 1 });
  });
});
