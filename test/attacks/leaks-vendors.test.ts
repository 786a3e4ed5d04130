import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { inspect } from 'node:util';
import { ConfigurationError } from '../../src/errors.ts';
import { FATES, type Fate } from '../../src/simulator/stand-in.ts';
import type { Page } from '../support/browser-client.ts';
import { type Canaries, leaksIn } from '../support/canaries.ts';
import { BRAND, bindEveryFate, openStage, type Stage } from '../support/leak-stage.ts';
import { LEAK_VENDORS, strangerTo } from '../support/leak-vendors.ts';
import { numberWith } from '../support/simulated.ts';
import { spokenDigits } from '../support/simulated-server.ts';

const ALL = Object.keys(FATES) as Fate[];
/** Those of text messages, 00 to 18; and those of calls. */
const MESSAGES = ALL.filter((fate) => Number(FATES[fate]) <= 18);
const CALLS: Fate[] = ['delivered', 'reset', ...ALL.filter((fate) => Number(FATES[fate]) > 18)];
/** They end the connection to the vendor. */
const BREAKING: ReadonlySet<Fate> = new Set<Fate>(['reset', 'broken']);
/** How all of them begin. */
const NUMBER = numberWith('delivered').slice(0, -2);

let folder: string;
let store: string;
/** What went out of the process besides: a library may print on its own. */
const printed: string[] = [];
const restore: (() => void)[] = [];

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'leaks-'));
  store = join(folder, 'bound.db');
  for (const stream of [process.stdout, process.stderr]) {
    const { write } = stream;
    stream.write = ((...given: Parameters<typeof write>) => {
      printed.push(String(given[0]));
      return write.apply(stream, given);
    }) as typeof write;
    restore.push(() => void Object.assign(stream, { write }));
  }
  const warned = (warning: Error) => void printed.push(inspect(warning, { depth: Infinity }));
  process.on('warning', warned);
  restore.push(() => void process.off('warning', warned));
  await bindEveryFate(store);
});
after(async () => {
  for (const undo of restore) undo();
  await rm(folder, { recursive: true });
});

/** All that a stage knows and must not tell. */
function canariesOf({ sent, host, gateway }: Stage, secrets: readonly string[]): Canaries {
  const standing = gateway.webhook ? [host.sekisho.webhookUrl(gateway.name)] : [];
  const addresses = [
    ...standing,
    ...sent.flatMap(({ webhookUrl = [], call }) => [webhookUrl, call?.answerUrl ?? []].flat()),
  ];
  return {
    secrets: secrets.flatMap((secret) => secret.split('\n').filter((line) => line.length > 5)),
    codes: sent.map(({ text }) => /(?<!\d)\d{10}(?!\d)/.exec(text)?.[0] ?? spokenDigits(text)),
    numbers: [NUMBER],
    tokens: addresses.flatMap((address) => [
      ...(/\/hooks\/[^/]+\/([\w-]{40,})/.exec(address)?.slice(1) ?? []),
      ...[...new URL(address).searchParams.values()],
    ]),
    texts: sent.map(({ text }) => text),
  };
}

/** Somebody knows an address, and everything else as well, and posts it in all the forms there are. */
async function forge({ host, sent, gateway }: Stage, secret: string): Promise<void> {
  const standing = host.sekisho.webhookUrl(gateway.name);
  const { webhookUrl = standing, to, text, id } = sent[0]!;
  const ids = { id, messageId: id, requestId: id };
  const told = { ...ids, to, phone: to, text, secret, state: 'delivered', status: '1', error: text };
  const json = JSON.stringify({ ...told, results: [told], eventNotifications: [told] });
  const form = new URLSearchParams({ ...told, json }).toString();
  const bodies = [
    ['application/json', json],
    ['application/json', json.slice(0, -3)],
    ['application/x-www-form-urlencoded', form],
    ['application/xml', `<r><to>${to}</to><text>${text}</text><secret>${secret}`],
    [
      'text/plain; charset=UTF-8',
      JSON.stringify({ Type: 'Notification', Message: json, SignatureVersion: '2' }),
    ],
  ] as const;
  const signatures = ['authorization', 'x-twilio-signature', 'x-hub-signature', 'x-signature'];
  const headers = Object.fromEntries(signatures.map((name) => [name, `Bearer ${secret.replace(/\s/g, '')}`]));
  const wrong = standing.replace(/[^/]+$/, `${secret.replace(/\W/g, '')}${to.slice(1)}`);
  await Promise.all(
    [webhookUrl, standing, wrong].flatMap((url) => [
      ...bodies.map(([type, body]) =>
        fetch(url, { method: 'POST', body, headers: { ...headers, 'content-type': type } }),
      ),
      fetch(`${url}?${form}`, { headers }),
    ]),
  );
}

/** Every fate, from the password to the end of the wait; answers every page that was shown. */
async function liveThrough(stage: Stage): Promise<Page[]> {
  // Over SMPP all share a connection, and whatever else is on its way when it breaks gets no answer.
  const last = stage.vendor === 'smpp' ? MESSAGES.filter((fate) => BREAKING.has(fate)) : [];
  const first = MESSAGES.filter((fate) => !last.includes(fate));
  const waiting = await Promise.all(first.map(stage.signIn));
  if (last.length > 0) await stage.pass(0);
  waiting.push(...(await Promise.all(last.map(stage.signIn))));
  await stage.pass(66_000);
  const shown = [...waiting, ...(await Promise.all(waiting.map((page) => page.visitor.open(page.url))))];
  if (stage.gateway.channels.includes('voice')) {
    const called = await Promise.all(CALLS.map(stage.signIn));
    for (const page of called) shown.push(await page.submit('send', { channel: 'voice' }));
    await stage.pass(60_000);
  }
  for (const page of waiting.slice(0, 3)) shown.push(await page.submit('code', { code: '0000000000' }));
  const stop = { from: numberWith('silent'), to: '+815012345678', text: 'STOP' };
  // Vendors that bring no messages say so.
  await stage.simulator.reply(stage.vendor, stop).catch(assertRefused);
  await stage.pass(20 * 60_000);
  return shown;
}

const assertRefused = (error: unknown) => assert.ok(error instanceof ConfigurationError, inspect(error));

/** Otherwise there was nothing to leak. */
function assertLivedThrough({ host: { events }, sent, gateway }: Stage): void {
  assert.ok(sent.length > MESSAGES.length);
  const ended = events.flatMap((event) => (event.type === 'delivery.finished' ? [event] : []));
  const of = (name: string) => new Set(ended.flatMap((one) => (one.gateway === name ? [one.outcome] : [])));
  const stranger = of('stranger');
  assert.deepEqual([stranger.has('rejected'), stranger.has('accepted')], [true, false]);
  // A machine that is busy makes more of them ambiguous.
  const known = ['accepted', 'rejected', ...(gateway.idempotent ? [] : ['ambiguous'])];
  assert.deepEqual(
    known.filter((outcome) => !of('known').has(outcome)),
    [],
  );
  const refused = events.filter(({ type }) => type === 'webhook.refused');
  assert.equal(refused.length > 0, gateway.webhook !== undefined);
}

describe('what is written down about a vendor (LOG-02, GWY-06)', { concurrency: 3 }, () => {
  for (const about of LEAK_VENDORS) {
    it(`${about.title}: no secret, code, number, address or text, whatever happens to a message`, async (test) => {
      const secrets = [about.credentials, strangerTo(about)].flatMap((credentials) =>
        about.secrets.flatMap((name) => credentials[name] ?? []),
      );
      const stage = await openStage(about, store);
      test.after(stage.close);
      const pages = await liveThrough(stage);
      if (stage.gateway.webhook) await forge(stage, secrets[0]!);
      assertLivedThrough(stage);
      await closeAndLook(stage, pages, secrets);
    });
  }
});

async function closeAndLook(stage: Stage, pages: readonly Page[], secrets: readonly string[]): Promise<void> {
  const canaries = canariesOf(stage, secrets);
  for (const [kind, values] of Object.entries(canaries)) {
    const absent = kind === 'tokens' && !stage.gateway.webhook;
    assert.equal(values.length === 0, absent, kind);
    assert.ok(
      values.every((value: string) => value.length > 5),
      kind,
    );
  }
  stage.note(stage.gateway);
  await stage.close();
  const context = { now: Date.now(), signal: AbortSignal.timeout(1000) };
  stage.note(await stage.gateway.send(stage.sent[0]!, context).catch((error: unknown) => error));
  assert.deepEqual(
    leaksIn(stage.said(), { ...canaries, texts: [...canaries.texts, BRAND] }),
    [],
    'log, events, errors',
  );
  assert.deepEqual(leaksIn(pages.map(({ html }) => html).join('\n'), canaries), [], 'pages');
  assert.deepEqual(
    leaksIn(printed.join('\n'), { ...canaries, texts: [...canaries.texts, BRAND] }),
    [],
    'output',
  );
}
