import { equalText } from '../../equal-text.ts';
import { pressKeyScenario } from '../../gateways/infobip/scenario.ts';
import { signBasic } from '../../gateways/wire/schemes/shared-secret.ts';
import type { Network, SimReply, SimRequest, StandIn } from '../stand-in.ts';
import { launch, readCall, speak } from './infobip/calls.ts';
import { createScenarios, type Scenarios } from './infobip/ivr.ts';
import { sendSms } from './infobip/messages.ts';
import { errorReply, jsonReply } from './infobip/replies.ts';
import { callResult, inboundResult, isTold, messageResult, pushed } from './infobip/reports.ts';

const CREDENTIALS = {
  apiKey: 'simulated-infobip-key',
  username: 'simulated',
  password: 'simulated-infobip-password',
  token: 'simulated-infobip-token',
  scenarioJa: 'E83E787CF2613450157ADA3476171E3F',
  scenarioEn: '6298AA7707903A4ED680B436929681AD',
  /** Of the notification profile that signs what goes to the address for all messages. Its header is made up. */
  webhookSecret: 'simulated-infobip-webhook-secret',
  webhookHeader: 'x-hub-signature',
};

/**
 * Infobip (NTT CPaaS): SMS API v3, speech, IVR scenarios, logs and receipts. Receipts that go to the address of a message
 * carry no signature; those that go to the address for all messages are signed, as a notification profile can be told to.
 */
export function createInfobipStandIn(): StandIn {
  const scenarios = createScenarios({
    [CREDENTIALS.scenarioJa]: pressKeyScenario('ja').script,
    [CREDENTIALS.scenarioEn]: pressKeyScenario('en').script,
  });
  return {
    vendor: 'infobip',
    credentials: CREDENTIALS,
    answer: (request, network) =>
      isKnown(request)
        ? route(request, network, scenarios)
        : errorReply(401, 'UNAUTHORIZED', 'Invalid login details'),
    report(message, change, how) {
      if (message.channel === 'sms' && !isTold(message, change)) return undefined;
      const read = message.channel === 'sms' ? messageResult : callResult;
      const result = read(message, change);
      return result && pushed(result, how, CREDENTIALS, message.callbackUrl);
    },
    inbound: (text, how) => pushed(inboundResult(text, how.now), how, CREDENTIALS),
    async converse(message, pressed) {
      return speak(message, pressed, scenarios);
    },
  };
}

function isKnown({ headers }: SimRequest): boolean {
  const given = headers.authorization ?? '';
  const { apiKey, username, password, token } = CREDENTIALS;
  return [`App ${apiKey}`, `Bearer ${token}`, signBasic(username, password)].some((right) =>
    equalText(given, right),
  );
}

function route(request: SimRequest, network: Network, scenarios: Scenarios): SimReply {
  const { method, path, query } = request;
  const messageId = query.get('messageId') ?? '';
  switch (`${method} ${path}`) {
    case 'POST /sms/3/messages':
      return sendSms(request, network);
    case 'POST /tts/3/advanced':
    case 'POST /voice/ivr/1/messages': {
      const call = readCall(request, scenarios);
      return 'status' in call ? call : launch(call, network);
    }
    case 'POST /voice/ivr/1/scenarios':
      return scenarios.create(request.json);
    case 'GET /sms/3/logs':
    case 'GET /tts/3/logs': {
      const message = network.find({ vendorId: messageId });
      const read = path.startsWith('/sms') ? messageResult : callResult;
      const result = message && read(message, message);
      return jsonReply(200, { results: result ? [{ ...result, content: { text: message?.text } }] : [] });
    }
    default:
      return errorReply(404, 'NOT_FOUND', 'Not found');
  }
}
