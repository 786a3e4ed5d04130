import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { readInput } from '../errors/issues.ts';
import { ConfigurationError } from '../errors.ts';
import { fateOfNumber } from './fates.ts';
import { FATES, type Fate, type NewSimMessage } from './stand-in.ts';

const fates = Object.keys(FATES) as [Fate, ...Fate[]];

const rule = z.strictObject({
  to: z
    .string()
    .regex(/^\+[1-9]\d{6,14}$/, { error: 'must be a number such as +819012345678' })
    .optional()
    .describe('The number, in E.164'),
  prefix: z
    .string()
    .regex(/^\+\d{1,14}$/, { error: 'must be the beginning of a number, such as +81' })
    .optional()
    .describe('How the number begins'),
  suffix: z
    .string()
    .regex(/^\d{1,14}$/, { error: 'must be the last digits of a number, such as 5678' })
    .optional()
    .describe('How the number ends'),
  vendor: z.string().min(1).optional().describe('Only messages through this vendor'),
  channel: z
    .enum(['sms', 'voice'], { error: 'must be sms or voice' })
    .optional()
    .describe('Only text messages, or only calls'),
  times: z
    .int({ error: 'must be a whole number' })
    .min(1, { error: 'must be 1 or more' })
    .optional()
    .describe('Holds for so many messages, then no more'),
  fate: z.enum(fates, { error: `must be one of ${fates.join(', ')}` }).describe('What happens'),
  after: z
    .number({ error: 'must be a number of seconds' })
    .min(0.001, { error: 'must be more than 0 seconds' })
    .max(86_400, { error: 'must be at most 86400 seconds' })
    .optional()
    .describe('Seconds until the last change; the changes before come in proportion'),
});

const scenario = z.strictObject({ rules: z.array(rule, { error: 'must be a list of rules' }).max(1000) });

/** What happens to which messages: the first rule that fits decides, and where none fits, the digits of the number. */
export type Scenario = z.output<typeof scenario>;
type Rule = Scenario['rules'][number];

/** What was decided for a message. */
export interface Chosen {
  fate: Fate;
  /** Milliseconds until the last change; that of the fate unless said. */
  last?: number;
}
type About = Pick<NewSimMessage, 'to' | 'channel'>;
/** Decides by the rules, which count how often they held, and by the number. */
export interface Chooser {
  choose(vendor: string, message: About): Chosen;
  /** What would be decided; it does not count. */
  foresee(vendor: string, message: About): Fate;
  /** Counts from the beginning. */
  restart(): void;
}

/**
 * @param input What stands in the scenario file.
 * @throws ConfigurationError naming every field that is wrong.
 */
export function parseScenario(input: unknown): Scenario {
  const { data, found } = readInput(scenario, input);
  if (!found) return data;
  const fields = (depth: number) => Object.keys(depth === 1 ? scenario.shape : rule.shape).join(', ');
  throw new ConfigurationError(
    found.map(({ path, reason, fix = 'See docs/simulator.md', unknown }) => ({
      field: ['scenario', ...path].join('.'),
      reason: unknown ? 'is nothing a scenario knows' : reason,
      fix: unknown ? `Remove it, or write one of ${fields(path.length)}` : fix,
    })),
  );
}

/**
 * @param path Of a JSON file.
 * @throws ConfigurationError where it cannot be read, is no JSON or no scenario.
 */
export function readScenario(path: string): Scenario {
  const refuse = (reason: string, fix: string) =>
    new ConfigurationError([{ field: `scenario ${path}`, reason, fix }]);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw refuse(
      code === 'ENOENT' ? 'does not exist' : `cannot be read (${code})`,
      'Name a file that can be read',
    );
  }
  let input: unknown;
  try {
    input = JSON.parse(text);
  } catch {
    throw refuse('is not JSON', 'Write it like {"rules": [{"suffix": "5678", "fate": "undelivered"}]}');
  }
  return parseScenario(input);
}

export function createChooser({ rules }: Scenario = { rules: [] }): Chooser {
  const left = new Map<Rule, number>();
  const restart = () => {
    for (const one of rules) left.set(one, one.times ?? Number.POSITIVE_INFINITY);
  };
  restart();
  const find = (vendor: string, message: About) =>
    rules.find((one) => left.get(one)! > 0 && fits(one, vendor, message));
  return {
    restart,
    foresee: (vendor, message) => find(vendor, message)?.fate ?? fateOfNumber(message.to),
    choose(vendor, message) {
      const found = find(vendor, message);
      if (!found) return { fate: fateOfNumber(message.to) };
      left.set(found, left.get(found)! - 1);
      return { fate: found.fate, ...(found.after === undefined ? {} : { last: found.after * 1000 }) };
    },
  };
}

const fits = (one: Rule, vendor: string, { to, channel }: About): boolean =>
  (one.to ?? to) === to &&
  to.startsWith(one.prefix ?? '') &&
  to.endsWith(one.suffix ?? '') &&
  (one.vendor ?? vendor) === vendor &&
  (one.channel ?? channel) === channel;
