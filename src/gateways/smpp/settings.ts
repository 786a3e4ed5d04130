import { createSecureContext } from 'node:tls';
import { z } from 'zod';
import { ConfigurationError } from '../../errors.ts';
import { calledIn, commonSettings, readSettings, secret } from '../wire/settings.ts';

/** An octet string of SMPP, without a NUL. */
const ascii = (most: number) =>
  z
    .string()
    .regex(new RegExp(`^[\\x20-\\x7e]{0,${most}}$`), { error: `must be at most ${most} ASCII characters` });
const octet = z.int().min(0).max(255);
const reason = z.enum([
  'temporary',
  'throttled',
  'quota',
  'auth',
  'unknown',
  'number',
  'recycled',
  'opt-out',
  'blocked',
  'unreachable',
  'permanent',
]);

const schema = z.strictObject({
  ...commonSettings,
  host: z
    .string()
    .regex(/^[\w.:-]{1,253}$/, { error: 'must be a host name or an address' })
    .describe('The SMSC'),
  port: z.int().min(1).max(65_535).optional().describe('3550 with TLS, 2775 without, unless said'),
  tls: z.boolean().default(true).describe('TLS; without it password and codes are readable on the way'),
  privateLine: z
    .boolean()
    .default(false)
    .describe('Says that the way to the SMSC is a VPN or a leased line, so that TLS may be off'),
  ca: z
    .string()
    .min(1)
    .optional()
    .describe('Certificates of authorities to trust instead of the usual ones, in PEM'),
  systemId: ascii(15).min(1).describe('Who we are to the SMSC'),
  password: secret('Password of the system id').max(64),
  systemType: ascii(12).default('').describe('Where the SMSC asks for one'),
  addressRange: ascii(40).default('').describe('Numbers we receive for, where the SMSC asks for one'),
  bindTon: octet.default(0).describe('Type of number of addressRange'),
  bindNpi: octet.default(0).describe('Numbering plan of addressRange'),
  bind: z
    .enum(['transceiver', 'separate'])
    .default('transceiver')
    .describe('One connection for both ways, or a transmitter and a receiver'),
  sender: z
    .string()
    .regex(/^(\+?\d{2,15}|[\x20-\x7e]{1,11})$/, {
      error: 'must be a number, a short code or up to 11 letters',
    })
    .optional()
    .describe('Sender of all messages; the SMSC chooses one unless said'),
  sourceTon: octet.optional().describe('Type of number of the sender; by its form unless said'),
  sourceNpi: octet.optional().describe('Numbering plan of the sender; by its form unless said'),
  destinationTon: octet
    .optional()
    .describe('Type of number of the phones; by the form of the number unless said'),
  destinationNpi: octet.optional().describe('Numbering plan of the phones; 1 unless said'),
  nationalNumbers: z
    .record(
      z.string().regex(/^[1-9]\d{0,2}$/, { error: 'must be a calling code such as 81' }),
      z.string().regex(/^\d{0,4}$/, { error: 'must be a trunk prefix such as 0, or empty' }),
    )
    .default({})
    .describe('Calling codes of countries whose numbers go as national ones, each with its trunk prefix'),
  alphabet: z
    .enum(['gsm7', 'latin1', 'ascii', 'ucs2'])
    .default('gsm7')
    .describe('What texts go in where all of their characters are in it; UCS-2 otherwise'),
  dataCoding: octet
    .optional()
    .describe('data_coding of the alphabet: 0 for gsm7, 3 for latin1, 1 for ascii, unless said'),
  serviceType: ascii(5).default('').describe('Where the SMSC asks for one'),
  window: z.int().min(1).max(1000).default(10).describe('Most messages that are sent and not yet answered'),
  responseTimeout: z
    .int()
    .min(50)
    .max(8000)
    .default(5000)
    .describe('Milliseconds until an answer counts as lost'),
  enquireInterval: z.int().min(50).max(300_000).default(30_000).describe('Milliseconds between enquire_link'),
  reconnectDelay: z
    .int()
    .min(10)
    .max(60_000)
    .default(1000)
    .describe('Milliseconds before the first reconnect'),
  longText: z
    .enum(['udh', 'payload'])
    .default('udh')
    .describe('Texts longer than one SMS: in parts with headers, or whole in message_payload'),
  receiptIds: z
    .enum(['auto', 'same', 'decimal', 'hex'])
    .default('auto')
    .describe(
      'How receipts write the id that submit_sm_resp gave: decimal for one given in hex, hex for the reverse',
    ),
  errorClasses: z
    .record(z.string().regex(/^\w{1,10}$/), reason)
    .default({})
    .describe('What err in receipts means here'),
});

/** What the SMPP gateway can be told. */
export type SmppSettings = z.output<typeof schema>;

/** Type of number, as SMPP 3.4 has it (5.2.5). */
const INTERNATIONAL = 1;
/** data_coding (5.2.19). */
const UCS2 = 8;

/** @throws ConfigurationError naming every field that is wrong. */
export function readSmppSettings(input: unknown): SmppSettings {
  const settings = readSettings(schema, input, 'smpp');
  if (!settings.tls && !settings.privateLine && !settings.insecure) {
    throw new ConfigurationError([
      {
        field: `${calledIn(settings, 'smpp')}.tls`,
        reason: 'is off, so that password and codes go over the wire in clear',
        fix: 'Turn it on, or set privateLine where the way is a VPN or a leased line',
      },
    ]);
  }
  if (settings.sourceTon === INTERNATIONAL && /^0\d/.test(settings.sender ?? '')) {
    throw new ConfigurationError([
      {
        field: `${calledIn(settings, 'smpp')}.sender`,
        reason: 'begins with 0, which no international number does, and sourceTon says that it is one',
        fix: 'Write the country in place of the 0, such as +815012345678, or leave sourceTon out',
      },
    ]);
  }
  if (settings.dataCoding !== undefined && (settings.alphabet === 'ucs2' || settings.dataCoding === UCS2)) {
    throw new ConfigurationError([
      {
        field: `${calledIn(settings, 'smpp')}.dataCoding`,
        reason: 'belongs to an alphabet other than UCS-2, which is always 8',
        fix: 'Remove it, or say in alphabet what the SMSC takes with it',
      },
    ]);
  }
  if (settings.ca !== undefined && !isPem(settings.ca)) {
    throw new ConfigurationError([
      {
        field: `${calledIn(settings, 'smpp')}.ca`,
        reason: 'is no certificate in PEM',
        fix: 'Write {"file": "…"} with its path',
      },
    ]);
  }
  if (settings.ca !== undefined && !settings.tls) {
    throw new ConfigurationError([
      {
        field: `${calledIn(settings, 'smpp')}.ca`,
        reason: 'is for TLS, which is off',
        fix: 'Remove it, or turn tls on',
      },
    ]);
  }
  return settings;
}

function isPem(ca: string): boolean {
  try {
    createSecureContext({ ca });
    return ca.includes('-----BEGIN CERTIFICATE-----');
  } catch {
    return false;
  }
}
