import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ConfigurationError } from '../errors.ts';
import { createListeners, type Listeners } from '../gateways/handset/listeners.ts';
import { type Clock, systemClock } from '../ports/clock.ts';
import { createSimClock, type SimClock } from './clock.ts';
import { createDoor } from './door.ts';
import { createLife, type Life } from './life.ts';
import { createLine, createListening, type Line, type Listening } from './line.ts';
import { type Book, createBook } from './network.ts';
import { createPost, isLoopback, type Post, type PostedCallback } from './post.ts';
import { type Chooser, createChooser, type Scenario } from './scenario.ts';
import type { SimInbound, SimMessage, StandIn } from './stand-in.ts';

/**
 * Every vendor's API on one HTTP server of this machine, and the phones behind them.
 *
 * A protocol other than HTTP joins through `line(vendor)`: its server calls `submit` for what comes in, answers, calls
 * `begin(message)`, and turns what `onChange` and `onInbound` tell into its own receipts and messages. Its close is its own.
 */
export interface Simulator {
  /** http://127.0.0.1:port */
  readonly url: string;
  /** Address of one vendor's API: `${url}/${vendor}`; a gateway's baseUrl. */
  vendorUrl(vendor: string): string;
  /** Everything any phone got or was to get, the oldest first; not what the vendor refused at once. */
  messages(filter?: MessageFilter): readonly SimMessage[];
  /**
   * A person answers by SMS (STOP, START, anything): the vendor's inbound webhook is posted.
   *
   * @throws ConfigurationError for a vendor that is not there, brings no messages, or has no address to bring them to.
   */
  reply(vendor: string, text: SimInbound): Promise<void>;
  /** Moves the clock on; everything due happens, webhooks included, before it resolves. */
  advance(milliseconds: number): Promise<void>;
  /** Resolves when no webhook or answer is under way; what waits for the clock does not count. */
  settle(): Promise<void>;
  /** Webhooks that were posted, with what the receiver answered, the oldest first. */
  callbacks(): readonly PostedCallback[];
  /** Forgets messages, webhooks and everything that was still to happen; the rules of a scenario start over. */
  clear(): void;
  /** The network for a vendor with a protocol of its own; see above. One call a vendor. */
  line(vendor: string): Line;
  /** Milliseconds since the epoch, of the simulator's clock. */
  now(): number;
  close(): Promise<void>;
}

export interface MessageFilter {
  /** E.164 */
  to?: string;
  vendor?: string;
  channel?: 'sms' | 'voice';
}

export interface SimulatorSettings {
  vendors: readonly StandIn[];
  /** 0, which is usual: any free one. */
  port?: number;
  /** 127.0.0.1 unless said. */
  host?: string;
  /** Address configured at the vendor for all messages, by vendor. */
  webhooks?: Readonly<Record<string, string>>;
  /** Host names that webhooks may go to, besides the hosts in `webhooks`, and this machine unless others reach `host`. */
  allowTargets?: readonly string[];
  /** true: changes happen only through advance() (tests). false: by real timers. */
  virtualTime?: boolean;
  /**
   * The time of the servers that use it, which signatures are stamped with, and tokens and dates in requests are checked
   * against. `system`, unless said: that of the machine, wherever `advance` took the simulator. `simulator`: they were given
   * the simulator as their clock.
   */
  serverTime?: 'system' | 'simulator';
  scenario?: Scenario;
  /** Told of a stand-in that fails; where absent, the next `advance` or `settle` throws it. */
  onError?: (error: unknown) => void;
}

/** All parts of a simulator. */
export interface Parts {
  settings: SimulatorSettings;
  standIns: ReadonlyMap<string, StandIn>;
  clock: SimClock;
  /** That of the servers. */
  serverClock: Clock;
  book: Book;
  post: Post;
  life: Life;
  listening: Listening;
  /** Open pages. */
  pages: Listeners;
}

/**
 * Starts the simulator. It shows every code to whoever can reach it, so production refuses it.
 *
 * @throws ConfigurationError where NODE_ENV is `production`, the port is taken, or an address makes no sense.
 */
export async function startSimulator(settings: SimulatorSettings): Promise<Simulator> {
  check(settings);
  const chooser = createChooser(settings.scenario);
  const parts = assemble(settings, chooser);
  const { clock, book, post, listening, pages } = parts;
  const server = createServer({ requestTimeout: 30_000 });
  const url = await listen(server, settings);
  const simulator: Simulator = {
    url,
    vendorUrl: (vendor) => `${url}/${vendor}`,
    messages: (filter = {}) =>
      book
        .all()
        .filter((one) => fits(one, filter))
        .map((one) => structuredClone(one)),
    reply: (vendor, text) => reply(parts, vendor, text),
    advance: clock.advance,
    settle: clock.settle,
    callbacks: post.posted,
    clear() {
      clock.drop();
      book.clear();
      post.clear();
      chooser.restart();
      pages.tell('clear');
    },
    line: (vendor) => createLine(vendor, { book, life: parts.life, listening }),
    now: clock.now,
    async close() {
      clock.drop();
      book.clear();
      pages.close();
      server.closeAllConnections();
      await Promise.all([once(server, 'close'), server.close(), post.close()]);
    },
  };
  server.on('request', createDoor(parts, simulator));
  return simulator;
}

function assemble(settings: SimulatorSettings, chooser: Chooser): Parts {
  const { virtualTime = false, onError, webhooks = {}, allowTargets = [], vendors } = settings;
  const { host = '127.0.0.1', serverTime = 'system' } = settings;
  const clock = createSimClock({ virtual: virtualTime, ...(onError ? { onError } : {}) });
  const serverClock = serverTime === 'simulator' ? clock : systemClock;
  const hosts = Object.values(webhooks).map((address) => new URL(address).hostname);
  const shared = {
    standIns: new Map(vendors.map((one) => [one.vendor, one])),
    clock,
    serverClock,
    book: createBook(clock, serverClock, chooser),
    post: createPost(clock, [...allowTargets, ...hosts], !isLoopback(host)),
    listening: createListening(),
    pages: createListeners(),
  };
  const life = createLife({
    ...shared,
    standIn: (vendor) => shared.standIns.get(vendor),
    how: (vendor) => ({ webhook: webhookOf(settings, vendor), now: serverClock.now() }),
    listeners: shared.listening.changes,
    changed: () => shared.pages.tell('message'),
  });
  return { ...shared, settings, life };
}

const webhookOf = ({ webhooks = {} }: SimulatorSettings, vendor: string): string | undefined =>
  Object.hasOwn(webhooks, vendor) ? webhooks[vendor] : undefined;

const fits = (message: SimMessage, { to, vendor, channel }: MessageFilter): boolean =>
  (to ?? message.to) === message.to &&
  (vendor ?? message.vendor) === message.vendor &&
  (channel ?? message.channel) === message.channel;

async function reply(parts: Parts, vendor: string, text: SimInbound): Promise<void> {
  const { standIns, clock, serverClock, post, settings, listening } = parts;
  const listeners = listening.inbound(vendor);
  for (const listener of listeners) await listener(text);
  if (listeners.size > 0) return;
  const standIn = standIns.get(vendor);
  if (!standIn)
    throw refuse('vendor', 'is none of this simulator', `Use one of ${[...standIns.keys()].join(', ')}`);
  if (!standIn.inbound) throw refuse(vendor, 'brings no messages from phones', 'Try another vendor');
  const webhook = webhookOf(settings, vendor);
  const callback = standIn.inbound(text, { signature: 'right', webhook, now: serverClock.now() });
  if (!callback) {
    throw refuse(vendor, 'has no address for inbound messages', `Start it with --webhook ${vendor}=URL`);
  }
  await clock.track(post.tell(vendor, callback));
}

function check({ vendors, webhooks = {} }: SimulatorSettings): void {
  if (process.env['NODE_ENV'] === 'production') {
    throw refuse(
      'simulator',
      'shows every code to everybody who can reach it, so it refuses to run in production',
      'Unset NODE_ENV, or use the gateway of a vendor',
    );
  }
  const known = new Set(vendors.map(({ vendor }) => vendor));
  for (const [vendor, address] of Object.entries(webhooks)) {
    if (!known.has(vendor)) {
      throw refuse(`webhooks.${vendor}`, 'is no vendor here', `Use one of ${[...known].join(', ')}`);
    }
    if (!/^https?:$/.test(URL.parse(address)?.protocol ?? '')) {
      throw refuse(`webhooks.${vendor}`, 'is no http address', 'Write it like http://127.0.0.1:3000/…');
    }
  }
}

const refuse = (field: string, reason: string, fix: string) =>
  new ConfigurationError([{ field, reason, fix }]);

async function listen(server: Server, { host = '127.0.0.1', port = 0 }: SimulatorSettings): Promise<string> {
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE') {
      throw refuse('port', `${port} is in use by another process`, 'Stop that process, or use another port');
    }
    throw refuse('host', `cannot be listened on (${code})`, 'Use 127.0.0.1');
  }
  const { port: taken } = server.address() as AddressInfo;
  const shown = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  return `http://${shown.includes(':') ? `[${shown}]` : shown}:${taken}`;
}
