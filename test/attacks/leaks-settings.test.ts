import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { inspect } from 'node:util';
import { ConfigurationError } from '../../src/errors.ts';
import { leaksIn } from '../support/canaries.ts';
import { LEAK_VENDORS } from '../support/leak-vendors.ts';

/** Every text in settings, with the way to it. */
function textsIn(value: unknown, way: string[] = []): string[][] {
  if (typeof value === 'string') return [way];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => textsIn(inner, [...way, name]));
}

function spoiled(settings: unknown, way: readonly string[], by: (text: string) => unknown): unknown {
  const [step, ...rest] = way;
  if (step === undefined) return by(settings as string);
  const copy = (Array.isArray(settings) ? [...settings] : { ...(settings as object) }) as Record<
    string,
    unknown
  >;
  copy[step] = spoiled(copy[step], rest, by);
  return copy;
}

/** Usual mistakes with a secret: the line break of its file, an object around it, its place taken by another setting. */
const MISTAKES: ((text: string) => unknown)[] = [
  (text) => `${text}\n\u0000`,
  (text) => ({ value: text }),
  (text) => [[text]],
];

describe('what is said about settings that are wrong (GWY-06)', () => {
  for (const about of LEAK_VENDORS) {
    it(`${about.title}: names the field and quotes nothing`, async () => {
      const settings = {
        ...about.settings(about.credentials, { baseUrl: 'https://api.example.com', port: 2775 }),
      };
      const secrets = about.secrets.flatMap((name) => about.credentials[name]!.split('\n'));
      const broken = [
        ...textsIn(settings).flatMap((way) => MISTAKES.map((by) => spoiled(settings, way, by))),
        ...secrets.map((secret) => ({ ...settings, note: secret })),
        ...secrets.map((secret) => ({
          ...settings,
          baseUrl: `https://user:${secret.slice(0, 24)}@api.example.com`,
        })),
        secrets,
      ];
      let refused = 0;
      for (const input of broken) {
        try {
          await about.create({ ...(input as object) }).close?.();
        } catch (error) {
          refused += 1;
          assert.ok(error instanceof ConfigurationError, inspect(error));
          const said = `${inspect(error, { depth: Infinity, showHidden: true })}\n${JSON.stringify(error)}`;
          assert.deepEqual(leaksIn(said, { secrets: secrets.filter(({ length }) => length > 7) }), []);
        }
      }
      assert.ok(refused > broken.length / 2, `${refused} of ${broken.length}`);
    });
  }
});
