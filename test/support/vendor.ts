import type { Gateway, GatewayEvent, RawWebhook, SendOutcome } from '../../src/ports/gateway.ts';
import type { Host } from './host.ts';
import { createInbox, type Inbox } from './inbox.ts';

/** A gateway whose vendor reports over HTTP. Its signature is a header; its format is the port's events as JSON. */
export interface Vendor extends Inbox {
  /** What `poll` answers; the gateway can be asked only where this is set. */
  polled: string[];
  /** What was told to `authenticate`. */
  heard: RawWebhook[];
}

/** @param own Whatever is to be different about it. */
export function createVendor(name: string, own: Partial<Gateway> = {}): Vendor {
  const inbox = createInbox();
  const heard: RawWebhook[] = [];
  return Object.assign(inbox, {
    name,
    heard,
    polled: [],
    webhook: {
      authenticate(request: RawWebhook) {
        heard.push(request);
        const { 'x-sign': sign, 'x-replay': replayKey } = request.headers;
        if (sign === undefined) return { result: 'refused', reason: 'missing' } as const;
        if (sign === 'out of order') return { result: 'refused', reason: 'unavailable' } as const;
        if (sign !== 'right') return { result: 'refused', reason: 'mismatch' } as const;
        return { result: 'ok', ...(typeof replayKey === 'string' ? { replayKey } : {}) } as const;
      },
      parse: ({ body }: RawWebhook) => ({
        events: JSON.parse(Buffer.from(body).toString()) as GatewayEvent[],
      }),
      answer: ({ body }: RawWebhook, call: { text: string; farewell: string }) => {
        const pressed = Buffer.from(body).toString() === 'key';
        return {
          pressed,
          reply: { status: 200, type: 'text/plain', body: pressed ? call.text : call.farewell },
        };
      },
    },
    ...own,
  }) as Vendor;
}

/** Posts to the address that the newest message, or this one, was given. */
export function tell(
  host: Host,
  vendor: Vendor,
  events: unknown,
  {
    url,
    sign = 'right',
    headers = {},
  }: { url?: string; sign?: string | null; headers?: Record<string, string> } = {},
): Promise<Response> {
  const to = url ?? vendor.messages.at(-1)!.webhookUrl!;
  return fetch(to.replace(host.issuer, host.address), {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(sign === null ? {} : { 'x-sign': sign }), ...headers },
    body: typeof events === 'string' ? events : JSON.stringify(events),
  });
}

/** One receipt about the message that the address names. */
export const receipt = (state: string, more: object = {}) => [{ type: 'receipt', state, ...more }];

/** Lets the next sends of a gateway wait for their answer. `asked` resolves once it was asked. */
export function hold(vendor: Vendor): { asked: Promise<void>; answer(outcome: SendOutcome): void } {
  const asked = Promise.withResolvers<void>();
  const answered = Promise.withResolvers<SendOutcome>();
  vendor.behave(() => {
    asked.resolve();
    return answered.promise;
  });
  return { asked: asked.promise, answer: answered.resolve };
}
