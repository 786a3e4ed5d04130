import type { Network, SimReply, SimRequest, StandIn } from '../stand-in.ts';
import { isLoggedIn, refuse, reply, TWILIO_ACCOUNT } from './twilio/account.ts';
import { call, callOf } from './twilio/calls.ts';
import { converse } from './twilio/conversation.ts';
import { messageOf, send } from './twilio/messages.ts';
import { callFields, callReport, inbound, messageReport, post } from './twilio/webhooks.ts';

/**
 * Stands in for Twilio: Messages and Calls of the API of 2010-04-01, status callbacks, messages from phones and calls by
 * TwiML, signed with HMAC-SHA1. It knows one account, whose privacy features are on.
 */
export function createTwilioStandIn(): StandIn {
  return {
    vendor: 'twilio',
    credentials: TWILIO_ACCOUNT,
    answer,
    report: (message, change, how) =>
      (message.channel === 'sms' ? messageReport : callReport)(message, change, how),
    inbound,
    converse: (message, pressed, ask) =>
      converse(
        message,
        pressed,
        (address, digits) =>
          post(address, { ...callFields(message, message.at, 'in-progress'), Digits: digits }),
        ask,
      ),
  };
}

const PATH = /^\/2010-04-01\/Accounts\/(AC\w+)\/(Messages|Calls)(?:\/(\w+))?\.json$/;

function answer(request: SimRequest, network: Network): SimReply {
  if (!isLoggedIn(request)) return refuse(401, 20003, 'Authenticate');
  const [, account, collection, sid] = PATH.exec(request.path) ?? [];
  if (account !== TWILIO_ACCOUNT.accountSid)
    return refuse(404, 20404, 'The requested resource was not found');
  if (sid !== undefined) return look(network, collection === 'Messages' ? 'sms' : 'voice', sid);
  if (request.method !== 'POST') return refuse(405, 20004, 'Method not allowed');
  return collection === 'Messages' ? send(request, network) : call(request, network);
}

function look(network: Network, channel: 'sms' | 'voice', vendorId: string): SimReply {
  const message = network.find({ vendorId });
  if (message?.channel !== channel) return refuse(404, 20404, 'The requested resource was not found');
  return reply(200, channel === 'sms' ? messageOf(message) : callOf(message));
}
