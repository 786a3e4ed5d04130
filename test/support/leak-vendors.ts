import { createAwsGateway } from '../../src/gateways/aws.ts';
import { createHttpGateway } from '../../src/gateways/http.ts';
import { createInfobipGateway } from '../../src/gateways/infobip.ts';
import { createKaradenGateway } from '../../src/gateways/karaden.ts';
import { createSmppGateway } from '../../src/gateways/smpp.ts';
import { createTwilioGateway } from '../../src/gateways/twilio.ts';
import { createVonageGateway } from '../../src/gateways/vonage.ts';
import { createZettaiReachGateway } from '../../src/gateways/zettai-reach.ts';
import type { Gateway } from '../../src/ports/gateway.ts';
import { allVendors } from '../../src/simulator/vendors.ts';
import { exampleConfig, vendorOf } from './simulated-server.ts';

type Credentials = Readonly<Record<string, string>>;

/** One way to configure a gateway, for the search for leaks. */
export interface LeakVendor {
  title: string;
  /** Name of its stand-in; `smpp` for the SMSC. */
  vendor: string;
  credentials: Credentials;
  /** Which of them nobody may read anywhere. */
  secrets: readonly string[];
  create(settings: unknown): Gateway;
  settings(credentials: Credentials, address: { baseUrl: string; port: number }): Record<string, unknown>;
}

/** The same with secrets that open nothing; keys in PEM, which cannot be made up, are left out. */
export function strangerTo({ credentials, secrets }: LeakVendor): Credentials {
  const turn = (letter: string, first: number, of: number, by: number) =>
    String.fromCharCode(((letter.charCodeAt(0) - first + by) % of) + first);
  const turned = (text: string) =>
    text
      .replace(/[a-z]/g, (letter) => turn(letter, 97, 26, 13))
      .replace(/[A-Z]/g, (letter) => turn(letter, 65, 26, 13))
      .replace(/\d/g, (digit) => turn(digit, 48, 10, 5));
  return Object.fromEntries(
    Object.entries(credentials)
      .filter(([, value]) => !value.startsWith('-----'))
      .map(([name, value]) => [name, secrets.includes(name) ? turned(value) : value]),
  );
}

const credentialsOf = (vendor: string): Credentials =>
  allVendors().find((one) => one.vendor === vendor)!.credentials;

const own = (
  vendor: string,
  create: LeakVendor['create'],
  secrets: readonly string[],
  settings: (credentials: Credentials) => Record<string, unknown>,
  title = vendor,
): LeakVendor => ({
  ...{ title, vendor, create, secrets, credentials: credentialsOf(vendor) },
  settings: (credentials, { baseUrl }) => ({ baseUrl, ...settings(credentials) }),
});

const preset = (name: string, secrets: readonly string[], settings: object): LeakVendor =>
  own(name, createHttpGateway, secrets, (credentials) => ({ preset: name, ...credentials, ...settings }));

/** As an example has it; its one secret is a bearer token. */
const bearer = (name: string): LeakVendor => {
  const example = exampleConfig(name).gateways.find((one) => vendorOf(one) === name)!;
  const { preset, idempotent, send, webhook } = example;
  return own(name, createHttpGateway, ['token'], ({ token }) => ({
    ...{ preset, idempotent, send, webhook },
    auth: [{ type: 'bearer', token }],
  }));
};

const CALLER = '+815012345678';

/** Every type of gateway and every preset there is a stand-in for. */
export const LEAK_VENDORS: readonly LeakVendor[] = [
  own('twilio', createTwilioGateway, ['authToken', 'apiKeySecret'], (credentials) => ({
    ...{ ...credentials, from: CALLER, callFrom: CALLER },
  })),
  own('vonage', createVonageGateway, ['privateKey', 'apiSecret', 'signatureSecret'], (credentials) => {
    const { applicationId, privateKey, ...key } = credentials;
    const calls = privateKey === undefined ? {} : { applicationId, privateKey, callFrom: CALLER };
    return { ...key, ...calls, from: 'MiraiBank' };
  }),
  own(
    'infobip',
    createInfobipGateway,
    ['apiKey'],
    ({ apiKey }) => ({ apiKey, sender: 'MiraiBank', voice: { from: CALLER.slice(1) } }),
    'infobip by key, with speech',
  ),
  own(
    'infobip',
    createInfobipGateway,
    ['password', 'webhookSecret'],
    ({
      username,
      password,
      webhookSecret: secret,
      webhookHeader: header,
      scenarioJa: ja,
      scenarioEn: en,
    }) => ({
      ...{ basic: { username, password }, sender: 'MiraiBank', webhook: { hmac: { secret, header } } },
      voice: { from: CALLER.slice(1), scenarios: { ja, en } },
    }),
    'infobip by password, with scenarios and a notification profile',
  ),
  own('aws', createAwsGateway, ['secretAccessKey'], (credentials) => ({ ...credentials })),
  own('karaden', createKaradenGateway, ['token'], ({ tenantId, token, serviceId }) => ({
    ...{ tenantId, token, serviceId: Number(serviceId) },
  })),
  own('zettai-reach', createZettaiReachGateway, ['token'], (credentials) => ({
    ...{ ...credentials, numberCleaning: {} },
  })),
  preset('karaden-push', ['token', 'securityCode'], {}),
  preset('mediasms', ['password'], { long: true }),
  preset('xoxzo', ['authToken'], { sender: 'MiraiBank', caller: CALLER }),
  preset('kannel', ['password'], { sender: '12345' }),
  bearer('smslink'),
  bearer('mico'),
  bearer('t-macss'),
  {
    ...{ title: 'smpp', vendor: 'smpp', create: createSmppGateway, secrets: ['password'] },
    credentials: { systemId: 'sekisho', password: 'cAn4ry-7' },
    settings: (credentials, { port }) => ({
      ...{ ...credentials, host: '127.0.0.1', port, tls: false, sender: 'MiraiBank' },
      ...{ reconnectDelay: 10, responseTimeout: 500 },
    }),
  },
];
