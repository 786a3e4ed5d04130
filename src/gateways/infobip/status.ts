import { z } from 'zod';
import type { ReceiptState, RejectionClass } from '../../ports/gateway.ts';

/** A name such as `REJECTED_SENDER`; anything else may quote number or text, and is not read (LOG-02). */
export const nameSchema = z
  .string()
  .regex(/^[A-Za-z]\w{0,59}$/)
  .optional()
  .catch(undefined);

/** A message as the vendor, or we, call it. */
export const idSchema = z
  .string()
  .regex(/^[\w.:-]{1,200}$/)
  .optional()
  .catch(undefined);

/**
 * What the vendor says about a message: a status, and an error behind it (infobip.com/docs, "Response status and error
 * codes").
 */
export interface InfobipStatus {
  /** 0 accepted, 1 pending, 2 undeliverable, 3 delivered, 4 expired, 5 rejected. */
  groupId?: number | undefined;
  id?: number | undefined;
  name?: string | undefined;
}
/** Why: id 0 is no error; 5000 to 5999 are about calls. */
export interface InfobipError {
  id?: number | undefined;
  name?: string | undefined;
  /** Whether it would fail again. */
  permanent?: boolean | undefined;
}

const DELIVERED_TO_OPERATOR = 2;
const WITH_OPERATOR = new Set([3, 7]);

/**
 * Classes of rejections, by status id. The vendor's blocklist (14) is where its own STOP handling puts numbers. Codes that
 * are about the account's rights or senders count as `auth`: another gateway has others.
 */
const STATUS_CLASS: Readonly<Record<number, RejectionClass>> = {
  4: 'blocked', // UNDELIVERABLE_REJECTED_OPERATOR
  8: 'number', // REJECTED_PREFIX_MISSING
  10: 'blocked', // REJECTED_DND
  11: 'auth', // REJECTED_SOURCE
  12: 'quota', // REJECTED_NOT_ENOUGH_CREDITS
  13: 'auth', // REJECTED_SENDER
  14: 'opt-out', // REJECTED_DESTINATION
  16: 'temporary', // REJECTED_NOT_REACHABLE: the network, not the phone
  17: 'quota', // REJECTED_PREPAID_PACKAGE_EXPIRED
  18: 'auth', // REJECTED_DESTINATION_NOT_REGISTERED: a trial account
  20: 'throttled', // REJECTED_FLOODING_FILTER
  21: 'temporary', // REJECTED_SYSTEM_ERROR
  24: 'permanent', // REJECTED_INVALID_UDH
  25: 'permanent', // REJECTED_MESSAGE_TOO_LONG
  51: 'number', // MISSING_TO
  52: 'number', // REJECTED_INVALID_DESTINATION
};

/** Classes of failures, by error id (GSM and the vendor's own). */
const ERROR_CLASS: Readonly<Record<number, RejectionClass>> = {
  1: 'number', // EC_UNKNOWN_SUBSCRIBER
  5: 'unreachable', // EC_UNIDENTIFIED_SUBSCRIBER
  6: 'unreachable', // EC_ABSENT_SUBSCRIBER_SM
  9: 'number', // EC_ILLEGAL_SUBSCRIBER
  11: 'number', // EC_TELESERVICE_NOT_PROVISIONED: it takes no SMS
  12: 'number', // EC_ILLEGAL_EQUIPMENT
  13: 'blocked', // EC_CALL_BARRED
  27: 'unreachable', // EC_ABSENT_SUBSCRIBER
  31: 'unreachable', // EC_SUBSCRIBER_BUSY_FOR_MT_SMS
  33: 'unreachable', // EC_MESSAGE_WAITING_LIST_FULL
  256: 'unreachable', // EC_SM_DF_memoryCapacityExceeded
  2049: 'blocked', // EC_IMSI_BLACKLISTED
  2050: 'blocked', // EC_DEST_ADDRESS_BLACKLISTED
};

/** Why it was refused, or did not arrive. The error knows more than the status; its `permanent` is what remains for the rest. */
export function classOf(status: InfobipStatus, error: InfobipError = {}): RejectionClass {
  const byError = ERROR_CLASS[error.id ?? 0];
  const byStatus = STATUS_CLASS[status.id ?? 0];
  return byError ?? byStatus ?? byFlag(error);
}

function byFlag({ id, permanent }: InfobipError): RejectionClass {
  if (!id || permanent === undefined) return 'unknown';
  return permanent ? 'permanent' : 'temporary';
}

/** Word for the log: the error's name, unless that says there was none. */
export const codeOf = (status: InfobipStatus, error: InfobipError = {}): string | number | undefined =>
  error.id ? (error.name ?? error.id) : (status.name ?? status.id);

/**
 * How far a text message got. `DELIVERED_TO_OPERATOR` is the end of what some networks tell, and says nothing about the
 * phone, so it counts as sent.
 */
export function stateOf({ groupId, id = 0 }: InfobipStatus): ReceiptState | undefined {
  if (groupId === 3) return id === DELIVERED_TO_OPERATOR ? 'sent' : 'delivered';
  if (groupId === 2 || groupId === 5) return 'undelivered';
  if (groupId === 4) return 'expired';
  if (groupId === 0 || groupId === 1) return WITH_OPERATOR.has(id) ? 'sent' : 'accepted';
  return undefined;
}
