import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { SimReply } from '../../stand-in.ts';
import { jsonReply, violationReply } from './replies.ts';
import { soundOf } from './ssml.ts';

/** The steps of the vendor's IVR language that a press of a key takes; others are refused. */
type Step =
  | 'hangup'
  | { say: string }
  | { collectInto: string }
  | { if: string; then: readonly Step[]; else?: readonly Step[] | undefined };

const stepSchema: z.ZodType<Step> = z.lazy(() =>
  z.union([
    z.literal('hangup'),
    z.object({ say: z.string().min(1) }),
    z.object({ collectInto: z.string().regex(/^\w+$/) }),
    // biome-ignore lint/suspicious/noThenProperty: the vendor's own word for the branch
    z.object({ if: z.string(), then: z.array(stepSchema), else: z.array(stepSchema).optional() }),
  ]),
);
const scenarioSchema = z.object({
  name: z.string().min(1),
  description: z.string().optional(),
  script: z.array(stepSchema).min(1),
});

/** What became of a call. */
export interface Played {
  heard: string[];
  /** What was collected, by variable. */
  collected: Record<string, string>;
}

/** The IVR scenarios of an account. */
export interface Scenarios {
  /** `POST /voice/ivr/1/scenarios` */
  create(body: unknown): SimReply;
  has(id: string): boolean;
  /** @param keys What the person presses, one each time when asked. */
  play(id: string, parameters: Readonly<Record<string, string>>, keys: readonly string[]): Played;
}

/** @param known Scripts that the account has already, by id. */
export function createScenarios(known: Readonly<Record<string, readonly Step[]>>): Scenarios {
  const scripts = new Map(Object.entries(known));
  return {
    create(body) {
      const parsed = scenarioSchema.safeParse(body);
      if (!parsed.success) return violationReply(['script']);
      const id = randomBytes(16).toString('hex').toUpperCase();
      scripts.set(id, parsed.data.script);
      return jsonReply(200, { id, ...(body as object) });
    },
    has: (id) => scripts.has(id),
    play(id, parameters, keys) {
      const run: Run = {
        variables: new Map(Object.entries(parameters)),
        keys: [...keys],
        heard: [],
        collected: {},
      };
      perform(scripts.get(id) ?? [], run);
      return { heard: run.heard, collected: run.collected };
    },
  };
}

interface Run extends Played {
  variables: Map<string, string>;
  keys: string[];
}

/** @returns whether the call goes on. */
const perform = (steps: readonly Step[], run: Run): boolean => steps.every((step) => take(step, run));

function take(step: Step, run: Run): boolean {
  if (step === 'hangup') return false;
  if ('say' in step) run.heard.push(soundOf(filled(step.say, run)));
  else if ('collectInto' in step) collect(step.collectInto, run);
  else return perform((holds(step.if, run) ? step.then : step.else) ?? [], run);
  return true;
}

function collect(variable: string, run: Run): void {
  const key = run.keys.shift() ?? '';
  run.variables.set(variable, key);
  run.collected[variable] = key;
}

/** Twice, so that a parameter that holds a variable itself is caught. */
const filled = (text: string, run: Run): string => fill(fill(text, run), run);

const fill = (text: string, { variables }: Run): string =>
  text.replace(/\$\{(\w+)\}/g, (_, name: string) => variables.get(name) ?? '');

/** `${key == '1' || key == '2'}` */
const holds = (condition: string, { variables }: Run): boolean =>
  [...condition.matchAll(/(\w+) == '([^']*)'/g)].some(([, name, value]) => variables.get(name!) === value);
