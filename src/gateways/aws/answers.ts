import type { RejectionClass, SendOutcome } from '../../ports/gateway.ts';
import type { HttpAnswer } from '../wire/client.ts';
import { rejected, retryAfterOf } from '../wire/outcome.ts';

/**
 * What the API answered. Undefined where the HTTP status is all there is to go by.
 *
 * Names and reasons are those of the service model 2022-03-31; which class they belong to is our judgement.
 */
export function readAnswer(answer: HttpAnswer): SendOutcome | undefined {
  const body = (answer.json() ?? {}) as Record<string, unknown>;
  if (answer.status === 200) {
    const { MessageId: vendorId } = body;
    return typeof vendorId === 'string' && vendorId !== '' ? { outcome: 'accepted', vendorId } : undefined;
  }
  const name = nameOf(answer, body);
  const reason =
    typeof body['Reason'] === 'string' && /^[A-Z_]{1,80}$/.test(body['Reason']) ? body['Reason'] : '';
  const found = classOf(name, reason, body);
  return (
    found && rejected(found, reason || name, found === 'throttled' ? retryAfterOf(answer.headers) : undefined)
  );
}

/** `com.amazonaws…#ConflictException`, or with an address behind it, in a header or in the body. */
function nameOf({ headers }: HttpAnswer, body: Record<string, unknown>): string {
  const word = headers['x-amzn-errortype'] ?? body['__type'] ?? body['code'];
  return /^(?:[\w.]+#)?(\w{1,60})(?::|$)/.exec(typeof word === 'string' ? word : '')?.[1] ?? '';
}

function classOf(name: string, reason: string, body: Record<string, unknown>): RejectionClass | undefined {
  if (name === 'ConflictException') return CONFLICTS.get(reason) ?? 'permanent';
  if (name === 'ValidationException')
    return isAboutNumber(body) ? 'number' : (INVALID.get(reason) ?? 'permanent');
  return BY_NAME.get(name);
}

const BY_NAME = new Map<string, RejectionClass>(
  Object.entries({
    ThrottlingException: 'throttled',
    Throttling: 'throttled',
    TooManyRequestsException: 'throttled',
    RequestLimitExceeded: 'throttled',
    InternalServerException: 'temporary',
    InternalFailure: 'temporary',
    ServiceUnavailable: 'temporary',
    ServiceUnavailableException: 'temporary',
    ServiceQuotaExceededException: 'quota',
    ResourceNotFoundException: 'permanent',
    AccessDeniedException: 'auth',
    UnrecognizedClientException: 'auth',
    InvalidClientTokenId: 'auth',
    InvalidSignatureException: 'auth',
    SignatureDoesNotMatch: 'auth',
    IncompleteSignature: 'auth',
    IncompleteSignatureException: 'auth',
    MissingAuthenticationToken: 'auth',
    MissingAuthenticationTokenException: 'auth',
    ExpiredToken: 'auth',
    ExpiredTokenException: 'auth',
    RequestExpired: 'auth',
    OptInRequired: 'auth',
    NotAuthorized: 'auth',
  }),
);

const CONFLICTS = new Map<string, RejectionClass>(
  Object.entries({
    DESTINATION_PHONE_NUMBER_OPTED_OUT: 'opt-out',
    DESTINATION_PHONE_NUMBER_BLOCKED_BY_PROTECT_NUMBER_OVERRIDE: 'blocked',
    DESTINATION_COUNTRY_BLOCKED_BY_PROTECT_CONFIGURATION: 'blocked',
    // A sandbox reaches verified numbers only: what is bought does not suffice.
    DESTINATION_PHONE_NUMBER_NOT_VERIFIED: 'quota',
  }),
);

const INVALID = new Map<string, RejectionClass>(
  Object.entries({
    DESTINATION_COUNTRY_BLOCKED: 'blocked',
  }),
);

/** Which field was wrong stands in a list of its own. */
function isAboutNumber({ Fields: fields }: Record<string, unknown>): boolean {
  return (
    Array.isArray(fields) &&
    fields.some((field: { Name?: unknown } | null) => /^destinationPhoneNumber$/i.test(String(field?.Name)))
  );
}
