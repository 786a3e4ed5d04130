import { z } from 'zod';
import type { SendOutcome } from '../../ports/gateway.ts';
import type { HttpAnswer } from '../wire/client.ts';
import { byStatus, rejected } from '../wire/outcome.ts';

const messageSchema = z.object({
  object: z.literal('message'),
  id: z.string().regex(/^[\w-]{1,100}$/),
  status: z.string().optional().catch(undefined),
});
const errorSchema = z.object({
  object: z.literal('error'),
  code: z
    .string()
    .regex(/^[a-z_]{1,40}$/)
    .optional()
    .catch(undefined),
  errors: z.record(z.string(), z.unknown()).nullish().catch(undefined),
});

/** A message that never left the vendor. */
const LOST = new Set(['error', 'processing_error', 'canceled']);
/** Fields of ours that an error may be about; the vendor's other words stay out of logs (LOG-02). */
const FIELDS = ['to', 'body', 'service_id', 'tags', 'limited_at', 'is_shorten'];

/**
 * What the vendor answered to a send.
 *
 * @returns undefined where the answer makes no sense.
 */
export function readAnswer(answer: HttpAnswer): SendOutcome | undefined {
  if (answer.status < 200 || answer.status > 299) return readError(answer);
  const parsed = messageSchema.safeParse(answer.json());
  if (!parsed.success) return undefined;
  const { id, status } = parsed.data;
  if (status !== undefined && LOST.has(status)) return rejected('unknown', `status.${status}`);
  return { outcome: 'accepted', vendorId: id };
}

/** Errors are told by HTTP; of the fields that did not pass, only `to` is about the phone. */
function readError(answer: HttpAnswer): SendOutcome {
  const plain = byStatus(answer);
  const parsed = errorSchema.safeParse(answer.json());
  if (plain.outcome !== 'rejected' || !parsed.success) return plain;
  const { code, errors } = parsed.data;
  // `tags.0` is about `tags`.
  const fields = new Set(Object.keys(errors ?? {}).map((field) => field.split('.')[0]));
  const field = FIELDS.find((one) => fields.has(one));
  const word = [code ?? plain.code, ...(field === undefined ? [] : [field])].join('.');
  return rejected(answer.status === 422 && field === 'to' ? 'number' : plain.class, word, plain.retryAfter);
}
