import { loadSmpp } from '../gateways/smpp/library.ts';
import { isLoopback } from '../simulator/post.ts';
import { readScenario } from '../simulator/scenario.ts';
import { type Simulator, startSimulator } from '../simulator/simulator.ts';
import { SMSC_CREDENTIALS, type Smsc, startSmscSimulator } from '../simulator/smpp.ts';
import type { StandIn } from '../simulator/stand-in.ts';
import { allVendors } from '../simulator/vendors.ts';
import type { Typed } from './commands.ts';
import { sinceStart, untilStopped } from './running.ts';
import { noMoreWords, textOf, textsOf } from './typed.ts';
import { UsageError } from './usage.ts';

/** `sekisho simulate`: runs until it is told to stop. */
export async function simulate({ options, words, launch }: Typed): Promise<number> {
  noMoreWords(words);
  const host = textOf(options['host']) ?? '127.0.0.1';
  const scenario = textOf(options['scenario']);
  const vendors = allVendors();
  const simulator = await startSimulator({
    vendors,
    host,
    port: portNamed('--port', options['port'], 4010),
    webhooks: webhooksOf(textsOf(options['webhook'])),
    allowTargets: textsOf(options['allow-target']),
    virtualTime: options['virtual-time'] === true,
    ...(scenario === undefined ? {} : { scenario: readScenario(scenario) }),
    onError: (error) => process.stderr.write(`sekisho: a stand-in failed: ${(error as Error).message}\n`),
  });
  const smsc = await startSmsc(simulator, options['smpp-port'], host).catch(async (error) => {
    await simulator.close();
    throw error;
  });
  print(simulator, vendors, host, smsc);
  launch.ready();
  return untilStopped(async () => {
    await smsc?.close();
    await simulator.close();
  });
}

/** SMPP as well; by default only where the package for it is there. */
async function startSmsc(
  simulator: Simulator,
  value: Typed['options'][string],
  host: string,
): Promise<Smsc | undefined> {
  const port = portNamed('--smpp-port', value, 2775);
  if (port === 0 || (value === undefined && !isInstalled())) return undefined;
  return startSmscSimulator({ simulator, host, port });
}

function isInstalled(): boolean {
  try {
    return loadSmpp() !== undefined;
  } catch {
    return false;
  }
}

function print(simulator: Simulator, vendors: readonly StandIn[], host: string, smsc?: Smsc): void {
  const open = isLoopback(host) ? '' : `Whoever reaches ${host} reads every code. `;
  const { systemId, password } = SMSC_CREDENTIALS;
  const smpp = smsc
    ? `${smsc.host}:${smsc.port}, system id ${systemId}, password ${password}`
    : 'not started; it needs a port and the package smpp';
  process.stdout.write(`
Sekisho simulator, ready in ${sinceStart()} ms

  Test phone    ${simulator.url}/
  Inbox         ${simulator.url}/_sim/messages
  Credentials   ${simulator.url}/_sim/vendors (known to everybody)
  SMPP          ${smpp}

${vendors.map((one) => vendorLines(one, simulator)).join('\n')}
A gateway uses it with "insecure": true and the address of its vendor as "baseUrl".
A number that ends in 9901 is not delivered, 9907 too fast, 9908 answered by nobody, and so on: docs/simulator.md.

${open}For trying out only. Ctrl-C stops it.

`);
}

function vendorLines({ vendor, credentials }: StandIn, simulator: Simulator): string {
  const lines = Object.entries(credentials).map(
    ([name, value]) => `    ${name.padEnd(20)} ${value.includes('\n') ? '(see Credentials)' : value}\n`,
  );
  return `  ${vendor.padEnd(13)} ${simulator.vendorUrl(vendor)}\n${lines.join('')}`;
}

/** @throws UsageError */
function portNamed(name: string, value: Typed['options'][string], otherwise: number): number {
  const port = value === undefined ? otherwise : Number(value);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535 && value !== '') return port;
  throw new UsageError(`${name} must be a number from 0 to 65535`);
}

/** @throws UsageError */
function webhooksOf(texts: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    texts.map((text) => {
      const [, vendor, address] = /^([a-z0-9-]+)=(.+)$/.exec(text) ?? [];
      if (vendor !== undefined && address !== undefined) return [vendor, address];
      throw new UsageError(
        '--webhook takes VENDOR=URL, such as twilio=http://127.0.0.1:3000/sekisho/hooks/twilio/…',
      );
    }),
  );
}
