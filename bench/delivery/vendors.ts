import type { Gateway, GatewayEvent, OutboundMessage, SendOutcome } from '../../src/ports/gateway.ts';
import { arrivalTime, between, carrierOf, MODEL } from './model.ts';
import type { Timeline } from './timeline.ts';

/** The world outside: what vendors, networks and phones do with a message. */
export interface World {
  timeline: Timeline;
  random: () => number;
  /** The person with this number got the code. */
  arrived(message: OutboundMessage): Promise<void>;
  /** A message or call left for this number. */
  left(message: OutboundMessage): void;
  personOf(number: string): number;
}

type Deliver = (events: readonly GatewayEvent[]) => void;

/** An SMS vendor; `outage` is for the primary one. */
export function createSmsVendor(name: string, world: World, outage = false): Gateway {
  let deliver: Deliver = () => {};
  return {
    name,
    channels: ['sms'],
    listen(told) {
      deliver = told;
    },
    async send(message) {
      const { timeline, random } = world;
      const state = outage ? outageAt(timeline.now()) : 'works';
      if (state === 'refuses') return later(timeline, 0.1, { outcome: 'rejected', class: 'temporary' });
      // Nothing answers the connection: it is given up after three seconds, and nothing has left (GWY-02).
      if (state === 'hangs') return later(timeline, 3, { outcome: 'rejected', class: 'temporary' });
      world.left(message);
      const broken = random() < MODEL.ambiguous.share;
      if (!(broken && random() < MODEL.ambiguous.lost)) carry(world, message, (events) => deliver(events));
      if (broken) return later(timeline, MODEL.answer.timeout, { outcome: 'ambiguous' });
      return later(timeline, between(random, MODEL.answer), { outcome: 'accepted' });
    },
  };
}

function outageAt(now: number): 'works' | 'refuses' | 'hangs' {
  const { from, hangs, until } = MODEL.outage;
  if (now < from || now >= until) return 'works';
  return now < hangs ? 'refuses' : 'hangs';
}

const later = (timeline: Timeline, seconds: number, outcome: SendOutcome): Promise<SendOutcome> =>
  new Promise((resolve) => timeline.after(seconds, () => resolve(outcome)));

function carry(world: World, message: OutboundMessage, deliver: Deliver): void {
  const { timeline, random } = world;
  const carrier = carrierOf(world.personOf(message.to));
  const tell = (seconds: number, state: 'delivered' | 'undelivered') => {
    if (random() < MODEL.receipt.lost) return;
    const event = { type: 'receipt', id: message.id, state, carrier: carrier.name } as const;
    timeline.after(seconds, () => deliver([event]));
  };
  if (random() < carrier.undelivered) {
    tell(between(random, MODEL.receipt.undelivered), 'undelivered');
    return;
  }
  const seconds = random() < MODEL.slow.share ? between(random, MODEL.slow) : arrivalTime(random);
  timeline.after(seconds, () => world.arrived(message));
  tell(seconds + MODEL.receipt.delay, 'delivered');
}

/** A vendor of calls that ask for a key press. */
export function createCallVendor(name: string, world: World): Gateway {
  let deliver: Deliver = () => {};
  return {
    name,
    channels: ['voice'],
    callGuard: 'key-press',
    listen(told) {
      deliver = told;
    },
    async send(message) {
      const { timeline, random } = world;
      const { rings, answered, heard, missed } = MODEL.call;
      world.left(message);
      const at = rings + between(random, answered);
      const tell = (seconds: number, state: 'ringing' | 'answered' | 'heard' | 'no-answer') =>
        timeline.after(seconds, () => deliver([{ type: 'call', id: message.id, state }]));
      tell(rings, 'ringing');
      if (random() < missed) tell(rings + 30, 'no-answer');
      else {
        tell(at, 'answered');
        tell(at + heard, 'heard');
        timeline.after(at + heard, () => world.arrived(message));
      }
      return later(timeline, between(random, MODEL.answer), { outcome: 'accepted' });
    },
  };
}
