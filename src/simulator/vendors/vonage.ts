import type { Network, SimReply, SimRequest, StandIn } from '../stand-in.ts';
import { loginOf, refuse, VONAGE_ACCOUNT } from './vonage/account.ts';
import { call } from './vonage/calls.ts';
import { converse } from './vonage/conversation.ts';
import { send } from './vonage/messages.ts';
import { callReport, inbound, inputReport, messageReport } from './vonage/webhooks.ts';

/**
 * Stands in for Vonage: the Messages API (v1) and the Voice API (v1), their webhooks, messages from phones and calls by call
 * control object, signed with HS256. It knows one account with one application.
 */
export function createVonageStandIn(): StandIn {
  let now = Date.now;
  return {
    vendor: 'vonage',
    credentials: VONAGE_ACCOUNT,
    answer(request, network) {
      now = network.now;
      return answer(request, network);
    },
    report: (message, change, how) =>
      (message.channel === 'sms' ? messageReport : callReport)(message, change, how),
    inbound,
    converse: (message, pressed, ask) =>
      converse(message, pressed, (address, digits) => inputReport(message, address, digits, now()), ask),
  };
}

const NOT_FOUND = () => refuse(404, '#not-found', 'Not Found', 'The requested resource does not exist');

async function answer(request: SimRequest, network: Network): Promise<SimReply> {
  const login = await loginOf(request, network.now());
  const calls = request.path === '/v1/calls';
  // An API key opens the Messages API and not the Voice API.
  if (login === undefined || (calls && login === 'key')) {
    return refuse(401, '#unauthorized', 'Unauthorized', 'You did not provide correct credentials.');
  }
  if (request.method !== 'POST') return refuse(405, '#wrong-verb', 'Method Not Allowed', 'Use POST');
  if (calls) return call(request, network);
  return request.path === '/v1/messages' ? send(request, network) : NOT_FOUND();
}
