import assert from 'node:assert/strict';
import { answerOf, type GatewayBench } from './bench.ts';
import type { Check } from './check.ts';

/** What a gateway says about itself, and its end. */
export const shape: readonly Check[] = [
  { title: 'says truly what it is and can', run: async ({ gateway }) => describesItself(gateway) },
  { title: 'tells what is unsafe about it, and that is fatal in production (GWY-01)', run: findings },
  { title: 'ends when it is closed, and sends nothing after that', run: closes },
];

function describesItself(gateway: GatewayBench['gateway']): void {
  const { name, channels, countries, maxUnits, callGuard, idempotent, correlation, webhook, poll } = gateway;
  assert.match(name, /^[a-z0-9-]{1,32}$/);
  assert.ok(channels.length > 0, 'it has a channel');
  assert.equal(new Set(channels).size, channels.length, 'each channel once');
  for (const channel of channels) assert.ok(channel === 'sms' || channel === 'voice', channel);
  for (const country of countries ?? []) assert.match(country, /^[A-Z]{2}$/);
  if (countries) assert.ok(countries.length > 0, 'no countries at all is said by leaving them out');
  const units = typeof maxUnits === 'object' ? Object.values(maxUnits) : [maxUnits];
  for (const limit of [...units, gateway.concurrency])
    assert.ok(limit === undefined || (Number.isSafeInteger(limit) && limit > 0), 'maxUnits, concurrency');
  const guards: unknown[] = channels.includes('voice')
    ? ['key-press', 'machine-detection', 'none']
    : [undefined];
  assert.ok(guards.includes(callGuard), `callGuard ${callGuard} with ${channels.join(' and ')} (lesson 25)`);
  assert.ok([undefined, true, false].includes(idempotent));
  assert.ok([undefined, 'id', 'vendorId'].includes(correlation));
  for (const part of [webhook?.authenticate, webhook?.parse, webhook?.answer, poll]) {
    assert.ok(part === undefined || typeof part === 'function');
  }
}

async function findings({ gateway, handle, said }: GatewayBench): Promise<void> {
  for (const production of [false, true]) {
    const found = gateway.findings?.({ production }) ?? [];
    said.push(found);
    for (const { severity, message, fix } of found) {
      assert.ok(severity === 'fatal' || severity === 'warning');
      assert.ok(message.trim() !== '' && fix.trim() !== '', 'a finding says what is wrong, and what to do');
    }
    if (handle.insecure && production) assert.ok(found.some(({ severity }) => severity === 'fatal'));
  }
}

async function closes(bench: GatewayBench): Promise<void> {
  const other = await bench.another();
  try {
    await answerOf('close', Promise.resolve(other.gateway.close?.()), bench.said);
    if (!other.gateway.close) return;
    const context = { now: bench.now(), signal: AbortSignal.timeout(8000) };
    const outcome = await answerOf('send', other.gateway.send(bench.message(), context), bench.said);
    assert.notEqual(outcome.outcome, 'accepted');
    assert.equal(other.vendor.messages().length, 0);
  } finally {
    await other.close();
  }
}
