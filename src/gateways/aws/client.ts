import type {
  PinpointSMSVoiceV2ClientConfig,
  SendTextMessageRequest,
  SendVoiceMessageRequest,
} from '@aws-sdk/client-pinpoint-sms-voice-v2';
import type { HttpClient, Transported } from '../wire/client.ts';
import { loadSdk } from './sdk.ts';
import type { AwsSettings } from './settings.ts';

/** What became of a call of the API; `unsent` where not even a request was made, such as for want of credentials. */
export type Called = Transported | { sent: 'unsent'; error: string };

export interface AwsClient {
  sendText(input: SendTextMessageRequest, signal: AbortSignal): Promise<Called>;
  sendVoice(input: SendVoiceMessageRequest, signal: AbortSignal): Promise<Called>;
  close(): void;
}

/**
 * The SDK with our own way out underneath. The SDK finds credentials, signs and serializes; connecting, time limits, the
 * guard against private addresses, and telling "never left" from "may have left" are `wire/client.ts`, as for every vendor.
 */
export function createAwsClient(settings: AwsSettings, http: HttpClient): AwsClient {
  const sdk = loadSdk();
  const seen = new WeakMap<object, Promise<Transported>>();
  const client = new sdk.PinpointSMSVoiceV2Client(configOf(settings, handlerOver(http, seen)));
  const call = async (
    send: (options: { abortSignal: AbortSignal }) => Promise<unknown>,
    given: AbortSignal,
  ): Promise<Called> => {
    // A signal of this call alone: the handler recognizes the call by it.
    const signal = AbortSignal.any([given]);
    const error = await untilAborted(send({ abortSignal: signal }), signal);
    return (await seen.get(signal)) ?? { sent: 'unsent', error };
  };
  return {
    sendText: (input, signal) =>
      call((options) => client.send(new sdk.SendTextMessageCommand(input), options), signal),
    sendVoice: (input, signal) =>
      call((options) => client.send(new sdk.SendVoiceMessageCommand(input), options), signal),
    close: () => client.destroy(),
  };
}

function configOf(
  { region, baseUrl, accessKeyId, secretAccessKey, sessionToken }: AwsSettings,
  requestHandler: PinpointSMSVoiceV2ClientConfig['requestHandler'],
): PinpointSMSVoiceV2ClientConfig {
  return {
    region,
    requestHandler,
    // A second attempt after an answer that got lost would be a second message (GWY-02).
    maxAttempts: 1,
    // Where messages go is said by the configuration, not by AWS_ENDPOINT_URL.
    ignoreConfiguredEndpointUrls: true,
    ...(baseUrl === undefined ? {} : { endpoint: baseUrl }),
    ...(accessKeyId && secretAccessKey
      ? { credentials: { accessKeyId, secretAccessKey, sessionToken } }
      : {}),
  };
}

/** Name of the error, or an empty text. Looking for credentials knows no signal, so the wait for it ends here. */
function untilAborted(sending: Promise<unknown>, signal: AbortSignal): Promise<string> {
  return new Promise((resolve) => {
    const give = () => resolve('aborted');
    signal.addEventListener('abort', give, { once: true });
    const end = (name: string) => {
      signal.removeEventListener('abort', give);
      resolve(name);
    };
    sending.then(
      () => end(''),
      (error: unknown) => end(String((error as Error | undefined)?.name)),
    );
    if (signal.aborted) give();
  });
}

/** What the SDK hands to a request handler, as far as it is looked at. */
interface SdkRequest {
  method: string;
  protocol: string;
  hostname: string;
  port?: number;
  path: string;
  query?: Record<string, string | string[] | null>;
  headers: Record<string, string>;
  body?: unknown;
}

type Handler = Extract<PinpointSMSVoiceV2ClientConfig['requestHandler'], { handle: unknown }>;

function handlerOver(http: HttpClient, seen: WeakMap<object, Promise<Transported>>): Handler {
  const handle = async (request: SdkRequest, { abortSignal }: { abortSignal?: object } = {}) => {
    const calling = http.call({
      method: request.method === 'GET' ? 'GET' : 'POST',
      url: urlOf(request),
      headers: request.headers,
      body: textOf(request.body),
      signal: abortSignal as AbortSignal | undefined,
    });
    if (abortSignal) seen.set(abortSignal, calling);
    const transported = await calling;
    if (transported.sent !== 'answered') throw new Error('there is no answer');
    const { status, headers, text } = transported.answer;
    return { response: { statusCode: status, headers, body: Buffer.from(text) } };
  };
  return {
    metadata: { handlerProtocol: 'http/1.1' },
    handle: handle as unknown as Handler['handle'],
    updateHttpClientConfig: () => {},
    httpHandlerConfigs: () => ({}),
    destroy: () => {},
  };
}

function urlOf({ protocol, hostname, port, path, query = {} }: SdkRequest): string {
  const pairs = Object.entries(query).flatMap(([name, values]) =>
    [values].flat().map((value) => `${encodeURIComponent(name)}=${encodeURIComponent(value ?? '')}`),
  );
  const search = pairs.length === 0 ? '' : `?${pairs.join('&')}`;
  return `${protocol}//${hostname}${port === undefined ? '' : `:${port}`}${path}${search}`;
}

function textOf(body: unknown): string | undefined {
  if (typeof body === 'string') return body;
  return body instanceof Uint8Array ? new TextDecoder().decode(body) : undefined;
}
