import { z } from 'zod';
import { secret } from '../../wire/settings.ts';
import { definePreset } from './define.ts';

/**
 * MediaSMS of Media4u (media-sms.net/developer: parameters; the codes are those that public programs list). Japan.
 *
 * A text may have 140 bytes, or 70 characters as soon as one takes two bytes, and a line break counts as two of either. What
 * is longer is cut off, with the code at the very end of it.
 *
 * The IVR kinds `a` and `b` of `mobilecareer` wait for the person to call, so they deliver nothing and are not offered.
 */
export const mediasms = definePreset(
  {
    username: secret('Name for the API'),
    password: secret('Password for the API'),
    mobilecareer: z
      .enum(['1', '2', '3', '4'])
      .optional()
      .describe('Carrier; the vendor finds it by itself unless said'),
    long: z.boolean().default(false).describe('The option for long texts is part of the contract'),
  },
  ({ username, password, mobilecareer, long }) => ({
    baseUrl: 'https://www.sms-console.jp',
    countries: ['JP'],
    number: 'national',
    timeOffset: '+09:00',
    maxUnits: long ? { ascii: 1320, other: 660, lineBreak: 2 } : { ascii: 140, other: 70, lineBreak: 2 },
    auth: [{ type: 'basic', username, password }],
    send: {
      url: '/api/',
      encoding: 'form',
      response: 'text',
      fields: {
        mobilenumber: '{{to}}',
        smstext: '{{text}}',
        smsid: '{{id}}',
        status: '1',
        ...(mobilecareer && { mobilecareer }),
      },
      // The body of every answer is a code, and only that counts.
      success: { all: [{ status: '2xx' }, { path: 'lines[0]', equals: 200 }] },
      code: 'lines[0]',
      errors: [
        { when: { path: 'lines[0]', in: [401, 555] }, class: 'auth' },
        { when: { path: 'lines[0]', equals: 560 }, class: 'number' },
        { when: { path: 'lines[0]', equals: 597 }, class: 'throttled' },
        { when: { path: 'lines[0]', in: [550, 551, 559] }, class: 'unknown' },
        // Our ids are random: a second one is our own first.
        { when: { path: 'lines[0]', in: [587, 624] }, class: 'accepted' },
        ...['4', '56', '57', '58', '59', '6'].map((start) => ({
          when: { path: 'lines[0]', startsWith: start },
          class: 'permanent',
        })),
      ],
    },
    webhook: {
      payload: 'any',
      map: {
        id: 'smsid',
        code: 'status',
        rules: [
          { when: { path: 'status', equals: 200 }, state: 'delivered' },
          { when: { path: 'status', equals: 559 }, state: 'expired' },
          { when: { path: 'status', equals: 560 }, state: 'undelivered', class: 'number' },
          { when: { path: 'status', startsWith: '55' }, state: 'undelivered', class: 'unknown' },
        ],
      },
    },
  }),
  {
    finding: {
      severity: 'warning',
      message: 'reads the receipts of MediaSMS by codes that no public document confirms',
      fix: 'Compare webhook.map with the specification of the 送達結果通知 you have from the vendor',
    },
  },
);
