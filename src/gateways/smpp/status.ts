import type { RejectionClass } from '../../ports/gateway.ts';

/**
 * What a command_status says (SMPP 3.4, 5.1.3). Which class it belongs to is our judgement. A status that is not listed is
 * about the request where it is one of the specification's, and unknown where the SMSC made it up.
 */
export function classOfStatus(status: number): RejectionClass {
  return STATUSES.get(status) ?? (status < 0xff ? 'permanent' : 'unknown');
}

const STATUSES = new Map<number, RejectionClass>([
  [0x04, 'temporary'], // ESME_RINVBNDSTS: the bind is being lost
  [0x05, 'temporary'], // ESME_RALYBND: the SMSC has not noticed the end of the last bind
  [0x08, 'temporary'], // ESME_RSYSERR
  [0x0b, 'number'], // ESME_RINVDSTADR
  [0x0d, 'auth'], // ESME_RBINDFAIL
  [0x0e, 'auth'], // ESME_RINVPASWD
  [0x0f, 'auth'], // ESME_RINVSYSID
  [0x14, 'throttled'], // ESME_RMSGQFUL
  [0x45, 'temporary'], // ESME_RSUBMITFAIL
  [0x53, 'auth'], // ESME_RINVSYSTYP
  [0x58, 'throttled'], // ESME_RTHROTTLED
  [0x64, 'temporary'], // ESME_RX_T_APPN
  [0x66, 'blocked'], // ESME_RX_R_APPN
  [0xfe, 'unknown'], // ESME_RDELIVERYFAILURE
  [0xff, 'unknown'], // ESME_RUNKNOWNERR
  [0x100, 'auth'], // ESME_RSERTYPUNAUTH
  [0x101, 'auth'], // ESME_RPROHIBITED
  [0x102, 'temporary'], // ESME_RSERTYPUNAVAIL
]);

/** A status as a word for logs. */
export const codeOfStatus = (status: number): string => `0x${status.toString(16).padStart(2, '0')}`;

/**
 * What the `err` of a receipt says. No specification gives the numbers a meaning; these are what several SMSCs mean by them,
 * and a configuration can say otherwise.
 *
 * @param err Digits, or whatever the SMSC writes there; leading zeros do not count.
 * @param own Classes by code, of the configuration.
 */
export function classOfError(
  err: string,
  own: Readonly<Record<string, RejectionClass>> = {},
): RejectionClass | undefined {
  const bare = err.replace(/^0+(?=.)/, '');
  for (const [code, reason] of Object.entries(own)) if (code.replace(/^0+(?=.)/, '') === bare) return reason;
  return ERRORS.get(bare);
}

const ERRORS = new Map<string, RejectionClass>([
  ['1', 'unreachable'], // absent subscriber
  ['2', 'unreachable'], // memory of the phone is full
  ['4', 'number'], // takes no SMS
  ['5', 'number'], // unknown subscriber
  ['6', 'number'], // illegal subscriber
  ['7', 'number'], // no SMS in the contract
  ['9', 'blocked'], // barred
  ['11', 'unreachable'], // busy
  ['12', 'temporary'], // fault of a system
]);
