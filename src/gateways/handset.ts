import type { Gateway, GatewayRoutes, OutboundMessage } from '../ports/gateway.ts';
import { createListeners } from './handset/listeners.ts';
import { createHandsetPage } from './handset/page.ts';

/** A message as the simulated phone got it. */
export interface HandsetMessage extends OutboundMessage {
  /** When it arrived: milliseconds since the epoch. */
  at: number;
  /** The code in the last line of an SMS; null for a call, which only speaks it. */
  code: string | null;
}

/** The simulated phone: a gateway that shows what it is given. */
export interface Handset extends Gateway {
  /** What arrived, the newest first. */
  messages(): readonly HandsetMessage[];
  /** Forgets everything, on every open page too. */
  clear(): void;
  readonly routes: GatewayRoutes;
}

/**
 * A phone for development: text messages and calls for every number appear on a page, as soon as they are sent. Nothing
 * leaves the process, and whoever can open the page reads every code, so it refuses to run in production.
 *
 * @param keep Messages that are kept; older ones are dropped.
 * @param path Where the page is. It shows messages by plain reload and, with scripts, as they come; asked for
 *   `application/json` it answers with the messages themselves.
 */
export function createHandset({
  keep = 50,
  path = '/handset',
}: {
  keep?: number;
  path?: string;
} = {}): Handset {
  const listeners = createListeners();
  let kept: HandsetMessage[] = [];
  const page = createHandsetPage(() => kept, listeners);
  return {
    name: 'handset',
    channels: ['sms', 'voice'],
    // The page reads a call out after "Answer" was pressed.
    callGuard: 'key-press',
    routes: { path, handle: page },
    async send(message) {
      if (!kept.some(({ id }) => id === message.id)) {
        kept = [{ ...message, at: Date.now(), code: codeOf(message) }, ...kept].slice(0, keep);
        listeners.tell('message');
      }
      return { outcome: 'accepted', vendorId: message.id };
    },
    messages: () => kept,
    clear() {
      kept = [];
      listeners.tell('clear');
    },
    findings({ production }) {
      if (!production) return [];
      return [
        {
          severity: 'fatal',
          message: 'the handset shows every code to everybody, so it refuses to run in production',
          fix: 'Configure the gateway of a vendor',
        },
      ];
    },
    async close() {
      listeners.close();
    },
  };
}

/** The code of an origin-bound message stands behind the `#` of its last line. */
const codeOf = ({ channel, text }: OutboundMessage): string | null =>
  channel === 'sms' ? (/^@\S+ #(\w+)$/.exec(text.slice(text.lastIndexOf('\n') + 1))?.[1] ?? null) : null;
