import { z } from 'zod';

const seconds = (min: number, max: number) => z.int().min(min).max(max);

/** What a code is like, and how often it may be sent and entered. */
export const codeSchema = z
  .strictObject({
    length: z.int().min(4).max(10).default(6).describe('Digits of a code (OTP-01)'),
    ttl: seconds(30, 600).default(300).describe('Seconds a code lives (OTP-02)'),
    tries: z.int().min(1).max(10).default(5).describe('Wrong codes that end a challenge'),
    sends: z
      .int()
      .min(1)
      .max(5)
      .default(3)
      .describe('Messages and calls for one challenge, the first included'),
    allowShortCodes: z
      .boolean()
      .default(false)
      .describe('Permits 4 or 5 digits, at most 3 tries: weaker than NIST SP 800-63B-4 asks for'),
  })
  .prefault({});

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
