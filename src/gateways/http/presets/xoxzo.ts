import { z } from 'zod';
import { secret } from '../../wire/settings.ts';
import { definePreset } from './define.ts';

const STATES = [
  { when: { path: 'status', equals: 'QUEUED' }, state: 'accepted' },
  { when: { path: 'status', equals: 'DELIVERING' }, state: 'sent' },
  { when: { path: 'status', equals: 'DELIVERED' }, state: 'delivered' },
  { when: { path: 'status', in: ['FAIL', 'FAILED', 'UNDELIVERED'] }, state: 'undelivered', class: 'unknown' },
];
const CALLS = [
  { when: { path: 'status', in: ['IN PROGRESS', 'CALLING'] }, call: 'ringing' },
  { when: { path: 'status', equals: 'ANSWERED' }, call: ['answered', 'completed'] },
  { when: { path: 'status', in: ['NOT ANSWERED', 'NO ANSWER'] }, call: 'no-answer' },
  { when: { path: 'status', equals: 'BUSY' }, call: 'busy' },
  { when: { path: 'status', in: ['FAIL', 'FAILED'] }, call: 'failed' },
];
const WRONG_NUMBER = {
  when: { all: [{ status: 400 }, { path: 'recipient', exists: true }] },
  class: 'number',
};

/**
 * Xoxzo (docs.xoxzo.com): free text by SMS, which the vendor has to allow, and calls by text to speech. A call is not
 * guarded: the code is read to whatever picks up, so calls need `voice.allowUnguarded`.
 */
export const xoxzo = definePreset(
  {
    sid: secret('API SID'),
    authToken: secret('AUTH_TOKEN'),
    // The vendor takes no SMS without one.
    sender: z.string().regex(/^([A-Za-z0-9]{1,10}|\+?\d{1,15})$/, {
      error: 'must be at most 10 letters and digits, or at most 15 digits',
    }),
    caller: z
      .string()
      .regex(/^\+\d{7,15}$/, { error: 'must be a number such as +81312345678' })
      .optional(),
  },
  ({ sid, authToken, sender, caller }) => ({
    baseUrl: 'https://api.xoxzo.com',
    sender,
    channels: caller ? ['sms', 'voice'] : ['sms'],
    ...(caller && { callGuard: 'none' }),
    auth: [{ type: 'basic', username: sid, password: authToken }],
    send: {
      url: '/sms/messages/',
      encoding: 'form',
      fields: {
        message: '{{text}}',
        recipient: '{{to}}',
        sender: '{{sender}}',
        callbackurl: '{{webhookUrl}}',
      },
      success: { status: 201 },
      vendorId: '[0].msgid',
      errors: [WRONG_NUMBER],
    },
    ...(caller && {
      voice: {
        url: '/voice/simple/playbacks/',
        encoding: 'form',
        fields: {
          caller,
          recipient: '{{to}}',
          tts_message: '{{text}}',
          tts_lang: '{{language}}',
          callbackurl: '{{webhookUrl}}',
        },
        success: { status: 201 },
        vendorId: '[0].callid',
        errors: [WRONG_NUMBER],
      },
    }),
    poll: [
      {
        channel: 'sms',
        by: 'vendorId',
        url: '/sms/messages/{{vendorId}}/',
        encoding: 'query',
        map: { vendorId: 'msgid', rules: STATES },
      },
      {
        channel: 'voice',
        by: 'vendorId',
        url: '/voice/calls/{{vendorId}}/',
        encoding: 'query',
        map: { vendorId: 'callid', rules: CALLS },
      },
    ],
    webhook: {
      payload: 'any',
      map: {
        vendorId: ['msgid', 'callid'],
        rules: [
          ...STATES.map(({ when, ...rest }) => ({
            when: { all: [{ path: 'msgid', exists: true }, when] },
            ...rest,
          })),
          ...CALLS.map(({ when, ...rest }) => ({
            when: { all: [{ path: 'callid', exists: true }, when] },
            ...rest,
          })),
        ],
      },
    },
  }),
  {
    finding: {
      severity: 'warning',
      message: 'reads the states of Xoxzo calls by words that were not confirmed with the vendor',
      fix: 'Call a phone of your own, busy and unanswered, before you rely on what is reported',
    },
  },
);
