import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { createKeyRing } from '../src/domain/keys.ts';
import { createAdapterFactory } from '../src/oidc/adapter.ts';
import { systemClock } from '../src/ports/clock.ts';
import type { SignalFactory } from '../src/ports/signal.ts';
import { newBrowser } from '../src/signals/new-browser.ts';
import { newNetwork } from '../src/signals/new-network.ts';
import { openRedisStore } from '../src/stores/redis.ts';
import { createPool } from './browser.ts';
import { bar, printTable } from './figures.ts';
import type { Application } from './hosts/application.ts';
import { startSekisho } from './hosts/sekisho.ts';
import { counted, type Monitor, watchCommands } from './monitor.ts';
import { bindEverybody } from './people.ts';
import { startOwnRedis } from './place.ts';
import { makeKeys } from './setting.ts';
import { SignIn } from './sign-in.ts';
import { type Call, longestChain, watch } from './watch.ts';

/** The gateway takes this long, so that nothing it leads to falls into the request. */
const GATEWAY_MS = 60;

/** What one request did. */
interface Trip {
  name: string;
  /** Calls the response waited for, their longest chain, and calls it did not wait for. */
  own: Call[];
  behind: Call[];
  provider: Call[];
  sent: string[];
  inside: string[];
}

interface Ground {
  issuer: string;
  monitor: Monitor;
  own: Call[];
  provider: Call[];
  stop(): Promise<void>;
}

/**
 * Commands and sequential round trips of Sekisho, request by request. Its records and those of the provider are on two
 * Redis servers, so that neither is counted with the other.
 */
export async function benchTrips(): Promise<void> {
  console.log('## Round trips to Redis, one sign-in with a resend\n');
  const ground = await start();
  try {
    await walk(ground, 0); // afterwards the scripts are on the server
    const trips = await walk(ground, 1);
    printTable(
      [
        'request',
        'own calls',
        'in a row',
        'after the response',
        'commands',
        'commands in scripts',
        'provider calls',
        'all in a row',
      ],
      trips.map(row),
    );
    judge(trips);
  } finally {
    await ground.stop();
  }
}

async function start(): Promise<Ground> {
  const [mine, theirs] = [await startOwnRedis(), await startOwnRedis()];
  const keys = makeKeys();
  await bindEverybody({ redis: mine.url }, keys.secret);
  const [own, provider]: [Call[], Call[]] = [[], []];
  const store = await openRedisStore({ url: mine.url });
  const others = await openRedisStore({ url: theirs.url });
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const application = await startSekisho(issuer, {
    kind: 'sekisho',
    place: { redis: mine.url },
    keys,
    store: watch(store, own),
    adapter: createAdapterFactory({
      ...{ store: watch(others, provider), clock: systemClock },
      ring: createKeyRing([keys.secret]),
    }),
    signals: [newBrowser, newNetwork].map((make) => inBackground(make)),
    gatewayMs: GATEWAY_MS,
  });
  server.on('request', application.listener);
  const monitor = await watchCommands(mine.url);
  const stop = async () => {
    monitor.close();
    await shut(server, application);
    await others.close();
    await Promise.all([mine.stop(), theirs.stop()]);
  };
  return { issuer, monitor, own, provider, stop };
}

/** Signals learn behind the response, though they begin before it went out. They are asked nothing in this run. */
const inBackground =
  (make: SignalFactory): SignalFactory =>
  (context) =>
    make({ ...context, memory: { knows: async () => false, learn: async () => {} } });

async function shut(server: Server, application: Application): Promise<void> {
  server.closeAllConnections();
  server.close();
  await application.close();
}

/** Waits for what goes on behind the response, and forgets what was counted so far. */
async function settle({ monitor, own, provider }: Ground): Promise<Omit<Trip, 'name' | 'behind'>> {
  await pause(GATEWAY_MS + 60);
  const { sent, inside } = await monitor.take();
  return { own: own.splice(0), provider: provider.splice(0), sent, inside };
}

async function walk(ground: Ground, person: number): Promise<Trip[]> {
  const trips: Trip[] = [];
  const step = async (name: string, run: () => Promise<string>): Promise<string> => {
    const answer = await run();
    const end = performance.now();
    const { own, ...rest } = await settle(ground);
    const behind = own.filter(({ start: begun, background }) => background || begun > end);
    trips.push({ name, own: own.filter((call) => !behind.includes(call)), behind, ...rest });
    return answer;
  };
  const visit = new SignIn(ground.issuer, createPool(1), person);
  const login = await step('authorization request', () => visit.authorize());
  await step('password page', () => visit.open(login));
  const page = await step('password: first send', () => visit.password(login));
  await step('code page', () => visit.open(page));
  const again = await step('send again', () => visit.again(page));
  await step('code page', () => visit.open(again));
  const resume = await step('code: verification', () => visit.code(page));
  const callback = await step('back to the provider', () => visit.resume(resume));
  await step('token request', () => visit.exchange(callback));
  return trips;
}

function row({ name, own, behind, provider, sent, inside }: Trip): (string | number)[] {
  return [
    name,
    own.length,
    longestChain(own),
    behind.length,
    counted(sent),
    counted(inside),
    provider.length,
    longestChain([...own, ...provider]),
  ];
}

function judge(trips: readonly Trip[]): void {
  const bars: [string, number][] = [
    ['password: first send', 3],
    ['send again', 3],
    ['code: verification', 2],
  ];
  for (const [name, most] of bars) {
    const { own } = trips.find((trip) => trip.name === name)!;
    const chain = longestChain(own);
    const calls = own.map(({ method }) => method).join(', ');
    bar(`${name}: at most ${most} round trips one after the other`, chain <= most, `${chain} (${calls})`);
  }
}
