import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeJwt } from 'jose';
import { pino } from 'pino';
import { type ConfigInput, parseConfig } from '../../src/server/config.ts';
import { type RunningServer, startServer } from '../../src/server/server.ts';
import type { Scenario } from '../../src/simulator/scenario.ts';
import { type Simulator, startSimulator } from '../../src/simulator/simulator.ts';
import type { SimMessage } from '../../src/simulator/stand-in.ts';
import { allVendors } from '../../src/simulator/vendors.ts';
import { type Page, Visitor } from './browser-client.ts';
import { leaksIn } from './canaries.ts';
import { freePorts } from './free-ports.ts';
import { read } from './source-text.ts';
import { PASSWORD, requestAt } from './test-server.ts';

type Gateways = NonNullable<ConfigInput['gateways']>;
const credentials = (vendor: string) => allVendors().find((one) => one.vendor === vendor)!.credentials;

/** What the variables hold that the examples name, so that the stand-ins let them in. */
export const SECRETS: Readonly<Record<string, string>> = {
  NTT_CPAAS_API_KEY: credentials('infobip')['apiKey']!,
  KARADEN_TOKEN: credentials('karaden')['token']!,
  KARADEN_PUSH_TOKEN: credentials('karaden-push')['token']!,
  KARADEN_PUSH_SECURITY_CODE: credentials('karaden-push')['securityCode']!,
  ZETTAI_REACH_TOKEN: credentials('zettai-reach')['token']!,
  SMSLINK_TOKEN: credentials('smslink')['token']!,
  MICO_TOKEN: credentials('mico')['token']!,
  T_MACSS_TOKEN: credentials('t-macss')['token']!,
  TWILIO_AUTH_TOKEN: credentials('twilio')['authToken']!,
};

/** A configuration out of `examples/gateways`, as it stands there. */
export const exampleConfig = (name: string) =>
  JSON.parse(read(`examples/gateways/${name}.json`)) as ConfigInput & { gateways: Gateways };

/** The vendor that stands in for that of a gateway. */
export const vendorOf = ({ type, preset }: Gateways[number]): string => String(preset ?? type);

/** The server of an example, and the simulator in the place of its vendors. Both have the simulator's time. */
export interface SimulatedServer {
  server: RunningServer;
  simulator: Simulator;
  /** What the log got, at level debug, as pino writes it. */
  logged(): string;
  /** The audit events in it. */
  events(): Record<string, unknown>[];
  /** Moves time on. Everything that follows is over when it resolves, webhooks and questions included. */
  pass(milliseconds: number): Promise<void>;
  /** The same for what follows at once. */
  settle(): Promise<void>;
  close(): Promise<void>;
}

/** Starts an example. Only addresses, folders and what production forbids are different. */
export async function startExample(name: string, scenario?: Scenario): Promise<SimulatedServer> {
  const folder = await mkdtemp(join(tmpdir(), 'example-'));
  const lines: string[] = [];
  const log = pino({ level: 'debug' }, { write: (line) => void lines.push(line) });
  Object.assign(process.env, SECRETS);
  // Filled in as soon as there is a server that has an address.
  const webhooks: Record<string, string> = {};
  const simulator = await startSimulator({
    ...{ vendors: allVendors(), webhooks, virtualTime: true, serverTime: 'simulator' },
    ...(scenario ? { scenario } : {}),
  });
  const input = overridden(exampleConfig(name), simulator, await freePorts());
  const config = parseConfig(input, { folder, production: false });
  const server = await startServer(config, { log, clock: simulator });
  Object.assign(webhooks, webhooksOf(server, input.gateways));
  const settle = async () => {
    await server.sekisho.idle();
    await simulator.settle();
    await server.sekisho.idle();
  };
  return {
    ...{ server, simulator, settle, logged: () => lines.join('') },
    events: () => lines.map((line) => JSON.parse(line)).filter(({ type }) => type !== undefined),
    async pass(milliseconds) {
      await settle();
      await simulator.advance(milliseconds);
      await settle();
    },
    async close() {
      await server.close();
      await simulator.close();
      await rm(folder, { recursive: true });
    },
  };
}

function overridden(example: ReturnType<typeof exampleConfig>, simulator: Simulator, port: number) {
  return {
    ...example,
    issuer: `http://localhost:${port}`,
    ...{ port, production: false, logLevel: 'debug' },
    store: { type: 'sqlite', synchronous: 'normal' },
    webhooks: { baseUrl: `http://127.0.0.1:${port}` },
    gateways: example.gateways.map((gateway) => ({
      ...gateway,
      insecure: true,
      baseUrl: simulator.vendorUrl(vendorOf(gateway)),
    })),
  };
}

/** What is entered in the consoles of vendors that report everything to one address. */
function webhooksOf({ sekisho }: RunningServer, gateways: Gateways): Record<string, string> {
  const told = gateways.filter((gateway) => vendorOf(gateway) !== 'karaden-push');
  return Object.fromEntries(
    told.map((gateway) => [vendorOf(gateway), sekisho.webhookUrl(String(gateway['name'] ?? gateway.type))]),
  );
}

const REDIRECT = 'https://app.example.com/callback';
/** RFC 7636, appendix B: what `requestAt` holds the challenge of. */
const VERIFIER = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk';

/** A person in front of a browser, who has just given the password for the first time: the page asks for a number. */
export async function firstSignIn(at: SimulatedServer, login: string): Promise<Page> {
  const { accounts } = at.server;
  const passwordHash = await accounts.hashPassword(PASSWORD);
  await accounts.create({ accountId: randomBytes(8).toString('hex'), login, passwordHash });
  return signIn(at, login);
}

/** Gives the password of an account that has a number in another browser, and waits until what is sent is out. */
export async function signInAgain(at: SimulatedServer, login: string): Promise<Page> {
  const page = await signIn(at, login);
  await at.settle();
  return page;
}

async function signIn({ server }: SimulatedServer, login: string): Promise<Page> {
  // As behind the one proxy that the examples name.
  const visitor = new Visitor({ 'accept-language': 'ja', 'x-forwarded-for': '192.0.2.7' });
  const asked = requestAt(server.url, { client_id: 'bank-app', redirect_uri: REDIRECT });
  return (await visitor.open(asked)).submit('login', { login, password: PASSWORD });
}

/** Enters the number, and waits until what is sent is out. */
export async function giveNumber(at: SimulatedServer, page: Page, phone: string): Promise<Page> {
  const next = await page.submit('number', { phone });
  await at.settle();
  return next;
}

/** What the page says about the message, when it is loaded again. */
export async function stateOf(at: SimulatedServer, page: Page): Promise<string | undefined> {
  // Loading it is what makes Sekisho ask a vendor; the answer stands on the page after.
  await page.visitor.open(page.url);
  await at.settle();
  const { html } = await page.visitor.open(page.url);
  return /data-state="([\w-]+)"/.exec(html)?.[1];
}

/** Types the code, goes back to the application, and has it exchange its own code for the ID token. */
export async function finish({ server }: SimulatedServer, page: Page, code: string) {
  const done = await page.submit('code', { code });
  const back = await done.visitor.open(done.next!, { stopAt: REDIRECT });
  const answer = await fetch(`${server.url}/token`, {
    method: 'POST',
    body: new URLSearchParams({
      ...{ grant_type: 'authorization_code', client_id: 'bank-app', redirect_uri: REDIRECT },
      ...{ code: new URL(back.url).searchParams.get('code') ?? '', code_verifier: VERIFIER },
    }),
  });
  const { id_token: token } = (await answer.json()) as { id_token: string };
  return decodeJwt(token) as { acr?: string; amr?: string[] };
}

/** What the log of the server never holds (LOG-02); codes of six digits turn up in times by chance, so they are left out. */
export function assertNothingLogged(at: SimulatedServer): void {
  const messages = at.simulator.messages();
  assert.ok(messages.length > 0 && at.logged().includes('delivery.finished'));
  const addresses = at.simulator.callbacks().map(({ url }) => /hooks\/[^/]+\/([\w-]+)/.exec(url)![1]!);
  const found = leaksIn(at.logged(), {
    secrets: Object.values(SECRETS),
    numbers: messages.map(({ to }) => to),
    tokens: addresses,
    texts: ['みらい銀行', ...messages.flatMap(({ text, heard }) => [text, ...heard])].filter(Boolean),
  });
  assert.deepEqual(found, []);
}

const DIGITS = ['ゼロ', 'イチ', 'ニィ', 'サン', 'ヨン', 'ゴォ', 'ロク', 'ナナ', 'ハチ', 'キュウ'];
const SPOKEN = new RegExp(`(?:(?:${DIGITS.join('|')})、?){6,}`);

/** The code that a person reads in a message, or hears in a call. */
export const codeFrom = ({ channel, text, heard }: SimMessage): string =>
  channel === 'sms' ? /#(\d+)$/.exec(text)![1]! : spokenDigits(heard.join('\n'));

/** Digits that are read out in Japanese, of the first time that they are. */
export function spokenDigits(text: string): string {
  const words = SPOKEN.exec(text)?.[0].split('、') ?? [];
  return words
    .map((word) => DIGITS.indexOf(word))
    .filter((digit) => digit >= 0)
    .join('');
}
