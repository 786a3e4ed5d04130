import assert from 'node:assert/strict';
import type { CallState } from '../../ports/gateway.ts';
import { CODE, FAREWELL, type GatewayBench, INVITATION, type Sent } from './bench.ts';
import { type Check, calls as makesCalls, plays, unless } from './check.ts';
import { checkEvents } from './events.ts';

const waitsForKey = ({ gateway }: GatewayBench) =>
  gateway.callGuard === 'key-press' ? undefined : `its guard is ${gateway.callGuard}`;
const isGuarded = ({ gateway }: GatewayBench) =>
  gateway.callGuard !== 'none' ? undefined : 'it has no guard, and says so';
const asks = ({ gateway }: GatewayBench) =>
  gateway.webhook?.answer ? undefined : 'its vendor does not ask what to say';
const tells = ({ gateway }: GatewayBench) =>
  gateway.webhook || gateway.listen ? undefined : 'its vendor tells nothing by itself';
const noSender = ({ handle }: GatewayBench) =>
  handle.vendor.senders?.voice ? undefined : 'its fake vendor has no other caller';

/** Calls: the code is for a person, and for nobody else (lesson 25, GWY-08). */
export const calls: readonly Check[] = [
  {
    title: 'calls the number, and whoever presses a key hears the code twice (GWY-08)',
    skip: makesCalls,
    run: hears,
  },
  {
    title: 'says what is in a call as text, whatever it looks like (attack 13, GWY-08)',
    skip: makesCalls,
    run: hostileTexts,
  },
  {
    title: 'leaves no code on an answering machine (lesson 25)',
    skip: unless(makesCalls, isGuarded, plays('machine')),
    run: (bench) => saysNoCode(bench, bench.handle.vendor.numbers.machine!),
  },
  {
    title: 'says no code to whoever presses no key (lesson 25)',
    skip: unless(makesCalls, waitsForKey, plays('hungUp')),
    run: (bench) => saysNoCode(bench, bench.handle.vendor.numbers.hungUp!),
  },
  {
    title: 'makes no unguarded call where the vendor cannot ask us (lesson 25)',
    skip: unless(makesCalls, isGuarded, plays('machine')),
    run: withoutAddress,
  },
  {
    title: 'gives the code only for a key press (lesson 25)',
    skip: unless(makesCalls, asks, waitsForKey),
    run: answers,
  },
  { title: 'tells how a call went', skip: unless(makesCalls, tells), run: tellsAll },
  { title: 'calls from the number that the route names', skip: unless(makesCalls, noSender), run: caller },
];

async function call(bench: GatewayBench, to?: string, text?: string, locale = 'en'): Promise<Sent> {
  const sent = await bench.send({
    channel: 'voice',
    locale,
    ...(to ? { to } : {}),
    ...(text ? { text } : {}),
  });
  assert.equal(sent.outcome.outcome, 'accepted');
  await bench.handle.vendor.settle();
  assert.equal(sent.taken().length, 1);
  assert.equal(sent.taken()[0]!.to, sent.message.to);
  return sent;
}

/** White space is no sound. */
const spoken = (text: string): string => text.replace(/\s+/g, ' ').trim();
const heardIn = (sent: Sent): string => spoken((sent.taken()[0]?.heard ?? []).join(' '));

async function hears(bench: GatewayBench): Promise<void> {
  const sent = await call(bench);
  const heard = heardIn(sent);
  assert.ok(heard.includes(sent.message.text), 'the whole text');
  assert.ok(heard.split(CODE).length > 2, 'the code twice');
  if (bench.gateway.callGuard !== 'key-press') return;
  assert.ok(
    heard.indexOf(INVITATION) >= 0 && heard.indexOf(INVITATION) < heard.indexOf(CODE),
    'who calls, first',
  );
  assert.ok(!sent.taken()[0]!.text.includes(CODE), 'no code before a key was pressed');
}

const HOSTILE = [
  `"</Say><Dial>+19005550100</Dial><Say> ${CODE}`,
  `<break time="10s"/> &amp; <speak> ]]> ${CODE}`,
  `{"action":"connect"} \\" {{to}} \${to} ${CODE}`,
  `みらい銀行です。確認コードは、${CODE}、です。`,
];

async function hostileTexts(bench: GatewayBench): Promise<void> {
  for (const text of HOSTILE) {
    const sent = await call(bench, undefined, text, /[ぁ-ん]/.test(text) ? 'ja' : 'en');
    assert.ok(heardIn(sent).includes(spoken(text)), text);
  }
}

async function saysNoCode(bench: GatewayBench, to: string): Promise<void> {
  const sent = await call(bench, to);
  assert.ok(!heardIn(sent).includes(CODE), 'no code');
  const states = statesOf(bench, sent);
  assert.ok(!states.includes('heard'), 'and nothing says that it was heard');
  assert.ok(bench.reception.answered.every(({ about, pressed }) => about !== sent.message.id || !pressed));
}

/** Without an address there may be no call; if there is one, it keeps its guard. */
async function withoutAddress(bench: GatewayBench): Promise<void> {
  const to = bench.handle.vendor.numbers.machine!;
  const call = { invitation: INVITATION, farewell: FAREWELL };
  const sent = await bench.send({ channel: 'voice', to, call, webhookUrl: undefined });
  await bench.handle.vendor.settle();
  assert.ok(!heardIn(sent).includes(CODE));
}

async function answers(bench: GatewayBench): Promise<void> {
  const sent = await call(bench);
  const answered = bench.reception.answered.filter(({ about }) => about === sent.message.id);
  assert.equal(answered.at(-1)?.pressed, true, 'the vendor asked after the key press');
  const { request } = answered.at(-1)!;
  const script = { text: sent.message.text, locale: 'en', farewell: FAREWELL };
  const unpressed = [
    { ...request, body: new Uint8Array() },
    { ...request, body: new TextEncoder().encode('[[[[') },
    { ...request, body: new TextEncoder().encode('{"dtmf":{"digits":""},"digits":""}') },
    { ...request, headers: {}, body: new Uint8Array() },
  ].map((one) => ({ ...one, url: new URL(one.url.pathname, one.url) }));
  for (const one of unpressed) {
    const { pressed, reply } = await bench.gateway.webhook!.answer!(one, script);
    assert.equal(pressed, false);
    assert.ok(!reply.body?.includes(CODE), 'no code without a key press');
  }
}

function statesOf(bench: GatewayBench, sent: Sent): CallState[] {
  const events = bench.eventsOf(sent);
  checkEvents(events, bench.now());
  return events.flatMap((event) => (event.type === 'call' ? [event.state] : []));
}

async function tellsAll(bench: GatewayBench): Promise<void> {
  const { numbers } = bench.handle.vendor;
  const answered = await call(bench);
  const states = statesOf(bench, answered);
  const pressed = bench.reception.answered.some(
    ({ about, pressed }) => about === answered.message.id && pressed,
  );
  assert.ok(
    pressed ||
      states.includes('heard') ||
      (bench.gateway.callGuard !== 'key-press' && states.includes('completed')),
    `heard, in ${states}`,
  );
  for (const [to, state] of [
    [numbers.busy, 'busy'],
    [numbers.noAnswer, 'no-answer'],
  ] as const) {
    if (to === undefined) continue;
    const told = statesOf(bench, await call(bench, to));
    assert.equal(told.at(-1), state);
    assert.ok(!told.includes('answered') && !told.includes('heard'));
  }
}

async function caller(bench: GatewayBench): Promise<void> {
  const sender = bench.handle.vendor.senders!.voice!;
  const sent = await bench.send({ channel: 'voice', sender });
  await bench.handle.vendor.settle();
  assert.equal(sent.taken()[0]?.from, sender);
}
