import { z } from 'zod';
import type { Problem } from '../errors.ts';
import type { FindAddress, Notifier } from '../ports/notifier.ts';
import type { optionsSchema } from './schema.ts';

type Given = z.output<typeof optionsSchema>;

/** A notifier and a gateway have nothing in common, so that no configuration makes one carry codes (OTP-08). */
const notifierSchema = z.custom<Notifier>((value) => notifierProblem(value) === undefined, {
  error: ({ input }) => notifierProblem(input),
});

/** Option `notices`: who is told what happens to an account (BND-02, SES-10), and by which way. */
export const noticesSchema = z
  .strictObject({
    notifier: notifierSchema.describe('What carries a notice, such as createEmailNotifier({ host, from })'),
    find: z
      .custom<FindAddress>((value) => typeof value === 'function', { error: 'must be a function' })
      .optional()
      .describe('Answers the addresses of an account; the e-mail that accounts knows unless said'),
    locale: z
      .string()
      .refine(isLanguage, { error: 'must be a language such as ja' })
      .default('en')
      .describe('Language of a notice where find names none'),
    timeZone: z
      .string()
      .refine(isTimeZone, { error: 'must be a time zone such as Asia/Tokyo' })
      .default('UTC')
      .describe('Time zone of the times in a notice'),
  })
  .optional()
  .describe('Tells account holders when a number is bound or removed, and of wrong codes in a row');

/** What notices need besides: somewhere to send them, and somebody to turn to (BND-02). */
export function noticeRules({ notices, accounts, brand }: Given): Problem[] {
  if (!notices) return [];
  return [
    ...(notices.find || accounts
      ? []
      : [
          {
            field: 'notices.find',
            reason: 'is missing',
            fix: 'Pass a function that answers the addresses of an account, or pass accounts',
          },
        ]),
    ...(brand.support === undefined
      ? [
          {
            field: 'brand.support',
            reason: 'is missing, and a notice has to say where to turn (BND-02)',
            fix: 'Write the telephone number or address of your support',
          },
        ]
      : []),
  ];
}

function notifierProblem(value: unknown): string | undefined {
  if (value === undefined) return 'is missing';
  if (typeof value !== 'object' || value === null) return 'must be a notifier';
  const { name, notify, send, channels } = value as Record<string, unknown>;
  if (send !== undefined || channels !== undefined)
    return 'is a gateway: codes go by sms or voice, notices by a notifier, and neither stands in for the other (OTP-08)';
  if (typeof notify !== 'function') return 'must be a notifier';
  return typeof name === 'string' && /^[a-z0-9-]{1,32}$/.test(name)
    ? undefined
    : 'needs a name of lower-case letters, digits and dashes';
}

function isLanguage(tag: string): boolean {
  try {
    return Intl.getCanonicalLocales(tag).length === 1;
  } catch {
    return false;
  }
}

function isTimeZone(timeZone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone }) !== undefined;
  } catch {
    return false;
  }
}
