import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { benchDelivery } from './delivery.ts';
import { missedBars } from './figures.ts';
import { benchMemory } from './memory.ts';
import { startPair } from './place.ts';
import { benchProfile } from './profile.ts';
import { benchSignIns } from './sign-ins.ts';
import { benchStart } from './start.ts';
import { benchTrips } from './trips.ts';

type Part = (quick: boolean) => Promise<void>;
const PARTS: Record<string, Part> = {
  trips: benchTrips,
  signins: benchSignIns,
  memory: benchMemory,
  start: benchStart,
  delivery: benchDelivery,
  profile: benchProfile,
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { quick: { type: 'boolean', default: false } },
});
const names = positionals.length > 0 ? positionals : ['trips', 'signins', 'memory', 'start', 'delivery'];
const unknown = names.find((name) => !Object.hasOwn(PARTS, name));
if (unknown !== undefined)
  throw new Error(`There is no ${unknown}; there are ${Object.keys(PARTS).join(', ')}`);

// Servers find their sources compiled, as a published package is: no one's memory or start pays for stripping types.
const compiled = mkdtempSync(join(tmpdir(), 'sekisho-compiled-'));
process.env['NODE_COMPILE_CACHE'] = compiled;
process.on('exit', () => rmSync(compiled, { recursive: true, force: true }));
if (names.some((name) => name !== 'delivery')) await (await startPair('sqlite')).stop();
for (const name of names) await PARTS[name]!(values.quick);

const missed = missedBars();
console.log(missed.length === 0 ? 'Every bar was reached.' : `Not reached: ${missed.join('; ')}.`);
// A quick run is too short to blame anybody.
if (missed.length > 0 && !values.quick) process.exitCode = 1;
