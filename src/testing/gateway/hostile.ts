import assert from 'node:assert/strict';
import type { RawWebhook } from '../../ports/gateway.ts';
import { CODE, FAREWELL, type GatewayBench, SPOKEN } from './bench.ts';
import { type Check, hasWebhook } from './check.ts';
import { checkEvents } from './events.ts';

/** Whoever knows the address can send anything (attacks 7 and 15). */
export const hostile: readonly Check[] = [
  {
    title: 'survives webhooks of any shape, and believes none without a signature (attack 7)',
    skip: hasWebhook,
    run: shapes,
  },
  {
    title: 'reads only events out of webhooks whose fields hold anything (GWY-04, attack 7)',
    skip: hasWebhook,
    run: fields,
  },
];

const MEBIBYTE = 1_048_576;
const JSON_TYPE = 'application/json';
const FORM_TYPE = 'application/x-www-form-urlencoded';

/** Longest that reading one request may take, in milliseconds: far more than it should, on a busy machine. */
const LONGEST = 2000;

const BODIES: readonly (string | Uint8Array)[] = [
  '',
  ' ',
  'null',
  'true',
  '0',
  '""',
  '[]',
  '{}',
  '[[]]',
  '[null]',
  '[{}]',
  '{"results":null}',
  '{"results":[null,1,"a",[],{}]}',
  '{"__proto__":{"state":"delivered"},"constructor":{"prototype":{}}}',
  '{"status":"verified","verified":true,"code":"000000"}',
  '{',
  '{"a":',
  '='.repeat(100),
  '&&&===&=&',
  '%',
  '%zz=%e3%81',
  '__proto__=x&constructor=y&verified=true&status=verified',
  'json=',
  'json={',
  'json=%5B%5D',
  'json=null',
  new Uint8Array([0xff, 0xfe, 0, 0x80]),
  '\uFEFF{}',
  '['.repeat(100_000),
  `${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`,
  `{"a":"${'x'.repeat(MEBIBYTE)}"}`,
  `a=${'x'.repeat(MEBIBYTE)}`,
  'a&'.repeat(MEBIBYTE / 2),
  '"\\'.repeat(MEBIBYTE / 2),
  `<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "${'c'.repeat(1000)}">]><a>&b;&b;</a>`,
];

async function shapes(bench: GatewayBench): Promise<void> {
  for (const body of BODIES) {
    for (const type of [JSON_TYPE, FORM_TYPE, 'text/plain', undefined, [JSON_TYPE, FORM_TYPE]]) {
      await survives(bench, { body, headers: { 'content-type': type } });
    }
  }
  for (const method of ['GET', 'PUT', '']) await survives(bench, { method });
  for (const search of ['?status=1&status=2', '?__proto__=1', `?a=${'x'.repeat(10_000)}`, '?%zz']) {
    await survives(bench, { method: 'GET', search });
  }
}

interface Shape {
  method?: string;
  search?: string;
  headers?: RawWebhook['headers'];
  body?: string | Uint8Array;
}

async function survives(bench: GatewayBench, shape: Shape): Promise<void> {
  const { webhook } = bench.gateway;
  const { method = 'POST', search = '', headers = {}, body = '' } = shape;
  const request: RawWebhook = {
    ...{ method, headers, receivedAt: bench.now() },
    url: new URL(bench.reception.url + search),
    body: typeof body === 'string' ? new TextEncoder().encode(body) : body,
  };
  const what = `${method} ${search.slice(0, 40)} ${JSON.stringify(headers)} ${String(body).slice(0, 40)}`;
  const begin = performance.now();
  const context = { now: bench.now(), signal: AbortSignal.timeout(8000) };
  const auth = await calmly(what, () => webhook!.authenticate(request, context));
  if (bench.handle.vendor.signs === 'nothing') assert.notEqual(auth.result, 'ok', what);
  else assert.equal(auth.result, 'refused', what);
  checkEvents((await calmly(what, () => webhook!.parse(request))).events, bench.now());
  const script = { text: SPOKEN, locale: 'en', farewell: FAREWELL };
  const answered = await calmly(what, () => webhook!.answer?.(request, script));
  if (answered)
    assert.ok(!answered.pressed && !answered.reply.body?.includes(CODE), `${what}: gave the code`);
  assert.ok(performance.now() - begin < LONGEST, `${what}: took too long`);
}

/** An exception would be an error page for the vendor, who then comes again and again. */
async function calmly<T>(what: string, read: () => T | Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    return assert.fail(`${what}: threw ${error instanceof Error ? error.message : 'something'}`);
  }
}

/** What stands where a text or a number was expected. */
const VALUES: readonly unknown[] = [
  null,
  true,
  -1,
  1e308,
  '',
  'x'.repeat(5000),
  [],
  ['a', 'b'],
  {},
  { toString: 1 },
  '__proto__',
  '\u0000',
  '٣',
];

async function fields(bench: GatewayBench): Promise<void> {
  await bench.send();
  await bench.handle.vendor.settle();
  for (const { request } of bench.reception.told.slice(-3)) {
    for (const body of variationsOf(request)) {
      const altered = { ...request, body: new TextEncoder().encode(body) };
      const { events } = await calmly(body.slice(0, 200), () => bench.gateway.webhook!.parse(altered));
      checkEvents(events, bench.now());
    }
  }
}

function variationsOf({ body }: RawWebhook): string[] {
  const text = Buffer.from(body).toString('utf8');
  try {
    return [...jsonVariations(JSON.parse(text))].map((value) => JSON.stringify(value));
  } catch {
    return formVariations(text);
  }
}

/** The same value with one thing in it replaced, for each thing in it. */
function* jsonVariations(value: unknown): Generator<unknown> {
  yield* VALUES;
  if (typeof value !== 'object' || value === null) return;
  for (const name of Object.keys(value)) {
    const inner = (value as Record<string, unknown>)[name];
    for (const other of jsonVariations(inner)) {
      yield Array.isArray(value) ? value.with(Number(name), other) : { ...value, [name]: other };
    }
  }
}

function formVariations(text: string): string[] {
  const names = [...new Set(new URLSearchParams(text).keys())];
  return names.flatMap((name) => {
    const variation = (change: (form: URLSearchParams) => void) => {
      const form = new URLSearchParams(text);
      change(form);
      return form.toString();
    };
    return [
      variation((form) => form.delete(name)),
      ...VALUES.map((value) =>
        variation((form) => form.set(name, typeof value === 'string' ? value : JSON.stringify(value))),
      ),
      ...VALUES.slice(0, 3).map((value) => variation((form) => form.append(name, String(value)))),
    ];
  });
}
