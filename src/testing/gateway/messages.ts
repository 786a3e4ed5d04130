import assert from 'node:assert/strict';
import { CODE, type GatewayBench, type Sent } from './bench.ts';
import { type Check, sendsSms, unless } from './check.ts';

const noSender = ({ handle }: GatewayBench) =>
  handle.vendor.senders?.sms ? undefined : 'its fake vendor has no other sender';

/** Text messages on their way out. */
export const messages: readonly Check[] = [
  { title: 'hands a message over once, and it arrives', skip: sendsSms, run: arrives },
  {
    title: 'alters no text, and no text adds a recipient or a field (attack 13, GWY-07)',
    skip: sendsSms,
    run: hostileTexts,
  },
  {
    title: 'hands over a text as long as it says it may be',
    skip: unless(sendsSms, ({ gateway }) => (gateway.maxUnits ? undefined : 'it names no limit')),
    run: longest,
  },
  { title: 'uses the sender that the route names', skip: unless(sendsSms, noSender), run: senders },
  { title: 'takes any expiry, and passes on no later one', skip: sendsSms, run: expiries },
  {
    title: 'hands a message over also where its vendor cannot reach us',
    skip: sendsSms,
    run: async (bench) => arrived(bench, await bench.send({ channel: 'sms', webhookUrl: undefined })),
  },
  {
    title: 'makes one message of the same id sent twice (GWY-02)',
    skip: ({ gateway }) => (gateway.idempotent ? undefined : 'it is not idempotent'),
    run: sameTwice,
  },
  { title: 'keeps messages apart that are sent at once', run: atOnce },
];

async function arrives(bench: GatewayBench): Promise<void> {
  const sent = await bench.send({ channel: 'sms' });
  await arrived(bench, sent);
  if (bench.gateway.correlation === 'vendorId') assert.ok(sent.vendorId, 'receipts name a vendorId');
}

/** One message, to that number, with that text. */
async function arrived({ handle }: GatewayBench, sent: Sent, what?: string): Promise<void> {
  assert.equal(sent.outcome.outcome, 'accepted', what ?? 'accepted');
  await handle.vendor.settle();
  assert.deepEqual(
    sent.taken().map(({ channel, to, text, arrived }) => ({ channel, to, text, arrived })),
    [{ channel: 'sms', to: sent.message.to, text: sent.message.text, arrived: true }],
    what,
  );
}

const HOSTILE = [
  `quotes " ' \` and \\ and \\n and \\u0000 ${CODE}`,
  `{"to":"+19005550100"} ${CODE}`,
  `<b>&amp;</b> &lt; <!-- ]]> --> ${CODE}`,
  `"</Say><Dial>+19005550100</Dial><Say> ${CODE}`,
  `a&To=+19005550100&Body=b ${CODE}`,
  `a;b=c?d=e#f ${CODE}`,
  `50% of %41 and %26To=%2B1900 + 1 = 2 ${CODE}`,
  `%d %p %P %n \${to} {{to}} {to} $1 ${CODE}`,
  `one\ntwo\n\n@login.example #${CODE}`,
  `one\u2028two\u2029three\u0085four ${CODE}`,
  `みらい銀行の確認コード ${CODE} 「他人に教えないでください」〜①㈱`,
  `👩‍👩‍👧 🇯🇵 𠮷野家 e\u0301 ${CODE}`,
  `__proto__ constructor [object Object] undefined null ${CODE}`,
  `' OR 1=1; -- ${CODE}`,
  ` leading, and trailing ${CODE} .`,
];

async function hostileTexts(bench: GatewayBench): Promise<void> {
  for (const text of HOSTILE) await arrived(bench, await bench.send({ channel: 'sms', text }), text);
}

const longText = (letter: string, units: number): string =>
  `${CODE} ${letter.repeat(units - CODE.length - 1)}`;

async function longest(bench: GatewayBench): Promise<void> {
  const limit = bench.gateway.maxUnits!;
  const { ascii, other } = typeof limit === 'number' ? { ascii: limit, other: limit } : limit;
  for (const text of [longText('a', ascii), longText('あ', other)])
    await arrived(bench, await bench.send({ channel: 'sms', text }), `${text.length} units`);
}

async function senders(bench: GatewayBench): Promise<void> {
  const sender = bench.handle.vendor.senders!.sms!;
  const own = await bench.send({ channel: 'sms' });
  await arrived(bench, own);
  assert.notEqual(own.taken()[0]!.from, sender, 'the other sender is another one');
  const named = await bench.send({ channel: 'sms', sender });
  await arrived(bench, named);
  assert.equal(named.taken()[0]!.from, sender);
}

const MINUTE = 60_000;

/** A vendor's own limits, and its rounding, are the gateway's business. */
async function expiries(bench: GatewayBench): Promise<void> {
  for (const left of [1, 999, 5 * MINUTE, 5 * MINUTE + 1, 24 * 60 * MINUTE]) {
    const expiresAt = bench.now() + left;
    const sent = await bench.send({ channel: 'sms', expiresAt });
    assert.equal(sent.outcome.outcome, 'accepted', `expires in ${left} ms`);
    const until = sent.taken()[0]?.expiresAt;
    // Vendors count in minutes, and have a least.
    if (until !== undefined) assert.ok(until <= expiresAt + 5 * MINUTE, `the vendor tries until ${until}`);
    await bench.handle.vendor.settle();
  }
}

async function sameTwice(bench: GatewayBench): Promise<void> {
  const first = await bench.send();
  const { outcome } = await bench.send(first.message);
  await bench.handle.vendor.settle();
  assert.deepEqual([first.outcome.outcome, outcome.outcome], ['accepted', 'accepted']);
  assert.equal(first.taken().length, 1);
}

async function atOnce(bench: GatewayBench): Promise<void> {
  const before = bench.handle.vendor.messages().length;
  const sent = await Promise.all(Array.from({ length: 8 }, () => bench.send()));
  assert.deepEqual(
    sent.map(({ outcome }) => outcome.outcome),
    sent.map(() => 'accepted'),
  );
  await bench.handle.vendor.settle();
  const taken = bench.handle.vendor.messages().slice(before);
  assert.equal(taken.length, sent.length);
  if (bench.gateway.channels[0] === 'voice') return;
  assert.deepEqual(taken.map(({ text }) => text).sort(), sent.map(({ message }) => message.text).sort());
}
