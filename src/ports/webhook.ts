import type { GatewayContext, GatewayEvent } from './gateway.ts';

/**
 * The vendor's side of HTTP. Requests come to `{mountPath}/hooks/{gateway}/{token}` and, for a single message, to
 * `…/{token}/{id}`: the token is a secret of ours for this gateway or this message, and it has been checked before.
 */
export interface Webhook {
  /**
   * Checks the vendor's own signature over the raw bytes and the address as the vendor sees it (GWY-03). Must answer
   * `ok` only for what it can prove; a vendor that signs nothing answers `unsigned`, and the token in the address is all
   * there is.
   */
  authenticate(request: RawWebhook, context: GatewayContext): WebhookAuth | Promise<WebhookAuth>;
  /** Reads what is told. Only called after `authenticate`. Never throws: what cannot be read tells nothing. */
  parse(request: RawWebhook): WebhookResult | Promise<WebhookResult>;
  /** Answers the vendor who asks what to say, at `Call.answerUrl`. Nothing of `text` unless a key was pressed. */
  answer?(request: RawWebhook, call: CallScript): CallAnswer | Promise<CallAnswer>;
}

export interface RawWebhook {
  method: string;
  /** As the vendor called it: configured address and path with query, whatever proxies made of it. */
  url: URL;
  /** Lower-case names. A header that came twice is a list. */
  headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  body: Uint8Array;
  /** Milliseconds since the epoch. */
  receivedAt: number;
}

export type WebhookAuth =
  /** `replayKey`: names this very delivery; the same again is not looked at for the next hour. */
  | { result: 'ok'; replayKey?: string }
  | { result: 'unsigned' }
  /**
   * `topic`: it says that it is about an account or a topic that is not ours. `unavailable`: we cannot check just now, and
   * the vendor should come again (503).
   */
  | { result: 'refused'; reason: 'missing' | 'mismatch' | 'topic' | 'stale' | 'unavailable' };

export interface WebhookResult {
  events: readonly GatewayEvent[];
  /** 200 without a body unless the vendor wants something else. */
  reply?: WebhookReply;
}

export interface WebhookReply {
  status: number;
  type?: string;
  body?: string;
}

/** What a call says, opened from `Call.answerUrl`. */
export interface CallScript {
  text: string;
  locale: string;
  farewell: string;
}

export interface CallAnswer {
  /** Whether a key was pressed, so that the code is read now. */
  pressed: boolean;
  reply: WebhookReply;
}
