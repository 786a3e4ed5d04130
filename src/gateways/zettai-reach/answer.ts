import type { RejectionClass, SendOutcome } from '../../ports/gateway.ts';
import type { HttpAnswer } from '../wire/client.ts';
import { rejected } from '../wire/outcome.ts';
import { readResponse, type ZettaiReachResponse } from './response.ts';

/** The tag was used before, by us alone: it is 132 random bits. So the message with it was taken. */
const DUPLICATE = 400;

const CLASSES: Readonly<Record<number, RejectionClass>> = {
  100: 'permanent',
  110: 'permanent',
  120: 'permanent',
  300: 'quota',
  500: 'temporary',
};
/** What `Invalid …` complains about decides. */
const INVALID: Readonly<Record<string, RejectionClass>> = {
  phoneNumber: 'number',
  token: 'auth',
  clientId: 'auth',
  smsCode: 'auth',
};

/**
 * What the vendor answered to a send: anything but code 0 was not taken. The answer has no id of the vendor's, and repeats
 * number and text, which are not looked at (LOG-02).
 *
 * @returns undefined where the answer makes no sense.
 */
export function readAnswer(answer: HttpAnswer): SendOutcome | undefined {
  if (answer.status !== 200) return undefined;
  const response = readResponse(answer.json());
  if (!response) return undefined;
  if (response.code === 0 || response.code === DUPLICATE) return { outcome: 'accepted' };
  const { code, field } = response;
  return rejected(classOf(response), field === undefined ? code : `${code}.${field}`);
}

function classOf({ code, field }: ZettaiReachResponse): RejectionClass {
  const byField = code === 110 && field !== undefined ? INVALID[field] : undefined;
  return byField ?? CLASSES[code] ?? 'unknown';
}
