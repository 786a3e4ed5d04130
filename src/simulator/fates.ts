import {
  FATES,
  type Fate,
  type Refusal,
  type SimChange,
  type SimMessage,
  type SimReason,
} from './stand-in.ts';

/** One thing that happens to a message. */
export interface Step {
  /** Milliseconds after the message was taken. */
  after: number;
  state: SimChange['state'];
  reason?: SimReason;
  /** How often it is told: 0 never, 2 twice. */
  told: number;
  /** Somebody picked up: whether a key is pressed. */
  pressed?: boolean;
  /** The phone has it now, or the person heard it. */
  arrives?: boolean;
  /** Told after what followed it: when it had happened, in milliseconds after the message was taken. */
  belated?: number;
}

type Channel = SimMessage['channel'];
const BY_DIGITS = new Map(Object.entries(FATES).map(([fate, digits]) => [digits as string, fate as Fate]));

/** What the number chooses: `…99xx` has fate xx; any other, and an unknown xx, is delivered. */
export const fateOfNumber = (to: string): Fate =>
  BY_DIGITS.get(/99(\d\d)$/.exec(to)?.[1] ?? '00') ?? 'delivered';

const REFUSALS: ReadonlySet<string> = new Set<Refusal>([
  'filtered',
  'opted-out',
  'unknown-number',
  'recycled',
  'throttled',
]);
export const isRefusal = (fate: Fate): fate is Fate & Refusal => REFUSALS.has(fate);

const CARRIERS = ['docomo', 'au', 'softbank', 'rakuten'] as const;

/** Carries no meaning outside the simulator: numbers move between carriers. */
export function carrierOf(to: string): SimMessage['carrier'] {
  const digit = /^\+81[789]0(\d)\d{7}$/.exec(to)?.[1];
  return digit === undefined ? 'other' : CARRIERS[Number(digit) % CARRIERS.length]!;
}

const step = (after: number, state: Step['state'], more: Partial<Step> = {}): Step => ({
  after,
  state,
  told: 1,
  ...more,
});
const UNREACHABLE = { reason: 'unreachable' } as const;

/**
 * Everything that happens to a message of that fate, in order.
 *
 * @param last Milliseconds until the last of it; the rest comes in proportion. That of the fate unless said.
 */
export function stepsOf(fate: Fate, channel: Channel, last?: number): Step[] {
  const steps = told(fate, channel === 'sms' ? messageSteps(fate) : callSteps(fate));
  if (last === undefined) return steps;
  const scale = last / steps.at(-1)!.after;
  return steps.map((one) => ({ ...one, after: Math.round(one.after * scale) }));
}

function messageSteps(fate: Fate): Step[] {
  const until = [step(0, 'accepted'), step(500, 'sent')];
  const failure = failureOf(fate);
  if (failure) return [...until, failure];
  const after = fate === 'unreachable-then-delivered' ? 40_000 : 2000;
  return [...until, step(after, 'delivered', { arrives: true })];
}

function callSteps(fate: Fate): Step[] {
  const failure = failureOf(fate);
  if (failure) return [step(0, 'accepted'), failure];
  if (fate === 'busy') return [step(0, 'accepted'), step(2000, 'busy')];
  const rings = fate === 'unreachable-then-delivered' ? 40_000 : 1000;
  const until = [step(0, 'accepted'), step(rings, 'ringing')];
  if (fate === 'no-answer') return [...until, step(rings + 30_000, 'no-answer')];
  const pressed = fate !== 'machine' && fate !== 'hung-up';
  return [
    ...until,
    step(rings + 3000, fate === 'machine' ? 'machine' : 'answered', { pressed, arrives: pressed }),
    step(rings + 9000, 'completed'),
  ];
}

/** The end of what does not arrive. */
function failureOf(fate: Fate): Step | undefined {
  if (fate === 'late-failure') return step(20 * 60_000, 'undelivered', UNREACHABLE);
  if (fate === 'undelivered') return step(5000, 'undelivered', UNREACHABLE);
  return isRefusal(fate) ? step(5000, 'undelivered', { reason: fate }) : undefined;
}

/** How much of it is told, and in which order. */
function told(fate: Fate, steps: Step[]): Step[] {
  if (fate === 'silent') return steps.map((one) => ({ ...one, told: 0 }));
  if (fate === 'duplicate-receipts') return steps.map((one) => ({ ...one, told: 2 }));
  if (fate !== 'out-of-order') return steps;
  const end = steps.at(-1)!;
  const before = steps.slice(0, -1);
  return [
    ...before.map((one) => ({ ...one, told: 0 })),
    end,
    ...before.map(({ state, after }) => step(end.after, state, { belated: after })),
  ];
}
