import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { Network, SimReply, SimRequest } from '../../stand-in.ts';
import { sentReply, throttledReply, violationReply } from './replies.ts';

const address = z.string().regex(/^[1-9]\d{6,14}$/);
/** One number, in international form without plus; the vendor takes many, we never send more. */
export const destinations = z.tuple([
  z.object({ to: address, messageId: z.string().min(1).max(200).optional() }),
]);

const requestSchema = z.object({
  messages: z.tuple([
    z.object({
      sender: z.string().min(1).max(15),
      destinations,
      content: z.object({ text: z.string().min(1) }),
      options: z
        .object({
          validityPeriod: z.object({
            amount: z.int().min(1),
            timeUnit: z.enum(['SECONDS', 'MINUTES', 'HOURS', 'DAYS']),
          }),
        })
        .optional(),
      webhooks: z
        .object({
          delivery: z.object({ url: z.url(), intermediateReport: z.boolean().optional() }).optional(),
          contentType: z.literal('application/json').optional(),
          callbackData: z.string().max(4000).optional(),
        })
        .optional(),
    }),
  ]),
});

/** `POST /sms/3/messages`, for one message to one number. */
export function sendSms(request: SimRequest, network: Network): SimReply {
  const parsed = requestSchema.safeParse(request.json);
  if (!parsed.success) return violationReply(parsed.error.issues.map(({ path }) => propertyOf(path)));
  const [{ sender, destinations: to, content, options, webhooks }] = parsed.data.messages;
  const [destination] = to;
  const messageId = destination.messageId ?? randomUUID();
  const submitted = network.submit(
    {
      vendorId: messageId,
      channel: 'sms',
      to: `+${destination.to}`,
      from: sender,
      text: content.text,
      ...(webhooks?.callbackData === undefined ? {} : { reference: webhooks.callbackData }),
      ...(webhooks?.delivery === undefined ? {} : { callbackUrl: webhooks.delivery.url }),
      extra: {
        intermediate: String(webhooks?.delivery?.intermediateReport ?? false),
        minutes: String(minutesIn(options?.validityPeriod)),
      },
    },
    ['opted-out', 'throttled'],
  );
  if (submitted.taken) return sentReply(destination.to, messageId, 'accepted');
  // HTTP 200 all the same.
  return submitted.refusal === 'throttled'
    ? throttledReply()
    : sentReply(destination.to, messageId, 'blocklisted');
}

/** Two days unless said. */
function minutesIn({
  amount,
  timeUnit,
}: {
  amount: number;
  timeUnit: keyof typeof MINUTES;
} = TWO_DAYS): number {
  return amount * MINUTES[timeUnit];
}
const MINUTES = { SECONDS: 1 / 60, MINUTES: 1, HOURS: 60, DAYS: 1440 };
const TWO_DAYS = { amount: 2, timeUnit: 'DAYS' } as const;

/** `messages[0].destinations[0].to` */
export const propertyOf = (path: readonly PropertyKey[]): string =>
  path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
    .join('')
    .replace(/^\./, '');
