import { z } from 'zod';
import { ConfigurationError, type Problem } from '../../errors.ts';
import type { GatewayFinding } from '../../ports/gateway.ts';
import { calledIn, readSettings } from '../wire/settings.ts';
import type { Preset, Tree } from './presets/define.ts';
import { PRESETS } from './presets.ts';

/**
 * Fills in what a preset knows.
 *
 * @param given Settings of the gateway, with `preset` and its inputs among them.
 * @throws ConfigurationError for an unknown preset, wrong inputs, and for every field that the contract documents of the
 *   vendor must fill in.
 */
export function fillPreset(given: unknown): { settings: unknown; findings: readonly GatewayFinding[] } {
  if (!isTree(given) || given['preset'] === undefined) return { settings: given, findings: [] };
  const { preset: name, ...rest } = given;
  const called = calledIn(given, 'http');
  const preset = typeof name === 'string' && Object.hasOwn(PRESETS, name) ? PRESETS[name]! : undefined;
  if (!preset) {
    throw new ConfigurationError([
      {
        field: `${called}.preset`,
        reason: `must be one of ${Object.keys(PRESETS).join(', ')}`,
        fix: 'See docs/gateways/http.md',
      },
    ]);
  }
  const isInput = ([field]: [string, unknown]) => Object.hasOwn(preset.inputs, field);
  const inputs = Object.fromEntries(Object.entries(rest).filter(isInput));
  const own = Object.fromEntries(Object.entries(rest).filter((entry) => !isInput(entry)));
  const read = readSettings(z.strictObject(preset.inputs), inputs, `presets/${name}`, called);
  const settings = merge(preset.build(read as Tree), own) as Tree;
  demandContract(settings, preset, { called, name: name as string });
  return { settings, findings: preset.finding ? [preset.finding] : [] };
}

function demandContract(
  settings: Tree,
  { contract = [] }: Preset,
  { called, name }: { called: string; name: string },
): void {
  const problems = contract
    .filter(({ fields }) => !fields.some((field) => isThere(settings, field.split('.'))))
    .map(
      ({ fields, fix }): Problem => ({
        field: fields.map((field) => `${called}.${field}`).join(' or '),
        reason: `must be filled in from the vendor's contract documents (preset ${name})`,
        fix,
      }),
    );
  if (problems.length > 0) throw new ConfigurationError(problems);
}

function isThere(value: unknown, [step, ...rest]: string[]): boolean {
  if (step === undefined) return value !== undefined;
  return isTree(value) && Object.hasOwn(value, step) && isThere(value[step], rest);
}

/** Objects are merged; anything else replaces what the preset says, and null takes it away. */
function merge(known: unknown, own: unknown): unknown {
  if (!isTree(known) || !isTree(own)) return own;
  const merged: Tree = { ...known };
  for (const [name, value] of Object.entries(own)) {
    if (value === null) delete merged[name];
    else merged[name] = Object.hasOwn(known, name) ? merge(known[name], value) : value;
  }
  return merged;
}

const isTree = (value: unknown): value is Tree =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
