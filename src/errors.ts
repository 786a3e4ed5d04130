/**
 * The one vocabulary of things that go wrong. A code is at once `error.code`, the field `code` in logs and events, the
 * error of the JSON API and the locale key `error.<code>`.
 */
export const ERROR_CODES = [
  // what a person at a page can meet
  'code_malformed',
  'code_wrong',
  'code_expired',
  'code_used',
  'code_exhausted',
  'attempt_too_early',
  'authenticator_disabled',
  'number_invalid',
  'number_not_allowed',
  'number_taken',
  'send_too_early',
  'send_limit',
  'codes_paused',
  'send_failed',
  'sms_stopped',
  'login_taken',
  'names_used_up',
  'login_invalid',
  'login_reserved',
  'login_lookalike',
  'password_short',
  'password_long',
  'password_common',
  'password_personal',
  'notice_required',
  'login_wrong',
  'busy',
  // the request itself
  'request_forged',
  'request_malformed',
  'request_too_large',
  'request_timeout',
  'media_type',
  'interaction_gone',
  'interaction_mismatch',
  'interaction_done',
  'not_found',
  // the surroundings
  'unmet_authentication_requirements',
  'store_unavailable',
  'option_invalid',
  'internal',
] as const;
export type ErrorCode = (typeof ERROR_CODES)[number];

/** Every error Sekisho throws on purpose. `message` is for operators and never holds a code, a number or a secret. */
export class SekishoError extends Error {
  readonly code: ErrorCode;
  /** When the same thing may be tried again: milliseconds since the epoch. */
  readonly retryAt: number | undefined;

  constructor(code: ErrorCode, message: string, options: { cause?: unknown; retryAt?: number } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'SekishoError';
    this.code = code;
    this.retryAt = options.retryAt;
  }
}

/** A configuration that must not start. One line for each problem: the field, the reason, the fix. */
export class ConfigurationError extends SekishoError {
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super('option_invalid', problems.map((p) => `${p.field}: ${p.reason}. ${p.fix}`).join('\n'));
    this.name = 'ConfigurationError';
    this.problems = problems;
  }
}

export interface Problem {
  /** Path of the option, such as `code.ttl`. */
  field: string;
  reason: string;
  fix: string;
}
