import type { Gateway, GatewayFinding, SendOutcome, Webhook } from '../ports/gateway.ts';
import { readAnswer } from './aws/answers.ts';
import { type Called, createAwsClient } from './aws/client.ts';
import { readEvents } from './aws/events.ts';
import { textRequest, voiceRequest } from './aws/requests.ts';
import { type AwsSettings, readAwsSettings } from './aws/settings.ts';
import { createHttpClient, type HttpClient } from './wire/client.ts';
import { outcomeOf, rejected } from './wire/outcome.ts';
import { readSns, snsScheme } from './wire/schemes/sns.ts';
import { insecureFinding, openClient } from './wire/settings.ts';

/**
 * AWS End User Messaging SMS and Voice, version 2 of its API. Needs the package
 * `@aws-sdk/client-pinpoint-sms-voice-v2`. Receipts and texts from phones come through SNS topics, signed.
 *
 * Calls read the code to whatever picks up: AWS offers neither key press nor machine detection (lesson 25), so the guard is
 * `none`.
 *
 * @param settings Plain JSON of a configuration; see docs/gateways/aws.md.
 * @throws ConfigurationError for settings that are wrong, and where the package is not installed.
 */
export function createAwsGateway(settings: unknown): Gateway {
  const read = readAwsSettings(settings);
  const http =
    read.baseUrl === undefined ? createHttpClient(read) : openClient('aws', 'baseUrl', read.baseUrl, read);
  const aws = createAwsClient(read, http);
  return {
    name: read.name ?? 'aws',
    enabled: read.enabled,
    channels: read.voiceSender === undefined ? ['sms'] : ['sms', 'voice'],
    ...(read.countries ? { countries: read.countries } : {}),
    // 1600 characters in GSM-7; Japanese takes ten times 67.
    maxUnits: 670,
    ...(read.voiceSender === undefined ? {} : { callGuard: 'none' }),
    async send(message, { now, signal }) {
      const called =
        message.channel === 'voice'
          ? await aws.sendVoice(voiceRequest(message, read, now), signal)
          : await aws.sendText(textRequest(message, read, now), signal);
      return outcomeOfCall(called);
    },
    ...(read.topicArns.length === 0 ? {} : { webhook: snsWebhook(read, http) }),
    findings: () => [...insecureFinding(read.insecure), ...findingsOf(read)],
    async close() {
      aws.close();
      await http.close();
    },
  };
}

function outcomeOfCall(called: Called): SendOutcome {
  if (called.sent !== 'unsent') return outcomeOf(called, readAnswer);
  return rejected(/credential|token/i.test(called.error) ? 'auth' : 'temporary', called.error);
}

function snsWebhook({ topicArns, baseUrl, insecure }: AwsSettings, http: HttpClient): Webhook {
  // A simulator keeps its certificate beside its API; Amazon's are where the topic is, whatever baseUrl says.
  const scheme = snsScheme({ topicArns, client: http, origin: insecure ? baseUrl : undefined });
  return {
    authenticate: (request) => scheme.verify(request),
    async parse(request) {
      const told = readSns(request);
      if (told?.Type === 'Notification') return { events: readEvents(told.Message) };
      if (told?.Type !== 'SubscriptionConfirmation') return { events: [] };
      // SNS asks again where it hears that this did not work out.
      return (await scheme.confirm(request)) ? { events: [] } : { events: [], reply: { status: 503 } };
    },
  };
}

function findingsOf({ topicArns, configurationSet, maxPrice }: AwsSettings): GatewayFinding[] {
  const found: GatewayFinding[] = [];
  if (topicArns.length === 0 || configurationSet === undefined) {
    found.push({
      severity: 'warning',
      message: 'hears of no receipts, so nobody is told that a code did not arrive',
      fix: 'Set configurationSet and topicArn, and subscribe the webhook address to the topic',
    });
  }
  if (maxPrice === undefined) {
    found.push({
      severity: 'warning',
      message: 'has no limit on what one SMS may cost (toll fraud)',
      fix: 'Set maxPrice, in US dollars',
    });
  }
  return found;
}
