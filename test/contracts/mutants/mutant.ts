import type {
  Gateway,
  GatewayEvent,
  OutboundMessage,
  RawWebhook,
  SendOutcome,
  Webhook,
} from '../../../src/ports/gateway.ts';
import type { Mutation } from '../acme/open.ts';

/** A gateway that is wrong in one way, and the beginning of the title that has to find it. */
export interface Mutant {
  is: string;
  foundBy: string;
  mutate: Mutation;
}

export const asking =
  (change: (message: OutboundMessage) => OutboundMessage): Mutation =>
  (good) => ({ ...good, send: (message, context) => good.send(change(message), context) });

export const answering =
  (change: (outcome: SendOutcome, message: OutboundMessage) => SendOutcome): Mutation =>
  (good) => ({
    ...good,
    send: async (message, context) => change(await good.send(message, context), message),
  });

export const hearing =
  (change: (webhook: Webhook) => Partial<Webhook>): Mutation =>
  (good) => ({ ...good, webhook: { ...good.webhook!, ...change(good.webhook!) } });

export const telling = (
  change: (events: readonly GatewayEvent[], request: RawWebhook) => unknown,
): Mutation =>
  hearing(({ parse }) => ({
    parse: async (request) => ({ events: change((await parse(request)).events, request) as GatewayEvent[] }),
  }));

export const saying =
  (change: Partial<Gateway>): Mutation =>
  (good) => ({ ...good, ...change });

export const textOf = ({ body }: RawWebhook): string => new TextDecoder().decode(body);
export const refusedAs = (reason: 'temporary' | 'number', code?: string) => ({
  ...({ outcome: 'rejected', class: reason } as const),
  ...(code === undefined ? {} : { code }),
});
