import { randomUUID } from 'node:crypto';
import { copyFile } from 'node:fs/promises';
import { inspect } from 'node:util';
import { pino } from 'pino';
import type { SekishoOptions } from '../../src/index.ts';
import type { Gateway, OutboundMessage, Webhook } from '../../src/ports/gateway.ts';
import { type Simulator, startSimulator } from '../../src/simulator/simulator.ts';
import { startSmscSimulator } from '../../src/simulator/smpp.ts';
import { FATES, type Fate } from '../../src/simulator/stand-in.ts';
import { allVendors } from '../../src/simulator/vendors.ts';
import { openSqliteStore } from '../../src/stores/sqlite.ts';
import { type Page, Visitor } from './browser-client.ts';
import { enterNumber, FREE_SENDS, givePassword, type Host, startHost } from './host.ts';
import { type LeakVendor, strangerTo } from './leak-vendors.ts';
import { numberWith } from './simulated.ts';

/** In every message, and nowhere else but on pages. */
export const BRAND = 'カナリア信金';

const OPTIONS: Partial<SekishoOptions> = {
  sends: FREE_SENDS,
  // Long, so that none turns up in a log by chance.
  code: { length: 10 },
  brand: { name: BRAND },
  sms: { maxSegments: 2 },
  voice: { allowUnguarded: true, perNumberDay: 50 },
  failures: { delays: [0] },
};

/** Writes a store in which every fate has an account, named after it, with a number of its own. */
export async function bindEveryFate(file: string): Promise<void> {
  const host = await startHost({
    store: await openSqliteStore({ file, synchronous: 'normal' }),
    options: OPTIONS,
  });
  await Promise.all(
    (Object.keys(FATES) as Fate[]).map(async (fate) => {
      const number = numberWith(fate);
      const { page } = await givePassword(host, new Visitor(), fate);
      const next = await enterNumber(host, page, number);
      const done = await next.submit('code', { code: host.inbox.lastCode(number) });
      if (!done.next) throw new Error(`${fate} was not bound: ${done.text()}`);
    }),
  );
  await host.close();
}

/** A host with one gateway and its stand-in, and everything it ever says. */
export interface Stage {
  host: Host;
  simulator: Simulator;
  vendor: string;
  /** The one that sends, as it was made. */
  gateway: Gateway;
  /** What both were given. */
  sent: readonly OutboundMessage[];
  /** Everything that was written down, in log, events, errors and answers of the gateway. */
  said(): string;
  /** Whatever else is to be looked through. */
  note(value: unknown): void;
  /** Signs the account of that fate in, up to the page that waits. */
  signIn(fate: Fate): Promise<Page>;
  pass(milliseconds: number): Promise<void>;
  /** May be called again. */
  close(): Promise<void>;
}

/**
 * The host has two gateways of that kind: one with secrets that the vendor does not know, which is asked first and refused,
 * and the one that sends.
 *
 * @param file A store that `bindEveryFate` wrote; it is copied.
 */
export async function openStage(about: LeakVendor, file: string): Promise<Stage> {
  const watch = createWatch();
  const phones = await startPhones(about);
  const { simulator, at } = phones;
  const common = { insecure: true, connectTimeout: 3000, totalTimeout: 4000 };
  const make = (credentials: LeakVendor['credentials'], name: string) =>
    about.create({ ...common, name, ...about.settings(credentials, at) });
  const gateway = make(about.credentials, 'known');
  const gateways = [make(strangerTo(about), 'stranger'), gateway].map(watch.gateway);
  const copy = `${file}-${randomUUID()}`;
  await copyFile(file, copy);
  const host = await startHost({
    store: await openSqliteStore({ file: copy, synchronous: 'normal' }),
    options: { ...OPTIONS, gateway: undefined, gateways, clock: simulator, log: watch.log },
  });
  if (gateway.webhook) phones.webhooks[about.vendor] = host.sekisho.webhookUrl(gateway.name);
  let closed: Promise<void> | undefined;
  const settle = async () => {
    await host.sekisho.idle();
    await simulator.settle();
    await host.sekisho.idle();
  };
  return {
    ...{ host, gateway, simulator, vendor: about.vendor, sent: watch.sent, note: watch.note },
    said: () => [...watch.said, inspect(host.events, WHOLE)].join('\n'),
    async signIn(fate) {
      const visitor = new Visitor({ 'accept-language': 'ja' });
      const { page } = await givePassword(host, visitor, fate);
      return page;
    },
    async pass(milliseconds) {
      await settle();
      await simulator.advance(milliseconds);
      await settle();
    },
    close() {
      closed ??= host.close().then(phones.close);
      return closed;
    },
  };
}

/** The simulator, and an SMSC where that is what is spoken. */
async function startPhones({ vendor }: LeakVendor) {
  // Filled in as soon as there is a host that has an address.
  const webhooks: Record<string, string> = {};
  const vendors = allVendors().filter((one) => one.vendor === vendor);
  const simulator = await startSimulator({ vendors, webhooks, virtualTime: true, serverTime: 'simulator' });
  const smsc = vendor === 'smpp' ? await startSmscSimulator({ simulator, password: 'cAn4ry-7' }) : undefined;
  return {
    ...{ simulator, webhooks, at: { baseUrl: simulator.vendorUrl(vendor), port: smsc?.port ?? 0 } },
    async close() {
      await smsc?.close();
      await simulator.close();
    },
  };
}

const WHOLE = { depth: Infinity, showHidden: true, maxArrayLength: null, maxStringLength: null } as const;

/** Writes down what a gateway answers and throws, to the last cause, and keeps what it is given. */
function createWatch() {
  const said: string[] = [];
  const sent: OutboundMessage[] = [];
  const note = (value: unknown) => void said.push(inspect(value, WHOLE));
  const watched =
    <A extends unknown[], R>(work: (...given: A) => R | Promise<R>) =>
    async (...given: A): Promise<R> => {
      try {
        const result = await work(...given);
        note(result);
        return result;
      } catch (error) {
        note(error);
        throw error;
      }
    };
  const webhookOf = ({ authenticate, parse, answer }: Webhook): Webhook => ({
    authenticate: watched(authenticate),
    async parse(request) {
      try {
        return await parse(request);
      } catch (error) {
        note(error);
        throw error;
      }
    },
    ...(answer ? { answer } : {}),
  });
  return {
    ...{ said, sent, note },
    log: pino({ level: 'debug' }, { write: (line) => void said.push(line) }),
    gateway: (inner: Gateway): Gateway => ({
      ...inner,
      send: watched((message, context) => {
        sent.push(message);
        return inner.send(message, context);
      }),
      ...(inner.poll ? { poll: watched(inner.poll) } : {}),
      ...(inner.webhook ? { webhook: webhookOf(inner.webhook) } : {}),
    }),
  };
}
