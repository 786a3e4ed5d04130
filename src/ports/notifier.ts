/**
 * A way to tell the holder of an account that something happened, such as e-mail.
 *
 * It is not a gateway and cannot stand in for one: it has no channels and no `send`, nothing asks it for an outcome or a
 * receipt, and no factor is ever derived from it (OTP-08).
 */
export interface Notifier {
  /** Unique among the notifiers, for logs and findings: `[a-z0-9-]{1,32}`. */
  readonly name: string;
  /**
   * Hands a notice over once; a notice that may have left is not sent again. Rejects when it was not taken, or when
   * nobody knows, within 10 seconds. What it rejects with never quotes the address, the text or a secret, because it is
   * logged (LOG-02).
   */
  notify(notice: Notice): Promise<void>;
  /** What is unsafe about using this notifier here; a `fatal` finding refuses the start. */
  findings?(context: { production: boolean }): NotifierFinding[];
  close?(): Promise<void>;
}

/** What a person is told. Made from our texts: no code, no full number, no link. */
export interface Notice {
  /** One address, as the host keeps it. */
  to: string;
  /** BCP 47 language of subject and text. */
  locale: string;
  /** One line. */
  subject: string;
  /** Plain text; lines end with a line feed. */
  text: string;
}

export interface NotifierFinding {
  severity: 'fatal' | 'warning';
  message: string;
  fix: string;
}

/**
 * The host's side of a notice: where the holder of an account is told things, at one address or at all of several
 * (BND-02). Undefined, an empty list, or a rejection: nobody can be told, and an event says so.
 */
export type FindAddress = (accountId: string) => Found | Promise<Found>;
type Found = NoticeAddress | readonly NoticeAddress[] | undefined;

export interface NoticeAddress {
  /** What the notifier takes for an address; for e-mail `name@example.com` and nothing around it. */
  email: string;
  /**
   * The person's language, a BCP 47 tag; that of the option unless said. It is on record with the account, because the
   * language of the browser may be the choice of whoever the person is warned about.
   */
  locale?: string;
}
