import assert from 'node:assert/strict';
import type { GatewayEvent } from '../../ports/gateway.ts';
import type { GatewayBench, Sent } from './bench.ts';
import { type Check, hasWebhook, plays, sendsSms, unless } from './check.ts';
import { checkEvents } from './events.ts';

const polls = ({ gateway }: GatewayBench) => (gateway.poll ? undefined : 'it cannot be asked');
const told = ({ gateway }: GatewayBench) =>
  gateway.webhook || gateway.listen ? undefined : 'its vendor tells nothing by itself';

/** What becomes of a message. */
export const receipts: readonly Check[] = [
  { title: 'tells of the very message that was delivered', skip: unless(sendsSms, told), run: delivered },
  {
    title: 'tells of a message that did not arrive, and why',
    skip: unless(sendsSms, told, plays('undelivered')),
    run: undelivered,
  },
  {
    title: 'tells of a message before its send was answered',
    skip: unless(sendsSms, told, plays('early')),
    run: early,
  },
  {
    title: 'accepts the webhooks of its vendor, and no others for what they are',
    skip: hasWebhook,
    run: genuine,
  },
  {
    title: 'is told by poll what was delivered and what was not',
    skip: unless(sendsSms, polls),
    run: polled,
  },
  {
    title: 'finds an ambiguous send by our id (GWY-02)',
    skip: unless(polls, plays('lost'), ({ handle }) =>
      handle.vendor.findsById ? undefined : 'its vendor cannot be asked by our id',
    ),
    run: resolved,
  },
  { title: 'learns nothing from a poll about a message that nobody sent', skip: polls, run: unknown },
  {
    title: 'knows STOP and START from anything else that a person writes',
    skip: unless(hasWebhook, ({ handle }) =>
      handle.vendor.inbound ? undefined : 'its vendor brings no messages from phones',
    ),
    run: inbound,
  },
];

type Receipt = Extract<GatewayEvent, { type: 'receipt' }>;
const receiptsIn = (events: readonly GatewayEvent[]): Receipt[] =>
  events.filter((event) => event.type === 'receipt');
const lastOf = (bench: GatewayBench, sent: Sent): Receipt | undefined =>
  receiptsIn(bench.eventsOf(sent)).at(-1);

async function sendAndWait(bench: GatewayBench, to?: string): Promise<Sent> {
  const sent = await bench.send({ channel: 'sms', ...(to ? { to } : {}) });
  await bench.handle.vendor.settle();
  checkEvents(bench.eventsOf(sent), bench.now());
  return sent;
}

async function delivered(bench: GatewayBench): Promise<void> {
  const [first, second] = [await bench.send({ channel: 'sms' }), await bench.send({ channel: 'sms' })];
  await bench.handle.vendor.settle();
  for (const sent of [first, second]) {
    const events = receiptsIn(bench.eventsOf(sent));
    checkEvents(events, bench.now());
    assert.equal(events.at(-1)?.state, 'delivered');
    const failed = events.filter(({ state }) => state === 'undelivered' || state === 'expired');
    assert.deepEqual(failed, [], 'nothing said that it failed');
  }
}

async function undelivered(bench: GatewayBench): Promise<void> {
  for (const { to, class: reason, channel } of bench.handle.vendor.numbers.undelivered!) {
    if (channel === 'voice') continue;
    const receipt = lastOf(bench, await sendAndWait(bench, to));
    assert.deepEqual([receipt?.state, receipt?.class], ['undelivered', reason]);
  }
}

async function early(bench: GatewayBench): Promise<void> {
  const sent = await sendAndWait(bench, bench.handle.vendor.numbers.early!);
  assert.equal(sent.outcome.outcome, 'accepted');
  assert.equal(lastOf(bench, sent)?.state, 'delivered');
}

/** Every webhook until now was the vendor's own. */
async function genuine(bench: GatewayBench): Promise<void> {
  const { reception, handle } = bench;
  const { numbers } = handle.vendor;
  await bench.send();
  await handle.vendor.settle();
  assert.deepEqual(reception.faults, [], 'nothing was thrown at the vendor');
  assert.ok(reception.told.length > 0, 'the vendor told something');
  const expected = handle.vendor.signs === 'nothing' ? 'unsigned' : 'ok';
  for (const { auth, events } of reception.told) {
    assert.equal(auth.result, expected);
    checkEvents(events, bench.now());
  }
  for (const to of [numbers.unsigned, numbers.wronglySigned]) {
    if (to !== undefined && handle.vendor.signs !== 'nothing') await refusesForged(bench, to);
  }
}

async function refusesForged(bench: GatewayBench, to: string): Promise<void> {
  const { told } = bench.reception;
  const before = told.length;
  await bench.send({ to });
  await bench.handle.vendor.settle();
  const forged = told.splice(before);
  assert.ok(forged.length > 0, 'the vendor told something, with a wrong signature or none');
  for (const { auth } of forged) assert.equal(auth.result, 'refused');
}

async function polled(bench: GatewayBench): Promise<void> {
  const arrived = await sendAndWait(bench);
  assert.equal(receiptsIn(await pollFor(bench, arrived)).at(-1)?.state, 'delivered');
  for (const { to, class: reason, channel } of bench.handle.vendor.numbers.undelivered ?? []) {
    if (channel === 'voice') continue;
    const receipt = receiptsIn(await pollFor(bench, await sendAndWait(bench, to))).at(-1);
    assert.deepEqual([receipt?.state, receipt?.class], ['undelivered', reason]);
  }
}

/** What names another message is about another message. */
async function pollFor(bench: GatewayBench, sent: Sent): Promise<readonly GatewayEvent[]> {
  const events = await bench.poll(sent);
  checkEvents(events, bench.now());
  for (const event of events) {
    assert.ok(
      event.type !== 'inbound' && [undefined, sent.message.id].includes(event.id),
      'about this message',
    );
  }
  return events;
}

async function resolved(bench: GatewayBench): Promise<void> {
  for (const to of bench.handle.vendor.numbers.lost!) {
    const { message } = await bench.send({ to });
    await bench.handle.vendor.settle();
    const events = await bench.poll({ message });
    checkEvents(events, bench.now());
    const last = events.at(-1);
    assert.ok(last && last.type !== 'inbound' && ['delivered', 'heard', 'completed'].includes(last.state));
  }
}

async function unknown(bench: GatewayBench): Promise<void> {
  const sent = await sendAndWait(bench);
  const nobody = bench.message();
  const vendorId = sent.vendorId?.replace(/[0-9a-f](?=[^0-9a-f]*$)/i, (last) => (last === '0' ? '1' : '0'));
  const events = await bench.poll({ message: nobody, ...(vendorId ? { vendorId } : {}) });
  const final = events.filter((event) => event.type !== 'inbound' && event.state === 'delivered');
  assert.deepEqual(final, []);
}

async function inbound(bench: GatewayBench): Promise<void> {
  const { vendor } = bench.handle;
  for (const [text, keyword] of [
    ['STOP', 'stop'],
    ['stop', 'stop'],
    ['START', 'start'],
    ['Please do not stop', null],
    ['', null],
  ] as const) {
    const before = bench.reception.told.length;
    await vendor.inbound!(vendor.numbers.taken, text);
    await vendor.settle();
    const events = bench.reception.told.slice(before).flatMap((one) => one.events);
    const said = events.filter((event) => event.type === 'inbound');
    assert.deepEqual(
      said.map((event) => event.keyword).filter((word) => word !== null),
      keyword ? [keyword] : [],
      text,
    );
    for (const { from } of said) assert.equal(from.replace(/^\+/, ''), vendor.numbers.taken.slice(1));
  }
}
