import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { z } from 'zod';
import { ConfigurationError } from '../errors.ts';
import { parseJson } from './config/json-text.ts';

const partSchema = z.looseObject({
  /** As the configuration names it. */
  name: z.string().min(1),
  /** Subpath of the package: `./gateways/handset`. */
  module: z.string().startsWith('./'),
  export: z.string().min(1),
});
const manifestSchema = z.looseObject({
  name: z.string().min(1),
  gateways: z.array(partSchema).default([]),
  stores: z.array(partSchema).default([]),
  signals: z.array(partSchema).default([]),
});

export type PartKind = 'gateways' | 'stores' | 'signals';

/** Every part that the configuration may name, from our manifest and those of the plugins. */
export interface Catalogue {
  names(kind: PartKind): string[];
  /** Imports the part and answers its export. @throws ConfigurationError for a name or an export that does not exist. */
  load(kind: PartKind, name: string, field: string): Promise<unknown>;
}

interface Entry {
  kind: PartKind;
  name: string;
  exported: string;
  from: string;
  address(): string;
}

/**
 * Reads `plugin-manifest.json` of Sekisho itself and of every plugin. No code of a plugin runs until a part of it is used.
 *
 * @param plugins Names of packages, or paths that start with a dot.
 * @param folder Where they are looked for from.
 * @throws ConfigurationError for a plugin that is missing, or provides a name that is there already.
 */
export function readPlugins(plugins: readonly string[], folder: string): Catalogue {
  const entries = ourEntries();
  for (const plugin of plugins) {
    for (const entry of entriesOf(plugin, folder)) {
      const same = entries.find(({ kind, name }) => kind === entry.kind && name === entry.name);
      if (same)
        throw refuse(
          plugin,
          `provides ${entry.kind} "${entry.name}", which ${same.from} has already`,
          'Use one of the two',
        );
      entries.push(entry);
    }
  }
  return {
    names: (kind) => namesOf(entries, kind),
    load: (kind, name, field) => load(entries, kind, name, field),
  };
}

const namesOf = (entries: readonly Entry[], kind: PartKind): string[] =>
  entries.flatMap((entry) => (entry.kind === kind ? [entry.name] : []));

async function load(
  entries: readonly Entry[],
  kind: PartKind,
  name: string,
  field: string,
): Promise<unknown> {
  const entry = entries.find((candidate) => candidate.kind === kind && candidate.name === name);
  if (!entry) {
    const known = namesOf(entries, kind).join(', ');
    const fix = `Use one of ${known}, or list the package that provides it under plugins`;
    throw new ConfigurationError([{ field, reason: `there is no "${name}"`, fix }]);
  }
  const module = (await import(entry.address()).catch((error: Error) => {
    throw refuse(
      entry.from,
      `${name} cannot be loaded: ${error.message.split('\n')[0]}`,
      'Install the package again',
    );
  })) as Record<string, unknown>;
  if (typeof module[entry.exported] === 'function') return module[entry.exported];
  throw refuse(
    entry.from,
    `has no export ${entry.exported} for "${name}"`,
    'Tell its makers: their manifest is wrong',
  );
}

const OUR_ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** Sources and build lie alike below the root, and differ in how files end. */
const OUR_CODE = new URL('../', import.meta.url);
const ENDING = import.meta.url.endsWith('.ts') ? '.ts' : '.js';

const ourEntries = (): Entry[] =>
  parts(readManifest(OUR_ROOT, 'sekisho'), (module) => new URL(`${module}${ENDING}`, OUR_CODE).href);

function entriesOf(plugin: string, folder: string): Entry[] {
  const root = rootOf(plugin, folder);
  if (root === undefined) throw refuse(plugin, 'is not installed', `Run: npm install ${plugin}`);
  const manifest = readManifest(root, plugin);
  return parts(manifest, (module) => addressIn(root, manifest.name, module));
}

function rootOf(plugin: string, folder: string): string | undefined {
  if (plugin.startsWith('.'))
    return existsSync(resolve(folder, plugin)) ? resolve(folder, plugin) : undefined;
  const lookups = createRequire(join(folder, 'any.js')).resolve.paths(plugin) ?? [];
  return lookups.map((modules) => join(modules, plugin)).find((root) => existsSync(root));
}

function readManifest(root: string, plugin: string): z.output<typeof manifestSchema> {
  const file = join(root, 'plugin-manifest.json');
  if (!existsSync(file)) throw refuse(plugin, 'has no plugin-manifest.json', 'Is it a plugin for Sekisho?');
  const parsed = manifestSchema.safeParse(parseJson(readFileSync(file, 'utf8'), file));
  if (parsed.success) return parsed.data;
  const field = parsed.error.issues[0]?.path.join('.') || 'its content';
  throw refuse(plugin, `has a plugin-manifest.json whose ${field} is not usable`, 'Tell its makers');
}

function parts(manifest: z.output<typeof manifestSchema>, addressOf: (module: string) => string): Entry[] {
  return (['gateways', 'stores', 'signals'] as const).flatMap((kind) =>
    manifest[kind].map(({ name, module, export: exported }) => ({
      kind,
      name,
      exported,
      from: manifest.name,
      address: () => addressOf(module),
    })),
  );
}

/** Through the `exports` of the package where it has some; else the file. */
function addressIn(root: string, packageName: string, module: string): string {
  try {
    const inside = createRequire(join(root, 'any.js'));
    return pathToFileURL(inside.resolve(`${packageName}${module.slice(1)}`)).href;
  } catch {
    const file = [module, `${module}.js`, `${module}.mjs`]
      .map((name) => join(root, name))
      .find((name) => existsSync(name));
    return pathToFileURL(file ?? join(root, module)).href;
  }
}

function refuse(plugin: string, reason: string, fix: string): ConfigurationError {
  return new ConfigurationError([{ field: `plugins ${plugin}`, reason, fix }]);
}
