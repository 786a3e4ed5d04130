import { generateKeyPairSync } from 'node:crypto';
import { createAwsGateway } from '../../src/gateways/aws.ts';
import { createHandset } from '../../src/gateways/handset.ts';
import { createInfobipGateway } from '../../src/gateways/infobip.ts';
import { createKaradenGateway } from '../../src/gateways/karaden.ts';
import { createSmppGateway } from '../../src/gateways/smpp.ts';
import { createTwilioGateway } from '../../src/gateways/twilio.ts';
import { createVonageGateway } from '../../src/gateways/vonage.ts';
import { createZettaiReachGateway } from '../../src/gateways/zettai-reach.ts';
import type { Gateway } from '../../src/ports/gateway.ts';

const MAKERS: Readonly<Record<string, (settings: object) => Gateway>> = {
  aws: createAwsGateway,
  handset: createHandset,
  infobip: createInfobipGateway,
  karaden: createKaradenGateway,
  smpp: createSmppGateway,
  twilio: createTwilioGateway,
  vonage: createVonageGateway,
  'zettai-reach': createZettaiReachGateway,
};

/** Makes a gateway of this type; nothing connects before something is sent. */
export const makeGateway = (type: string, settings: object): Gateway => MAKERS[type]!(settings);

const NUMBER = '+815012345678';
const infobip = { baseUrl: 'https://abc12.api.infobip.com', apiKey: 'key', sender: 'MIRAI' };
const voice = { from: NUMBER.slice(1) };

/** Settings with which a gateway can do all it can do, by type; several where one excludes the other. */
export const GATEWAYS: Readonly<Record<string, readonly object[]>> = {
  aws: [
    {
      region: 'ap-northeast-1',
      voiceSender: NUMBER,
      topicArn: 'arn:aws:sns:ap-northeast-1:123456789012:codes',
    },
  ],
  handset: [{}],
  infobip: [
    { ...infobip, voice },
    {
      ...infobip,
      voice: { ...voice, scenarios: { ja: 'A1', en: 'B2' } },
      webhook: { basic: { username: 'infobip', password: 'p'.repeat(24) } },
    },
  ],
  karaden: [{ tenantId: 'mirai', token: 'token', serviceId: 1 }],
  smpp: [{ host: 'smsc.example', systemId: 'mirai', password: 'secret' }],
  twilio: [{ accountSid: `AC${'0'.repeat(32)}`, authToken: 'token', from: 'MIRAI', callFrom: NUMBER }],
  vonage: [
    {
      applicationId: '11111111-2222-4333-8444-555555555555',
      privateKey: generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({
        type: 'pkcs8',
        format: 'pem',
      }),
      ...{ signatureSecret: 'secret', from: 'MIRAI', callFrom: NUMBER },
    },
  ],
  'zettai-reach': [{ token: 't'.repeat(32), clientId: '1000', smsCode: '50000' }],
};

/** What a preset of the gateway `http` is told. */
export const PRESET_INPUTS: Readonly<Record<string, Record<string, unknown>>> = {
  kannel: { baseUrl: 'https://kannel.example', username: 'user', password: 'secret' },
  'karaden-push': { token: 'token' },
  mediasms: { username: 'user', password: 'secret', long: false },
  xoxzo: { sid: 'sid', authToken: 'token', sender: 'MIRAI', caller: NUMBER },
};
