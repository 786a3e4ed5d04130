import { z } from 'zod';
import type { OutboundMessage, SendOutcome } from '../../ports/gateway.ts';
import type { HttpAnswer } from '../wire/client.ts';
import { byStatus, rejected, retryAfterOf } from '../wire/outcome.ts';
import { type Format, readBody } from './body.ts';
import { classSchema, vendorIdAt } from './event.ts';
import { pathsSchema, textAt } from './path.ts';
import { type Facts, matches, predicateSchema } from './predicate.ts';
import { safeWord } from './word.ts';

/** What an answer other than the success can mean; `accepted` is for "we have that one already". */
const meaning = z.union([classSchema, z.enum(['accepted', 'ambiguous'])]);

/** How the answer to a send is read. */
export const answerShape = {
  success: predicateSchema.describe('What the vendor says when it has taken the message'),
  vendorId: pathsSchema.optional().describe("The vendor's own id; an answer without it makes no sense then"),
  code: pathsSchema.optional().describe("The vendor's error code"),
  errors: z
    .array(z.strictObject({ when: predicateSchema, class: meaning }))
    .default([])
    .describe('What an answer means that is no success; the first that holds'),
  retryAfter: pathsSchema.optional().describe('Seconds to wait; the header Retry-After unless said'),
  unlisted: meaning
    .optional()
    .describe('What a 2xx means that is neither success nor a listed error; ambiguous unless said'),
};
const reading = z.strictObject(answerShape);
/** How to read an answer. */
export type Reading = z.output<typeof reading> & { response: Format };

/** What an answer says about its body, status and headers. */
export const factsOf = ({ status, headers, text }: HttpAnswer, format: Format): Facts => ({
  status,
  headers,
  body: readBody(format, text),
});

/**
 * What the vendor did, by its answer: success, a listed error, or what the HTTP status alone says. A 2xx that is none of
 * these may have sent the message (D.2, rule 1).
 */
export function readAnswer(answer: HttpAnswer, reading: Reading, message: OutboundMessage): SendOutcome {
  const facts = factsOf(answer, reading.response);
  const fine = answer.status >= 200 && answer.status < 300;
  // Half an answer says nothing, not even by its status.
  if (fine && facts.body === undefined && answer.text.trim() !== '')
    return { outcome: 'ambiguous', code: 'unreadable' };
  if (matches(reading.success, facts)) return accepted(facts, reading, true);
  const listed = reading.errors.find(({ when }) => matches(when, facts))?.class;
  const meant = listed ?? (fine ? reading.unlisted : undefined);
  if (meant === 'accepted') return accepted(facts, reading, false);
  const code =
    (reading.code && safeWord(textAt(facts.body, reading.code), message)) || `http.${answer.status}`;
  if (meant === 'ambiguous') return { outcome: 'ambiguous', code };
  if (meant === undefined) return withCode(byStatus(answer), code);
  return rejected(meant, code, waitOf(facts, reading, answer));
}

function accepted({ body }: Facts, { vendorId }: Reading, expected: boolean): SendOutcome {
  const id = vendorIdAt(body, vendorId);
  if (id !== undefined) return { outcome: 'accepted', vendorId: id };
  // Success, but not the answer that was described: half of it is missing.
  return vendorId !== undefined && expected
    ? { outcome: 'ambiguous', code: 'no_vendor_id' }
    : { outcome: 'accepted' };
}

const withCode = (outcome: SendOutcome, code: string): SendOutcome =>
  outcome.outcome === 'accepted' ? outcome : { ...outcome, code };

function waitOf({ body }: Facts, { retryAfter }: Reading, { headers }: HttpAnswer): number | undefined {
  const seconds = retryAfter && textAt(body, retryAfter);
  return retryAfterOf(seconds === undefined ? headers : { 'retry-after': seconds });
}
