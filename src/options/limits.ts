import { z } from 'zod';

const seconds = (min: number, max: number) => z.int().min(min).max(max);

/** What follows wrong codes. */
export const failureSchema = z
  .strictObject({
    ceiling: z
      .int()
      .min(5)
      .max(100)
      .default(30)
      .describe(
        'Consecutive wrong codes over all challenges after which the number must be bound again (OTP-05)',
      ),
    delays: z
      .array(seconds(0, 3600))
      .min(1)
      .default([0, 0, 30, 60, 120, 240, 480, 960, 1920, 3600])
      .describe('Seconds to wait after the 1st, 2nd, 3rd … consecutive wrong code; the last one repeats'),
  })
  .prefault({});

/** How often something is sent, and to whom. */
export const sendSchema = z
  .strictObject({
    cooldown: z
      .array(seconds(0, 3600))
      .min(1)
      .default([30, 60, 120])
      .describe('Seconds between sends to a number'),
    perNumberHour: z
      .int()
      .min(1)
      .default(5)
      .describe('Sends to a number in any hour; while it is not proved, from one account or address'),
    perNumberDay: z.int().min(1).default(10).describe('The same in any 24 hours'),
    perUnprovedNumber: z
      .int()
      .min(1)
      .default(10)
      .describe(
        'Sends in 15 minutes to a number that is not proved, from all accounts together, and from all addresses',
      ),
    perAccountDay: z.int().min(1).default(10),
    perIpHour: z
      .int()
      .min(1)
      .default(20)
      .describe('Also the limit for all clients without a readable address'),
  })
  .prefault({});
