import { createDirectory } from '../accounts/directory.ts';
import { type Clock, systemClock } from '../ports/clock.ts';
import { SWITCHED_OFF } from '../sekisho/surroundings.ts';
import { openSqliteStore } from '../stores/sqlite.ts';
import { checkClients } from './check/clients.ts';
import { type Check, errorsIn, type Finding, ok, type Surroundings, told } from './check/finding.ts';
import { checkKeys, checkPort, checkStore } from './check/surroundings.ts';
import { describeGateway, describeWays } from './check/ways.ts';
import { unconnected } from './config/gateways.ts';
import { examineConfig, readConfig } from './config.ts';
import { generateKeys } from './keys.ts';
import { loadSignals, openGateways, openNotices } from './parts.ts';
import { readPlugins } from './plugins.ts';
import { assemble } from './server.ts';

/** What is looked at, and the fields that must be right for it. */
const CHECKS: readonly [needs: string[], check: Check][] = [
  [['plugins'], checkPlugins],
  [['data'], checkKeys],
  [['gateway', 'gateways', 'plugins'], checkGateways],
  [['store', 'data', 'plugins'], checkStore],
  [['signals', 'plugins'], checkSignals],
  [['clients', 'issuer'], checkClients],
  [['port', 'host'], checkPort],
  [[], checkClock],
];

/**
 * Looks at a configuration and its surroundings without changing either, and tells everything that is wrong at once.
 * Errors stop a start, or would; warnings do not.
 *
 * @param file Configuration file; undefined when everything is in the environment.
 */
export async function checkServer(
  file: string | undefined,
  env: NodeJS.ProcessEnv,
  clock: Clock = systemClock,
): Promise<Finding[]> {
  let read: ReturnType<typeof readConfig>;
  try {
    read = readConfig(file, env);
  } catch (error) {
    return errorsIn(error, file ?? 'environment');
  }
  const { config, problems, wrong } = examineConfig(read.input, read.origin);
  const at: Surroundings = { config, clock };
  const findings = problems.map((problem): Finding => ({ level: 'error', ...problem }));
  for (const [needs, check] of CHECKS) {
    if (needs.some((field) => wrong.has(field))) continue;
    findings.push(...(await check(at).catch((error) => errorsIn(error, needs[0] ?? 'configuration'))));
  }
  if (findings.some(({ level }) => level === 'error')) return findings;
  const whole = await checkWhole(at).catch((error) => errorsIn(error, 'configuration'));
  return [...whole, ...findings];
}

async function checkPlugins(at: Surroundings): Promise<Finding[]> {
  at.catalogue = readPlugins(at.config.plugins, at.config.folder);
  return [];
}

async function checkGateways(at: Surroundings): Promise<Finding[]> {
  if (!at.catalogue) return [];
  const gateways = await openGateways(at.config, at.catalogue);
  at.gateways = gateways;
  return gateways.flatMap((gateway) => {
    const field = `gateway ${gateway.name}`;
    const { production } = at.config;
    // What production refuses is a warning elsewhere, as at a start.
    const found = (gateway.findings?.({ production }) ?? []).map((finding) =>
      production ? finding : { ...finding, severity: 'warning' as const },
    );
    const state =
      gateway.enabled === false ? told(field, [SWITCHED_OFF]) : [ok(field, describeGateway(gateway))];
    return [...state, ...told(field, found)];
  });
}

async function checkSignals({ config, catalogue }: Surroundings): Promise<Finding[]> {
  if (catalogue) await loadSignals(config, catalogue);
  return [];
}

const NO_EARLIER = Date.UTC(2025, 0, 1);

/** Codes live for minutes and tokens carry times, so a clock that is wrong stops everything (OPS-03). */
async function checkClock({ keys, clock }: Surroundings): Promise<Finding[]> {
  const now = clock.now();
  const made = (keys?.signing ?? []).map(({ createdAt }) => Date.parse(createdAt));
  const says = new Date(now).toISOString();
  if (now >= Math.max(NO_EARLIER, ...made)) return [ok('clock', `says ${says}`)];
  const reason = `says ${says}, which is before things that were already made`;
  return [{ level: 'error', field: 'clock', reason, fix: 'Turn on time synchronisation (NTP)' }];
}

/** Puts everything together in memory: tells about clients, views and texts what only the real thing can tell. */
async function checkWhole({ config, clock, keys, gateways }: Surroundings): Promise<Finding[]> {
  // That it forgets is no finding here: it only stands in for the real one, which was asked itself.
  const store = { ...(await openSqliteStore({ file: ':memory:' })), findings: async () => [] };
  const warnings: Finding[] = [];
  const said = new Set(
    gateways!.flatMap(({ name, findings }) =>
      [SWITCHED_OFF, ...(findings?.({ production: config.production }) ?? [])].map(
        ({ message }) => `gateway ${name} ${message}`,
      ),
    ),
  );
  const warn = (fields: object, reason: string) => {
    const { field = '', fix = '' } = fields as { field?: string; fix?: string };
    // Gateways were asked themselves, but not what the options make of them.
    if (!said.has(`${field} ${reason}`)) warnings.push({ level: 'warning', field, reason, fix });
  };
  const { sekisho, options } = await assemble({
    ...{ config, clock, accounts: createDirectory({ store, clock }), extras: {} },
    log: { info() {}, warn, error() {} },
    keys: keys ?? (await generateKeys(clock.now())),
    parts: { store, gateways: gateways!.map(unconnected), notices: openNotices(config), signals: undefined },
  });
  const ways = describeWays(options);
  await sekisho.close();
  const all = ok('configuration', `is complete, for ${config.issuer}; clients: ${config.clients.length}`);
  return [all, ...warnings, ...ways];
}
