import type { ErrorCode } from './errors.ts';
import type { Channel } from './ports/store.ts';

/**
 * Audit events (LOG-01). Each field is chosen here, so that nothing else can get in: no code, no full number, no
 * cookie, no token, no message text (LOG-02). `flow` correlates the events of one interaction without being its id.
 */
export type SekishoEvent = EventCommon & EventKind;

export interface EventCommon {
  /** ISO 8601, UTC. */
  time: string;
  /** Digest of the interaction id; the id itself is a cookie value. */
  flow?: string;
  /** The host's account id. */
  account?: string;
  client?: string;
}

export type EventKind =
  /** The gate or the policy decided about a sign-in. */
  | { type: 'gate.decided'; decision: 'asked' | 'satisfied' | 'skipped' | 'unmet'; reason: string }
  /** A code was handed to the gateway; `outcome` follows in `delivery.finished`. */
  | { type: 'challenge.sent'; purpose: Purpose; channel: Channel; number: string; send: number }
  | {
      type: 'delivery.finished';
      channel: Channel;
      number: string;
      gateway: string;
      outcome: string;
      class?: string;
      /** The vendor's own code. */
      code?: string;
      /** Our reference of the message; it opens no address, for there is a secret in front of it. */
      message: string;
      /** What the vendor calls it, to be looked up there. */
      vendorId?: string;
    }
  /** A receipt, or the vendor when asked, told how a message got on; `seconds` after it was sent. */
  | {
      type: 'delivery.receipt';
      channel: Channel;
      number: string;
      gateway: string;
      state: string;
      class?: string;
      seconds: number;
      message: string;
      vendorId?: string;
    }
  /** The same code goes another way by itself; `gateway` is the one that did not get through. */
  | {
      type: 'delivery.fallback';
      cause: 'undelivered' | 'late';
      channel: Channel;
      number: string;
      gateway: string;
      /** The one that did not get through. */
      message: string;
    }
  /** A gateway failed so often that it is left alone for half a minute, or it is back. */
  | { type: 'gateway.circuit'; gateway: string; circuit: 'opened' | 'closed' }
  /**
   * Messages wait for a gateway, or go to the next one, because `rates` or `concurrency` is reached. Each process says it at
   * most once a minute for a gateway and a limit.
   */
  | { type: 'gateway.busy'; gateway: string; limit: 'rates' | 'concurrency' }
  /** A connection of a gateway's own (SMPP) came to stand otherwise than before. */
  | {
      type: 'gateway.link';
      gateway: string;
      state: 'up' | 'lost' | 'refused';
      code?: string;
    }
  /**
   * Somebody told something that is not the vendor's, or cannot be shown to be (GWY-03). Anybody can make us say so, so
   * each process says it at most ten times a minute for a gateway and a reason; `omitted`: how often it was left out since.
   */
  | { type: 'webhook.refused'; gateway: string; reason: string; omitted?: number }
  /** A person said STOP: no SMS goes to the number until START. */
  | { type: 'sms.stopped'; number: string }
  | { type: 'sms.resumed'; number: string }
  /**
   * A limit refused to send, a code could not be entered in time after wrong ones (`failures`), or nothing that is set up
   * reaches the number (`unreachable`).
   */
  | {
      type: 'send.refused';
      limit: 'number' | 'account' | 'ip' | 'challenge' | 'voice' | 'failures' | 'unreachable';
      number: string;
    }
  | { type: 'code.refused'; purpose: Purpose; code: ErrorCode; failures?: number }
  /** One challenge used up its tries: the interaction ended. */
  | { type: 'challenge.exhausted'; purpose: Purpose; failures: number }
  /** Too many consecutive failures: the number must be bound again (OTP-05). */
  | { type: 'authenticator.disabled'; failures: number }
  | { type: 'code.verified'; purpose: Purpose; channel: Channel }
  | { type: 'authenticator.bound'; number: string }
  | { type: 'authenticator.removed' }
  | { type: 'number.refused'; code: ErrorCode }
  | { type: 'account.created' }
  | { type: 'browser.trusted' }
  /**
   * A browser used its cookie at a sign-in: that of a browser the account trusts, or that of a known one, which stands for
   * whoever signs in there. `repeated`: by the secret before the newest one, within 30 seconds: a form sent twice, or a copy
   * (fault A.12).
   */
  | { type: 'browser.recognised'; browser: 'trusted' | 'known'; repeated: boolean }
  /**
   * A secret of a trusted or known browser came back after it was replaced: somebody has a copy (SES-06). The account is the
   * one that signs in.
   */
  | { type: 'browser.replayed'; browser: 'trusted' | 'known' }
  | { type: 'browsers.forgotten'; count: number }
  /** The account was signed out everywhere. */
  | { type: 'sessions.ended'; count: number }
  | { type: 'signal.failed'; signal: string }
  | { type: 'flow.cancelled' }
  | { type: 'request.refused'; code: ErrorCode }
  /** The holder of an account was told something (BND-02, SES-10), or could not be. */
  | { type: 'notice.sent'; notice: NoticeKind; notifier: string }
  | {
      type: 'notice.failed';
      notice: NoticeKind;
      notifier: string;
      /** `no_address`: there is none, nothing broke; of the others there is a `fault` beside it. */
      reason: 'no_address' | 'address_failed' | 'notifier_failed';
    }
  /**
   * The address of a client cannot be read, so it shares limits with all others of that kind: mostly `trustedProxies` does
   * not fit the proxies there are. Told by each process at most once an hour for a reason.
   */
  | { type: 'address.unreadable'; reason: 'missing' | 'short' | 'unreadable' }
  /**
   * The clock of this machine is `seconds` ahead of the store's (OPS-03). `warning`: more than 5; `refusing`: more than 15, and
   * no tokens are issued until they agree; `ok`: they do again.
   */
  | { type: 'clock.drift'; state: 'ok' | 'warning' | 'refusing'; seconds: number }
  /**
   * The provider answered a relying party with an error of the protocol. Anybody can make it do so, so each process says it
   * at most ten times a minute for an endpoint, an error and a client; `omitted`: how often it was left out since.
   */
  | {
      type: 'protocol.refused';
      /** Of the provider, such as `authorization` or `grant`. */
      endpoint: string;
      /** As the relying party sees it, such as `invalid_grant`. */
      error: string;
      /** What the library says beyond that; quotes nothing that was sent. */
      detail?: string;
      /** The `client_id` that was sent, where nobody has it. */
      unknownClient?: string;
      /** The address that the client did not register, without its query. */
      redirectUri?: string;
      omitted?: number;
    }
  /** A relying party could not be told that a person signed out, so it keeps its session. */
  | {
      type: 'logout.failed';
      /** `blocked`: its address is in a network of ours that `relyingPartyNetworks` does not name. */
      failure: 'blocked' | 'status' | 'timeout' | 'unreachable';
      /** Status of its answer, or what the network said. */
      code?: string;
      fix: string;
    }
  /**
   * Whether the store may be believed changed (faults A.3 and H.1): it is `emptied`, acknowledged records are `lost`, another
   * server took over (`settling`), or all is well again (`ok`). Nobody binds a number meanwhile.
   */
  | { type: 'store.trust'; state: 'ok' | 'emptied' | 'lost' | 'settling' }
  /** Something broke on our side. What an unknown error says is left out, it may quote a secret; its place is not. */
  | { type: 'fault'; operation: string; error: string; where: string };

/** What the holder of an account is told about. */
type NoticeKind = 'number_bound' | 'number_removed' | 'wrong_codes' | 'browser_trusted';

/** What a code is for; a code for one purpose is nothing for another (OTP-07). */
export type Purpose = 'signin' | 'stepup' | 'bind' | 'signup';
