import type { Gateway, OutboundMessage, SendOutcome } from '../../src/ports/gateway.ts';

/** A gateway that keeps what it was given, and does what a test tells it to. */
export interface Inbox extends Gateway {
  messages: OutboundMessage[];
  /** What the next sends answer; accepts by default. */
  behave(send: (message: OutboundMessage) => Promise<SendOutcome>): void;
  /** The code in the newest message to this number, or to anybody. */
  lastCode(to?: string): string;
}

export function createInbox(): Inbox {
  let answer: (message: OutboundMessage) => Promise<SendOutcome> = async () => ({ outcome: 'accepted' });
  const messages: OutboundMessage[] = [];
  return {
    name: 'inbox',
    channels: ['sms', 'voice'],
    callGuard: 'key-press',
    messages,
    behave(send) {
      answer = send;
    },
    send(message) {
      messages.push(message);
      return answer(message);
    },
    lastCode(to) {
      const message = messages.filter((sent) => to === undefined || sent.to === to).at(-1);
      if (!message) throw new Error('no message was sent');
      return codeIn(message);
    },
  };
}

const DIGITS = ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'];

/** The code of a message: behind the # of an SMS, or spoken. */
export function codeIn({ text, channel }: OutboundMessage): string {
  if (channel === 'sms') return /#(\d+)$/.exec(text)![1]!;
  const spoken = [...text.toLowerCase().matchAll(new RegExp(`\\b(?:${DIGITS.join('|')})\\b`, 'g'))].map(
    ([word]) => DIGITS.indexOf(word),
  );
  return spoken.slice(0, 6).join('');
}
