import { secret } from '../../wire/settings.ts';
import { definePreset } from './define.ts';

/**
 * Kannel, the open source gateway (user guide 1.4.5, "Using the HTTP interface to smsbox" and "Delivery reports").
 *
 * It gives a message no id, so receipts name it by their address, and that address is all that guards them. `%d` and `%T`
 * are filled in by Kannel. `%A` is left out on purpose: what an SMSC replies quotes the beginning of the text (SMPP 3.4,
 * appendix B), and it would stand in an address (LOG-02).
 */
export const kannel = definePreset(
  { username: secret('username of the sendsms-user'), password: secret('Its password') },
  ({ username, password }) => ({
    auth: [{ type: 'query', values: { username, password } }],
    send: {
      url: '/cgi-bin/sendsms',
      encoding: 'query',
      response: 'text',
      fields: {
        from: '{{sender}}',
        to: '{{to}}',
        text: '{{text}}',
        charset: 'UTF-8',
        coding: { $if: 'ucs2', $then: '2' },
        validity: '{{validity|minutes}}',
        'dlr-mask': { $if: 'webhookUrl', $then: '31' },
        'dlr-url': '{{webhookUrl|percent}}?status=%d&at=%T',
      },
      success: {
        all: [
          { status: '2xx' },
          {
            any: [
              { path: 'text', startsWith: '0:' },
              { path: 'text', startsWith: '3:' },
            ],
          },
        ],
      },
      errors: [
        { when: { path: 'text', startsWith: 'Temporal failure' }, class: 'temporary' },
        { when: { path: 'text', startsWith: 'Authorization failed' }, class: 'auth' },
      ],
    },
    webhook: {
      payload: 'query',
      map: {
        at: { path: 'at', format: 'unix' },
        rules: [
          { when: { path: 'status', equals: 1 }, state: 'delivered' },
          { when: { path: 'status', equals: 2 }, state: 'undelivered', class: 'unknown' },
          { when: { path: 'status', equals: 4 }, state: 'sent' },
          { when: { path: 'status', equals: 8 }, state: 'accepted' },
          { when: { path: 'status', equals: 16 }, state: 'undelivered', class: 'unknown' },
        ],
      },
      inbound: { when: { path: 'status', exists: false }, from: 'from', text: 'text' },
    },
  }),
);
