import { secret } from '../../wire/settings.ts';
import { definePreset } from './define.ts';

/** How a message got on. `messagestatus` is about the way to the carrier, `resultstatus` about the way to the phone. */
const RULES = [
  // 携帯番号履歴判定: the subscriber changed after PermitDate.
  { when: { path: 'messagestatus', equals: 3 }, state: 'undelivered', class: 'recycled' },
  { when: { path: 'messagestatus', equals: 2 }, state: 'undelivered', class: 'unknown' },
  { when: { path: 'messagestatus', equals: 9 }, state: 'unknown' },
  { when: { path: 'messagestatus', equals: 0 }, state: 'accepted' },
  { when: { path: 'resultstatus', equals: 1 }, state: 'delivered' },
  { when: { path: 'resultstatus', equals: 2 }, state: 'undelivered', class: 'unreachable' },
  { when: { path: 'resultstatus', equals: 3 }, state: 'undelivered', class: 'unknown' },
  { when: { path: 'resultstatus', equals: 99 }, state: 'unknown' },
  { when: { path: 'messagestatus', equals: 1 }, state: 'sent' },
];
const CARRIER = { path: 'carrier', names: { 1: 'docomo', 2: 'softbank', 3: 'au', 4: 'softbank' } };
const CODE = 'resultstatus';
const SUCCESS = { all: [{ status: 200 }, { path: 'status', equals: 100 }] };

/**
 * 空電プッシュ v2 of NTT COM Online: one text for each carrier, Japan only, receipts by asking. Its specification is not
 * public; this is what public programs that use it agree on.
 */
export const karadenPush = definePreset(
  { token: secret('Token'), securityCode: secret('SecurityCode').optional() },
  ({ token, securityCode }) => ({
    baseUrl: 'https://push.karaden.jp/v2',
    countries: ['JP'],
    number: 'national',
    timeOffset: '+09:00',
    auth: [{ type: 'body', values: { Token: token, ...(securityCode && { SecurityCode: securityCode }) } }],
    send: {
      url: '/karadenqueue.json',
      encoding: 'form',
      fields: {
        To: '{{to}}',
        DocomoMessage: '{{text}}',
        SoftbankMessage: '{{text}}',
        AuMessage: '{{text}}',
        OptionMessage: '{{text}}',
        // The text of a code is not to be rewritten.
        ShorturlFlg: 'FALSE',
        TrackingCode: '{{id}}',
        PermitDate: '{{provedAt|yyyyMMdd}}',
        format: 'json',
      },
      success: SUCCESS,
      vendorId: 'messageId',
      code: 'status',
      errors: [
        { when: { path: 'status', equals: 201 }, class: 'auth' },
        { when: { path: 'status', equals: 202 }, class: 'number' },
        { when: { path: 'status', equals: 203 }, class: 'blocked' },
        { when: { path: 'status', in: [205, 206, 209, 301] }, class: 'permanent' },
        { when: { path: 'status', equals: 999 }, class: 'temporary' },
      ],
    },
    poll: [
      {
        by: 'vendorId',
        url: '/karadeninquiry.json',
        encoding: 'query',
        fields: { messageId: '{{vendorId}}', format: 'json' },
        success: SUCCESS,
        map: { carrier: CARRIER, code: CODE, rules: RULES },
      },
      {
        by: 'id',
        url: '/karadeninquiry_tr.json',
        encoding: 'query',
        fields: {
          TrackingCode: '{{id}}',
          Startcount: '1',
          Startdate: '{{sentAt|yyyyMMdd}}0000',
          Enddate: '{{now|yyyyMMdd}}2359',
          format: 'json',
        },
        success: SUCCESS,
        items: 'list',
        map: { vendorId: 'messageId', carrier: CARRIER, code: CODE, rules: RULES },
      },
    ],
  }),
  {
    finding: {
      severity: 'warning',
      message:
        'speaks 空電プッシュ v2 as public programs do; it is not verified against the specification, which is not public',
      fix: 'Send to a phone of your own before you rely on it, and compare with the specification you have from the vendor',
    },
  },
);
