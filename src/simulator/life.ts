import type { SimClock } from './clock.ts';
import { type Step, stepsOf } from './fates.ts';
import type { Book, Visit } from './network.ts';
import type { Post } from './post.ts';
import type { ReportHow, SimChange, SimMessage, StandIn } from './stand-in.ts';

/** Who hears of changes besides the vendor's webhook. */
export type ChangeListener = (message: SimMessage, change: SimChange) => void | Promise<void>;

export interface Life {
  /**
   * Lets happen what happens to a message that was taken: call it when the answer to the sender is out. Where the fate is
   * `early-receipt`, before that.
   *
   * @returns resolves at once, but for `early-receipt`: when the receiver has been told.
   */
  begin(taken: Visit['taken'][number]): Promise<void>;
}

export interface LifeParts {
  clock: SimClock;
  book: Book;
  post: Post;
  /** Stand-in of a vendor; undefined where it speaks another protocol than HTTP. */
  standIn(vendor: string): StandIn | undefined;
  /** How the vendor tells, but for the signature. */
  how(vendor: string): Omit<ReportHow, 'signature'>;
  listeners(vendor: string): Iterable<ChangeListener>;
  /** Something a person looks at has changed. */
  changed(): void;
}

export function createLife(parts: LifeParts): Life {
  const { clock, book } = parts;
  const live = (message: SimMessage, [step, ...rest]: readonly Step[]): void => {
    if (!step) return;
    clock.at(message.at + step.after, async () => {
      if (!book.holds(message)) return;
      await perform(parts, message, step);
      live(message, rest);
    });
  };
  return {
    async begin({ message, chosen }) {
      const steps = stepsOf(chosen.fate, message.channel, chosen.last);
      parts.changed();
      if (chosen.fate !== 'early-receipt') return live(message, steps);
      const early = steps.filter(
        ({ state }) => message.channel === 'sms' || /^(accepted|ringing)$/.test(state),
      );
      for (const step of early) await perform(parts, message, step);
      live(message, steps.slice(early.length));
    },
  };
}

async function perform(parts: LifeParts, message: SimMessage, step: Step): Promise<void> {
  const { state, reason, after, belated, told, pressed } = step;
  const at = Math.min(message.at + (belated ?? after), parts.clock.now());
  const change: SimChange = { state, ...(reason === undefined ? {} : { reason }), at };
  if (belated === undefined) {
    message.state = state;
    if (reason !== undefined) message.reason = reason;
    if (step.arrives && message.channel === 'sms') message.arrivedAt = at;
    parts.changed();
  }
  for (let time = 0; time < told; time += 1) await tell(parts, message, change);
  if (pressed !== undefined) await converse(parts, message, pressed);
}

async function tell(parts: LifeParts, message: SimMessage, change: SimChange): Promise<void> {
  const { vendor, fate } = message;
  for (const listener of parts.listeners(vendor)) await listener(message, change);
  const signature = fate === 'unsigned' ? 'none' : fate === 'wrongly-signed' ? 'wrong' : 'right';
  const callback = parts.standIn(vendor)?.report?.(message, change, { ...parts.how(vendor), signature });
  if (callback) await parts.post.tell(vendor, callback);
}

/** Somebody picked up, or something. */
async function converse(parts: LifeParts, message: SimMessage, pressed: boolean): Promise<void> {
  const { vendor } = message;
  const heard = await parts
    .standIn(vendor)
    ?.converse?.(message, pressed, (request) => parts.post.ask(vendor, request));
  message.heard.push(...(heard ?? [message.text]));
  if (pressed) message.arrivedAt = parts.clock.now();
  parts.changed();
}
