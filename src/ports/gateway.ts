import type { Channel } from './store.ts';

/**
 * A way to reach a phone: an SMS vendor, a voice vendor, or the simulated handset (DESIGN 5).
 *
 * `send` never throws for what the vendor answered; it says which of three things happened. An exception counts as
 * `ambiguous`, because nobody knows what left the building.
 */
export interface Gateway {
  readonly name: string;
  readonly channels: readonly Channel[];
  send(message: OutboundMessage): Promise<SendOutcome>;
  /** Routes for people or vendors, mounted by the server (a handset page, a webhook); absent where there are none. */
  readonly routes?: GatewayRoutes;
  /** What is unsafe about using this gateway here; a `fatal` finding refuses the start. */
  findings?(context: { production: boolean }): GatewayFinding[];
  close?(): Promise<void>;
}

export interface OutboundMessage {
  /** Random, one per send; the same again on a retry (GWY-02). Not the account, not the challenge (PRV-04). */
  id: string;
  /** E.164, `^\+[1-9]\d{6,14}$`, checked before it gets here (GWY-07). */
  to: string;
  channel: Channel;
  /** What the phone shows, or what the voice says. The caller builds it from a template; a gateway only encodes it. */
  text: string;
  /** BCP 47, for the voice. */
  locale: string;
}

export type SendOutcome =
  | { outcome: 'accepted'; vendorId?: string }
  /** `class` says whether another gateway may try. */
  | { outcome: 'rejected'; class: RejectionClass; detail?: string }
  /** It may have left: never sent again by itself. */
  | { outcome: 'ambiguous'; detail?: string };

export type RejectionClass = 'permanent' | 'opt-out' | 'throttled' | 'temporary' | 'unknown';

export interface GatewayRoutes {
  /** Absolute path, such as `/handset`. */
  path: string;
  handle(
    req: import('node:http').IncomingMessage,
    res: import('node:http').ServerResponse,
  ): void | Promise<void>;
}

export interface GatewayFinding {
  severity: 'fatal' | 'warning';
  message: string;
  fix: string;
}
