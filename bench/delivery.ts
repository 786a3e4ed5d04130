import { randomBytes } from 'node:crypto';
import { parseOptions, type SekishoOptions } from '../src/options.ts';
import type { Channel } from '../src/ports/store.ts';
import { buildCore } from '../src/sekisho/core.ts';
import { openSqliteStore } from '../src/stores/sqlite.ts';
import { luck, MODEL } from './delivery/model.ts';
import { type Arrival, newSignIn, numberOf, personOf, type SignIn, signIn } from './delivery/people.ts';
import { createTimeline } from './delivery/timeline.ts';
import { createCallVendor, createSmsVendor, type World } from './delivery/vendors.ts';
import { bar, printTable } from './figures.ts';

const SILENT = { info() {}, warn() {}, error() {} };

type System = 'one gateway alone' | 'fail-over' | 'fail-over with voice';

/**
 * Plays sign-ins against vendors that fail (`delivery/model.ts`) on a virtual clock, and counts who had a code when. It
 * runs the real domain on a real store; only vendors, networks and people are made up.
 */
export async function benchDelivery(quick: boolean): Promise<void> {
  const signIns = quick ? MODEL.signIns / 10 : MODEL.signIns;
  console.log(`\n## Codes that arrive: ${signIns} simulated sign-ins\n`);
  const rows = new Map<System, Summary>();
  for (const system of ['one gateway alone', 'fail-over', 'fail-over with voice'] as const)
    rows.set(system, summary(await play(system, signIns)));
  printTable(
    ['system', 'code in 15 s', 'in 60 s', 'messages each', 'calls each', 'two, own press', 'two, by itself'],
    [...rows].map(([system, row]) => [
      system,
      percent(row.in15),
      percent(row.in60),
      row.messages.toFixed(3),
      row.calls.toFixed(3),
      percent(row.pressed),
      percent(row.automatic),
    ]),
  );
  const best = rows.get('fail-over with voice')!;
  bar('a code within 60 s, with voice, at least 99.5 %', best.in60 >= 0.995, percent(best.in60));
  const sends = best.messages + best.calls;
  bar('messages and calls for each sign-in, at most 1.15', sends <= 1.15, sends.toFixed(3));
  const doubles = [...rows.values()].reduce((sum, { automatic }) => sum + automatic, 0);
  bar('nobody gets two, one of them by itself', doubles === 0, percent(doubles));
}

const percent = (share: number): string => `${(share * 100).toFixed(2)} %`;

async function play(system: System, signIns: number): Promise<SignIn[]> {
  const timeline = createTimeline();
  const records = Array.from({ length: signIns }, newSignIn);
  const current = new Map<number, SignIn>();
  const world: World = {
    ...{ timeline, personOf, random: luck(1619) },
    arrived: async ({ to, id }) => {
      const record = current.get(personOf(to))!;
      record.arrivals.push({ at: timeline.now() - record.began, why: await record.why(id) });
    },
    left: ({ to, channel }) => {
      current.get(personOf(to))!.left[channel] += 1;
    },
  };
  const store = await openSqliteStore({ file: ':memory:' });
  const { core } = await buildCore(
    parseOptions({ ...optionsOf(system, world), store, clock: timeline.clock }),
    SILENT,
  );
  const people = signIns / 2;
  for (const [at, record] of records.entries()) {
    const person = at % people;
    const round = Math.floor(at / people);
    timeline.after(round * MODEL.again + (person * MODEL.every * MODEL.people) / people, async () => {
      record.began = timeline.now();
      current.set(person, record);
      await signIn(core, world, person, record);
    });
  }
  await timeline.run();
  await store.close();
  return records;
}

function optionsOf(system: System, world: World): Omit<SekishoOptions, 'store'> {
  const primary = createSmsVendor('primary', world, true);
  const others = [createSmsVendor('second', world)];
  const calls = [createCallVendor('calls', world)];
  const gateways = {
    'one gateway alone': [primary],
    'fail-over': [primary, ...others],
    'fail-over with voice': [primary, ...others, ...calls],
  }[system];
  return {
    issuer: 'https://login.example.jp',
    secrets: [randomBytes(32).toString('base64url')],
    countries: ['JP'],
    gateways,
  };
}

interface Summary {
  in15: number;
  in60: number;
  messages: number;
  calls: number;
  /** Got more than one, and pressed for one of them. */
  pressed: number;
  /** Got more than one, and one of them by itself, whether they pressed for another or not. */
  automatic: number;
}

function summary(records: readonly SignIn[]): Summary {
  const share = (fits: (record: SignIn) => boolean) => records.filter(fits).length / records.length;
  const within = (seconds: number) => share(({ arrivals }) => arrivals.some(({ at }) => at <= seconds));
  const each = (channel: Channel) =>
    records.reduce((sum, { left }) => sum + left[channel], 0) / records.length;
  const of = ({ arrivals }: SignIn, wanted: Arrival['why']) =>
    arrivals.filter(({ why }) => why === wanted).length;
  const several = (fits: (record: SignIn) => boolean) =>
    share((record) => record.arrivals.length > 1 && fits(record));
  return {
    in15: within(15),
    in60: within(60),
    messages: each('sms'),
    calls: each('voice'),
    pressed: several((record) => of(record, 'press') > 0),
    // Two of one send are no less than one that followed by itself.
    automatic: several((record) => of(record, 'itself') > 0 || of(record, 'sign-in') > 1),
  };
}

// The numbers have to exist in the numbering plan for any of this to mean something.
if (!/^\+8190\d{8}$/.test(numberOf(MODEL.people))) throw new Error('the numbers of the model do not fit');
