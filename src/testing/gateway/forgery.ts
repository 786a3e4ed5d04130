import assert from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';
import type { RawWebhook, WebhookAuth } from '../../ports/gateway.ts';
import type { GatewayBench } from './bench.ts';
import { type Check, hasWebhook, signsContent, unless } from './check.ts';
import type { Told } from './reception.ts';

/** Webhooks that somebody altered, kept, or made up (GWY-03, attack 7). */
export const forgery: readonly Check[] = [
  {
    title: 'refuses a webhook with one byte changed (GWY-03, attack 7)',
    skip: unless(hasWebhook, signsContent),
    run: bytes,
  },
  {
    title: 'refuses a webhook whose headers were changed, removed or doubled (attack 7)',
    skip: unless(hasWebhook, signsContent),
    run: headers,
  },
  {
    title: 'refuses a webhook for another address or by another method (attack 7)',
    skip: unless(hasWebhook, signsContent),
    run: addresses,
  },
  {
    title: 'refuses a webhook that is kept, or knows it again (GWY-03, attack 7)',
    skip: unless(hasWebhook, signsContent),
    run: kept,
  },
  {
    title: 'refuses a webhook that shows no secret, or another one (GWY-03)',
    skip: unless(hasWebhook, ({ handle }) =>
      handle.vendor.signs === 'caller' ? undefined : `its vendor signs ${handle.vendor.signs}`,
    ),
    run: callers,
  },
];

/** Genuine webhooks that say something, newest first; those about a message before those about all. */
async function samples(bench: GatewayBench, most: number): Promise<Told[]> {
  const sent = await bench.send();
  await bench.handle.vendor.settle();
  const told = bench.webhooksOf(sent).filter(({ events }) => events.length > 0);
  assert.ok(told.length > 0, 'the vendor told something');
  for (const { auth } of told) assert.equal(auth.result, 'ok');
  return told.slice(-most);
}

const authenticate = async ({ gateway }: GatewayBench, request: RawWebhook): Promise<WebhookAuth> =>
  gateway.webhook!.authenticate(request, { now: request.receivedAt, signal: AbortSignal.timeout(8000) });

/**
 * What was altered has to be refused, unless the alteration means nothing: it says the same, and is known as the same
 * delivery, as with fields in another order; or it says nothing any more.
 */
async function assertForged(
  bench: GatewayBench,
  genuine: Told,
  altered: RawWebhook,
  what: string,
): Promise<void> {
  const auth = await authenticate(bench, altered);
  if (auth.result === 'refused') return;
  assert.equal(auth.result, 'ok', what);
  const { events } = await bench.gateway.webhook!.parse(altered);
  if (events.length === 0) return;
  assert.ok(isDeepStrictEqual(events, genuine.events), `${what}: says something else`);
  assert.ok(
    genuine.auth.result === 'ok' && auth.result === 'ok' && auth.replayKey === genuine.auth.replayKey,
    what,
  );
}

async function bytes(bench: GatewayBench): Promise<void> {
  for (const genuine of await samples(bench, 1)) {
    const { body } = genuine.request;
    for (let at = 0; at < body.length; at += 1) {
      const altered = Uint8Array.from(body);
      altered[at]! ^= 1;
      await assertForged(
        bench,
        genuine,
        { ...genuine.request, body: altered },
        `byte ${at} of ${body.length}`,
      );
    }
    for (const body of [
      genuine.request.body.slice(0, -1),
      Buffer.concat([genuine.request.body, Buffer.from(' ')]),
    ]) {
      await assertForged(bench, genuine, { ...genuine.request, body }, `${body.length} bytes`);
    }
    const none = { ...genuine.request, body: new Uint8Array() };
    if (body.length > 0) await assertForged(bench, genuine, none, 'no body');
  }
}

async function headers(bench: GatewayBench): Promise<void> {
  const [genuine] = await samples(bench, 1);
  const { request } = genuine!;
  for (const [name, value] of Object.entries(request.headers)) {
    if (typeof value !== 'string') continue;
    const last = value.charCodeAt(value.length - 1);
    const others = {
      removed: undefined,
      empty: '',
      doubled: [value, value],
      altered: value.slice(0, -1) + String.fromCharCode(last ^ 4),
      cut: value.slice(0, -1),
      longer: `${value}A`,
      'another type': name === 'content-type' ? 'text/plain' : value,
    };
    for (const [what, other] of Object.entries(others)) {
      const altered = { ...request, headers: { ...request.headers, [name]: other } };
      await assertForged(bench, genuine!, altered, `${name} ${what}`);
    }
  }
  const auth = await authenticate(bench, { ...request, headers: {} });
  assert.equal(auth.result, 'refused', 'without any header');
}

async function addresses(bench: GatewayBench): Promise<void> {
  const [genuine] = await samples(bench, 1);
  const { request } = genuine!;
  const { url } = request;
  const others = [
    new URL(`${url.pathname}x${url.search}`, url),
    new URL(`${url.pathname}${url.search}${url.search ? '&' : '?'}verified=true`, url),
    new URL(url.href.replace('127.0.0.1', 'evil.example')),
    new URL(url.href.replace('http:', 'https:')),
  ];
  for (const other of others) await assertForged(bench, genuine!, { ...request, url: other }, other.href);
  const method = request.method === 'POST' ? 'GET' : 'POST';
  await assertForged(bench, genuine!, { ...request, method }, method);
}

/** Six minutes: more than any signed time may be off. */
const LATER = 360_000;

async function kept(bench: GatewayBench): Promise<void> {
  const all = await samples(bench, 3);
  const keys = new Set<string>();
  for (const { request, auth } of all) {
    const again = await authenticate(bench, request);
    assert.deepEqual(again, auth, 'the same delivery has the same name');
    assert.ok(auth.result === 'ok');
    if (auth.replayKey !== undefined) keys.add(auth.replayKey);
    for (const off of [LATER, -LATER]) {
      const late = await authenticate(bench, { ...request, receivedAt: request.receivedAt + off });
      const known = late.result === 'ok' && late.replayKey !== undefined && late.replayKey === auth.replayKey;
      assert.ok(
        known || (late.result === 'refused' && late.reason === 'stale'),
        `${off} ms off: ${late.result}`,
      );
    }
  }
  if (keys.size > 0) assert.equal(keys.size, all.length, 'different deliveries have different names');
}

async function callers(bench: GatewayBench): Promise<void> {
  const [genuine] = await samples(bench, 1);
  const { request } = genuine!;
  const refused = [];
  for (const [name, value] of Object.entries(request.headers)) {
    if (typeof value !== 'string') continue;
    for (const other of [undefined, `${value}A`, [value, value]]) {
      const auth = await authenticate(bench, { ...request, headers: { ...request.headers, [name]: other } });
      if (auth.result === 'refused') refused.push(name);
    }
  }
  assert.ok(new Set(refused).size > 0, 'a header holds the secret');
  for (const name of new Set(refused)) {
    assert.equal(refused.filter((one) => one === name).length, 3, `${name}: absent, wrong, doubled`);
  }
}
