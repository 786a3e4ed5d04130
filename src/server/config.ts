import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { z } from 'zod';
import { type Found, readInput } from '../errors/issues.ts';
import { ConfigurationError, type Problem } from '../errors.ts';
import { parseOptions, type SekishoOptions } from '../options.ts';
import { basePath } from './address.ts';
import { type Environment, overlay, readEnvironment } from './config/environment.ts';
import { placeholders } from './config/gateways.ts';
import { parseJson } from './config/json-text.ts';
import { ruleProblems } from './config/rules.ts';
import { configSchema, PASSED_ON } from './config/schema.ts';

/** The configuration of a server, complete and checked; every path is absolute. */
export type ServerConfig = Omit<z.output<typeof configSchema>, 'production'> & {
  production: boolean;
  /** Folder that relative paths and plugins are looked for from: that of the configuration file. */
  folder: string;
  /** The key file as text, from SEKISHO_KEYS; then no file is looked at. */
  keysText: string | undefined;
};

/** What a configuration file may say. */
export type ConfigInput = z.input<typeof configSchema>;

/**
 * Reads the configuration of a server: the file, and over it the `SEKISHO_` variables of the environment.
 *
 * @param file JSON file; undefined when everything is in the environment.
 * @throws ConfigurationError with one line for each problem: the field, the reason, the fix.
 */
export function loadConfig(file: string | undefined, env: NodeJS.ProcessEnv = process.env): ServerConfig {
  const { input, origin } = readConfig(file, env);
  return parseConfig(input, origin);
}

/** The same before anything is checked but that it is JSON. @throws ConfigurationError */
export function readConfig(
  file: string | undefined,
  env: NodeJS.ProcessEnv,
): { input: unknown; origin: Origin } {
  const environment = readEnvironment(env);
  const written = file === undefined ? {} : parseJson(readConfigFile(file), file);
  const folder = file === undefined ? process.cwd() : dirname(resolve(file));
  const production = env['NODE_ENV'] === 'production';
  const origin = { folder, production, environment, keysText: env['SEKISHO_KEYS'] };
  return { input: overlay(written, environment.values), origin };
}

function readConfigFile(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const reason = code === 'ENOENT' ? 'does not exist' : `cannot be read (${code})`;
    throw new ConfigurationError([{ field: file, reason, fix: 'Name the configuration with --config FILE' }]);
  }
}

/** Where a configuration comes from. */
export interface Origin {
  folder: string;
  /** What `production` is when the configuration does not say. */
  production: boolean;
  environment?: Environment;
  keysText?: string | undefined;
}

/** @throws ConfigurationError */
export function parseConfig(input: unknown, origin: Origin): ServerConfig {
  const { config, problems } = examineConfig(input, origin);
  if (problems.length > 0) throw new ConfigurationError(problems);
  return config;
}

/** What can be said about a configuration, and what is left of it without the fields that are wrong. */
export interface Examined {
  config: ServerConfig;
  problems: Problem[];
  /** Top-level fields that are wrong or missing; in `config` something harmless stands for them. */
  wrong: ReadonlySet<string>;
}

const HARMLESS = {
  issuer: 'http://localhost',
  countries: ['JP'],
  trustedProxies: 1,
};

/** Finds every problem at once; `parseConfig` is for whoever wants none. */
export function examineConfig(input: unknown, origin: Origin): Examined {
  const { data, found = [] } = readInput(configSchema, input ?? {}, 'option');
  const wrong = new Set(found.flatMap(({ path }) => path.slice(0, 1).map(String)));
  const fields = typeof input === 'object' && input !== null && !Array.isArray(input) ? input : {};
  const kept = Object.fromEntries(Object.entries(fields).filter(([name]) => !wrong.has(name)));
  const config = complete(data ?? configSchema.parse({ ...HARMLESS, ...kept }), origin);
  // One that is there and wrong is not missing.
  const isKnown = (field: string) => wrong.has(field) || (field === 'gateway' && wrong.has('gateways'));
  const problems = [
    ...found.map(explain),
    ...ruleProblems(config).filter(({ field }) => !isKnown(field.split('.')[0]!)),
    ...passedOnProblems(config),
  ];
  return { config, problems: problems.map(named(origin)), wrong };
}

function complete(
  data: z.output<typeof configSchema>,
  { folder, production, keysText }: Origin,
): ServerConfig {
  const absolute = (path: string) => resolve(folder, path);
  return {
    ...data,
    production: data.production ?? production,
    data: absolute(data.data),
    ...(data.views === undefined ? {} : { views: absolute(data.views) }),
    folder,
    keysText,
  };
}

function explain({ path, reason, fix }: Found): Problem {
  return { field: path.join('.') || 'configuration', reason, fix: fix ?? meaningOf(path[0]) };
}

/** What an option is for, as the schema describes it. */
function meaningOf(option: PropertyKey | undefined): string {
  const field = (configSchema.shape as Record<string, z.ZodType>)[String(option)];
  return field?.description ? `Meant is: ${field.description}` : 'See this option in the README';
}

/** Names the variable beside the field that it set. */
function named({ environment }: Origin): (problem: Problem) => Problem {
  return (problem) => {
    const from = [...(environment?.variables ?? [])].find(
      ([path]) => problem.field === path || problem.field.startsWith(`${path}.`),
    );
    return from ? { ...problem, field: `${from[1]} (${problem.field})` } : problem;
  };
}

/** What `createSekisho` would say, with stand-ins for the parts that are not open yet. */
function passedOnProblems(config: ServerConfig): Problem[] {
  const secrets = config.secrets ?? [Buffer.alloc(32, 1).toString('base64url')];
  try {
    parseOptions({
      ...sekishoOptions(config),
      ...{ secrets, store: {}, gateways: placeholders(config), accounts: {} },
    });
    return [];
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    // Its own rules about https and about gateways that are missing are said above, once.
    return error.problems
      .filter(({ field }) => field !== 'issuer' && field !== 'gateways')
      .map((problem) => atClient(config, problem));
  }
}

/** A client's policy is written beside the client here. */
function atClient({ clients }: ServerConfig, problem: Problem): Problem {
  const index = clients.findIndex(({ client_id: id }) => problem.field.startsWith(`clients.${id}.`));
  const rest = problem.field.slice(`clients.${clients[index]?.client_id}.`.length);
  return index < 0 ? problem : { ...problem, field: `clients.${index}.sekisho.${rest}` };
}

type PlainOptions = Omit<
  SekishoOptions,
  | 'store'
  | 'gateway'
  | 'gateways'
  | 'notices'
  | 'accounts'
  | 'secrets'
  | 'storeIdentity'
  | 'clock'
  | 'log'
  | 'onEvent'
  | 'signals'
>;

const PAGES = '/sekisho';

/**
 * Where the pages live on the host. Everything of the server lies below the path of its issuer: a proxy in front may pass on
 * nothing else (fault E.6).
 */
function belowIssuer(issuer: string, mountPath: unknown = PAGES): string {
  const base = basePath(issuer);
  const path = mountPath as string; // what is no path is refused by `parseOptions`
  const isInside = typeof path !== 'string' || !path.startsWith('/') || path.startsWith(`${base}/`);
  return isInside ? path : `${base}${path}`;
}

/** The part of the configuration that is handed to `createSekisho` as it is. */
export function sekishoOptions(config: ServerConfig): PlainOptions {
  const { issuer, countries, signUp, trustedProxies, production, clients, views } = config;
  const passed = Object.fromEntries(
    PASSED_ON.flatMap((name) => (config[name] === undefined ? [] : [[name, config[name]]])),
  );
  const policies = clients.flatMap(({ client_id: id, sekisho }) =>
    sekisho === undefined ? [] : [[id, sekisho]],
  );
  return {
    ...passed,
    mountPath: belowIssuer(issuer, config.mountPath),
    issuer,
    countries,
    signUp,
    trustedProxies,
    production,
    clients: Object.fromEntries(policies),
    ...(views === undefined ? {} : { views }),
  };
}
