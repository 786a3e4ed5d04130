import { z } from 'zod';

/** A number, or a text of digits: nothing else may pass for 0, which means success. */
const code = z.union([z.int().min(0), z.string().regex(/^\d{1,6}$/)]).transform(Number);

const responseSchema = z.object({
  responseCode: code,
  responseMessage: z.string().optional().catch(undefined),
});

/** Names of fields that we send; a message of the vendor may hold anything else, and stays out of logs (LOG-02). */
const FIELDS = ['token', 'clientId', 'smsCode', 'message', 'phoneNumber', 'clientTag', 'referenceDate'];

/** How every answer of the vendor begins; HTTP says 200 whatever happened. */
export interface ZettaiReachResponse {
  /** 0 is success. */
  code: number;
  /** The field that is complained about: `Invalid phoneNumber.` */
  field?: string;
}

/** Reads the code of an answer; undefined where it has none. */
export function readResponse(body: unknown): ZettaiReachResponse | undefined {
  const parsed = responseSchema.safeParse(body);
  if (!parsed.success) return undefined;
  const { responseCode, responseMessage = '' } = parsed.data;
  const [, given] = /^(?:Required |Invalid )?(\w+)(?: too long)?\.?$/i.exec(responseMessage.trim()) ?? [];
  const field = FIELDS.find((one) => one.toLowerCase() === given?.toLowerCase());
  return { code: responseCode, ...(field === undefined ? {} : { field }) };
}
