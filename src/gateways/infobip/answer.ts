import { z } from 'zod';
import type { RejectionClass, SendOutcome } from '../../ports/gateway.ts';
import type { HttpAnswer } from '../wire/client.ts';
import { byStatus, rejected } from '../wire/outcome.ts';
import { classOf, codeOf, idSchema, nameSchema } from './status.ts';

/** REJECTED_DUPLICATE_MESSAGE_ID: our ids are random, so the earlier message with it is ours, and was taken. */
const DUPLICATE = 23;

const statusSchema = z.object({
  groupId: z.number(),
  id: z.number().optional().catch(undefined),
  name: nameSchema,
});
const takenSchema = z.object({
  messages: z.tuple([z.object({ messageId: idSchema, status: statusSchema })]),
});

/** Two generations of errors are in use: v3 has `errorCode` and `violations`, the older ones a `serviceException`. */
const errorSchema = z.object({
  errorCode: nameSchema,
  violations: z
    .array(z.object({ property: z.string().optional().catch(undefined) }))
    .optional()
    .catch(undefined),
  requestError: z
    .object({ serviceException: z.object({ messageId: nameSchema }).optional().catch(undefined) })
    .optional()
    .catch(undefined),
});

/**
 * What the vendor answered to a send. HTTP 200 alone says nothing: a refused message comes with it, too, in status group 5
 * (D.2 of the facts, rule 2).
 *
 * @returns undefined where the answer makes no sense.
 */
export function readAnswer(answer: HttpAnswer): SendOutcome | undefined {
  if (answer.status < 200 || answer.status > 299) return readError(answer);
  const parsed = takenSchema.safeParse(answer.json());
  if (!parsed.success) return undefined;
  const [{ messageId, status }] = parsed.data.messages;
  const refused = status.groupId === 2 || status.groupId === 4 || status.groupId === 5;
  if (refused && status.id !== DUPLICATE) return rejected(classOf(status), codeOf(status));
  return { outcome: 'accepted', ...(messageId === undefined ? {} : { vendorId: messageId }) };
}

function readError(answer: HttpAnswer): SendOutcome {
  const plain = byStatus(answer);
  const parsed = errorSchema.safeParse(answer.json());
  if (plain.outcome !== 'rejected' || !parsed.success) return plain;
  const { errorCode, violations = [], requestError } = parsed.data;
  const reason: RejectionClass =
    plain.class === 'permanent' && violations.some(({ property }) => isAboutNumber(property))
      ? 'number'
      : plain.class;
  return rejected(
    reason,
    errorCode ?? requestError?.serviceException?.messageId ?? plain.code,
    plain.retryAfter,
  );
}

/** Such as `messages[0].destinations[0].to`. */
const isAboutNumber = (property = ''): boolean => /destinations\b.*\bto$/.test(property);
