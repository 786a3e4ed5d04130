import { bar, printTable, spread, told } from './figures.ts';
import { createLoad, type Load, type Stretch, WARM } from './load.ts';
import { watchNoise } from './noise.ts';
import { type StoreName, startPair } from './place.ts';
import type { Hashing, Kind } from './setting.ts';

interface Plan {
  hashing: Hashing;
  atOnce: number;
  rounds: number;
  milliseconds: number;
}

const FULL: readonly Plan[] = [
  { hashing: 'none', atOnce: 1, rounds: 9, milliseconds: 2000 },
  { hashing: 'none', atOnce: 8, rounds: 9, milliseconds: 2000 },
  { hashing: 'scrypt', atOnce: 1, rounds: 5, milliseconds: 2000 },
  { hashing: 'scrypt', atOnce: 8, rounds: 5, milliseconds: 2000 },
];
const QUICK: readonly Plan[] = [{ hashing: 'none', atOnce: 8, rounds: 3, milliseconds: 1000 }];

/** Part of the machine that others may have in a round. */
const DISTURBED = 0.08;
const MOST_MADE_UP = 4;

type Rounds = Record<Kind, Stretch[]>;
interface Measured extends Plan {
  store: StoreName;
  found: Rounds;
  /** Rounds among them in which others had a good part of the machine. */
  disturbed: number;
}

/** Sign-ins per second and CPU of both systems. */
export async function benchSignIns(quick: boolean): Promise<void> {
  console.log('## Sign-ins\n');
  const measured = [...(await measure('sqlite', quick)), ...(await measure('redis', quick))];
  printTable(
    [
      'store, password, at once',
      'bare/s',
      'Sekisho/s',
      'ratio (min to max)',
      'bare CPU ms',
      'Sekisho CPU ms',
      'disturbed rounds',
    ],
    measured.map(row),
  );
  for (const one of measured.filter(({ store, atOnce }) => store === 'redis' && atOnce === 8)) judge(one);
  console.log();
}

const WITH: Record<Hashing, string> = {
  none: 'without hashing a password',
  scrypt: 'both hashing the password with scrypt',
};

/** The bar is meant at equal hashing; without any it is the harder one, and both are told. */
function judge({ found, hashing }: Measured): void {
  const { median } = ratio(found);
  bar(
    `on Redis, 8 at once, ${WITH[hashing]}, at least 75 % of the bare sign-ins per second`,
    median >= 0.75,
    `${(100 * median).toFixed(0)} %`,
  );
}

async function measure(store: StoreName, quick: boolean): Promise<Measured[]> {
  const measured: Measured[] = [];
  const pair = await startPair(store);
  try {
    const loads = {
      bare: createLoad('bare', pair.servers.bare),
      sekisho: createLoad('sekisho', pair.servers.sekisho),
    };
    for (const kind of KINDS) await loads[kind].until(quick ? WARM / 2 : WARM, 8);
    for (const plan of quick ? QUICK : FULL)
      measured.push({ ...plan, store, ...(await compare(loads, plan)) });
  } finally {
    await pair.stop();
  }
  return measured;
}

const KINDS: readonly Kind[] = ['bare', 'sekisho'];

/** Both systems in each round, so that they get the same noise; rounds that others disturbed are made up for. */
async function compare(loads: Record<Kind, Load>, plan: Plan): Promise<{ found: Rounds; disturbed: number }> {
  const all: { bare: Stretch; sekisho: Stretch; foreign: number }[] = [];
  const quiet = () => all.filter(({ foreign }) => foreign < DISTURBED);
  while (quiet().length < plan.rounds && all.length < plan.rounds + MOST_MADE_UP) {
    const noise = watchNoise();
    const order = all.length % 2 === 0 ? KINDS : KINDS.toReversed();
    const round = {} as Record<Kind, Stretch>;
    for (const kind of order) {
      round[kind] = await loads[kind].during(plan.milliseconds, plan.atOnce, plan.hashing);
    }
    all.push({ ...round, foreign: noise.foreign() });
  }
  // Where it never was quiet, the least bad rounds have to do.
  const counted = all.toSorted((a, b) => a.foreign - b.foreign).slice(0, plan.rounds);
  return {
    found: { bare: counted.map(({ bare }) => bare), sekisho: counted.map(({ sekisho }) => sekisho) },
    disturbed: counted.filter(({ foreign }) => foreign >= DISTURBED).length,
  };
}

/** Of each round by itself: what slows a round down slows both halves of it. */
const ratio = ({ bare, sekisho }: Rounds) =>
  spread(bare.map(({ rate }, round) => sekisho[round]!.rate / rate));

function row({ store, hashing, atOnce, found, disturbed, rounds }: Measured): string[] {
  const median = (kind: Kind, field: 'rate' | 'cpu') => spread(found[kind].map((each) => each[field])).median;
  return [
    `${store}, ${hashing === 'scrypt' ? 'scrypt' : 'no hashing'}, ${atOnce}`,
    median('bare', 'rate').toFixed(0),
    median('sekisho', 'rate').toFixed(0),
    told(ratio(found)),
    median('bare', 'cpu').toFixed(1),
    median('sekisho', 'cpu').toFixed(1),
    `${disturbed} of ${rounds}`,
  ];
}
