import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { CODE, type GatewayBench } from './bench.ts';
import type { Check } from './check.ts';

/** The last check: it looks at everything that was said before. */
export const silence: readonly Check[] = [
  {
    title: 'quotes no code, text, number or secret in anything it says (LOG-02, GWY-06)',
    run: quotesNothing,
  },
];

async function quotesNothing(bench: GatewayBench): Promise<void> {
  const { handle, said, reception } = bench;
  const numbers = Object.values(handle.vendor.numbers)
    .flat()
    .map((number) => (typeof number === 'string' ? number : number.to));
  for (const to of new Set(numbers)) await bench.send({ to }, AbortSignal.timeout(500));
  if (handle.nowhere) await bench.send({}, undefined, handle.nowhere);
  if (handle.nowhere?.poll) await bench.poll({ message: bench.message() }, handle.nowhere);
  await handle.vendor.settle();
  const events = reception.told.flatMap(({ events }) => events).filter(({ type }) => type !== 'inbound');
  const everything = [...said, ...events, ...reception.faults].map((one) => inspect(one, DEEP)).join('\n');
  for (const [what, canary] of canariesOf(bench, numbers)) {
    assert.ok(!everything.includes(canary), `${what} is quoted`);
  }
}
const DEEP = { depth: 10, maxStringLength: null, maxArrayLength: null, breakLength: 120 };

/** Numbers also as they are written without a plus, and at home: there without the zero, which finds both. */
const canariesOf = ({ handle }: GatewayBench, numbers: readonly string[]): (readonly [string, string])[] => [
  ['the code', CODE],
  ['the text', 'canary'],
  ['the text', 'Canary Bank'],
  ...numbers.map((number) => ['a number', number.replace(/^\+(81)?/, '')] as const),
  ...handle.secrets.map((secret) => ['a secret', secret] as const),
  ...handle.secrets.map(
    (secret) => ['a secret in base64', Buffer.from(secret).toString('base64').slice(0, -3)] as const,
  ),
];
