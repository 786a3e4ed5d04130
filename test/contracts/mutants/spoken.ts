import type { Mutation } from '../acme/open.ts';
import { answering, asking, hearing, type Mutant, telling } from './mutant.ts';

const inline: Mutation = asking((message) =>
  message.call
    ? { ...message, call: { ...message.call, invitation: `${message.call.invitation} ${message.text}` } }
    : message,
);

/** What it says in a call, and what it lets slip. */
export const spoken: readonly Mutant[] = [
  { is: 'reading the code at once', foundBy: 'leaves no code on an answering machine', mutate: inline },
  {
    is: 'reading the code to whoever picks up',
    foundBy: 'says no code to whoever presses no key',
    mutate: inline,
  },
  {
    is: 'reading half of it',
    foundBy: 'calls the number',
    mutate: hearing(({ answer }) => ({
      answer: (request, call) =>
        answer!(request, { ...call, text: call.text.slice(0, call.text.length / 2) }),
    })),
  },
  {
    is: 'speaking markup',
    foundBy: 'says what is in a call as text',
    mutate: hearing(({ answer }) => ({
      answer: (request, call) => answer!(request, { ...call, text: call.text.replaceAll('<', '&lt;') }),
    })),
  },
  {
    is: 'calling without an address to ask',
    foundBy: 'makes no unguarded call',
    mutate: asking((message) =>
      message.call && !message.call.answerUrl
        ? {
            ...message,
            call: { ...message.call, invitation: message.text, answerUrl: 'http://127.0.0.1:1/' },
          }
        : message,
    ),
  },
  {
    is: 'giving the code for the asking',
    foundBy: 'gives the code only for a key press',
    mutate: hearing(() => ({
      answer: (_, { text }) => ({ pressed: true, reply: { status: 200, body: text } }),
    })),
  },
  {
    is: 'calling busy completed',
    foundBy: 'tells how a call went',
    mutate: telling((events) =>
      events.map((event) =>
        event.type === 'call' && event.state === 'busy' ? { ...event, state: 'completed' } : event,
      ),
    ),
  },
  {
    is: 'quoting the number in a code',
    foundBy: 'quotes no code',
    mutate: answering((outcome, { to }) =>
      outcome.outcome === 'rejected' ? { ...outcome, code: to.slice(1) } : outcome,
    ),
  },
  {
    is: 'quoting its key when it fails',
    foundBy: 'quotes no code',
    mutate: (good) => ({
      ...good,
      poll: async (sent, context) => {
        const events = await good.poll!(sent, context);
        if (events.length === 0) throw new Error('GET /messages?key=key-canary failed');
        return events;
      },
    }),
  },
];
