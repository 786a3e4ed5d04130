import type { OutboundMessage } from '../../../src/ports/gateway.ts';
import { asking, type Mutant, saying } from './mutant.ts';

/** About itself, and on the way out. */
export const outward: readonly Mutant[] = [
  { is: 'named in capitals', foundBy: 'says truly', mutate: saying({ name: 'Acme!' }) },
  { is: 'silent about its guard', foundBy: 'says truly', mutate: saying({ callGuard: undefined }) },
  { is: 'careless in production', foundBy: 'tells what is unsafe', mutate: saying({ findings: () => [] }) },
  { is: 'never closed', foundBy: 'ends when it is closed', mutate: saying({ close: async () => {} }) },
  {
    is: 'trimming texts',
    foundBy: 'alters no text',
    mutate: asking((message) => ({ ...message, text: message.text.trim() })),
  },
  {
    is: 'escaping texts twice',
    foundBy: 'alters no text',
    mutate: asking((message) => ({ ...message, text: message.text.replaceAll('&', '&amp;') })),
  },
  {
    is: 'cutting long texts',
    foundBy: 'hands over a text as long',
    mutate: asking((message) => ({ ...message, text: message.text.slice(0, 600) })),
  },
  {
    is: 'using its own sender',
    foundBy: 'uses the sender',
    mutate: asking((message) => ({ ...message, sender: undefined })),
  },
  {
    is: 'letting codes live longer',
    foundBy: 'takes any expiry',
    mutate: asking((message) => ({ ...message, expiresAt: message.expiresAt + 3_600_000 })),
  },
  {
    is: 'wrongly called idempotent',
    foundBy: 'makes one message',
    mutate: asking((message) => ({ ...message, id: message.id + Math.floor(performance.now() * 1000) })),
  },
  {
    is: 'mixing up messages',
    foundBy: 'keeps messages apart',
    mutate(good) {
      let last: OutboundMessage;
      return {
        ...good,
        async send(message, context) {
          last = message;
          await new Promise((resolve) => setImmediate(resolve));
          return good.send(last, context);
        },
      };
    },
  },
];
