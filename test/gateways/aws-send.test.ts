import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { createAwsGateway } from '../../src/gateways/aws.ts';
import type { OutboundMessage } from '../../src/ports/gateway.ts';
import { startTestServer, type TestServer } from '../support/recording-server.ts';

const NOW = Date.UTC(2026, 5, 1, 3);
const ID = 'abcdefghijklmnopqrstuv';
const KEYS = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'canary-secret/of+the-key' };
const TOPIC = 'arn:aws:sns:ap-northeast-1:123456789012:receipts';
const message = (changes: Partial<OutboundMessage> = {}): OutboundMessage => ({
  ...{ id: ID, to: '+819012345678', channel: 'sms', text: '482913 です', locale: 'ja' },
  expiresAt: NOW + 300_000,
  ...changes,
});
const context = () => ({ now: NOW, signal: AbortSignal.timeout(8000) });

describe('the AWS gateway', () => {
  let server: TestServer;
  before(async () => {
    server = await startTestServer();
  });
  after(() => server.close());
  const gateway = (changes: object = {}) =>
    createAwsGateway({
      ...{ region: 'ap-northeast-1', ...KEYS, insecure: true, baseUrl: server.url },
      ...{ sender: 'phone-1', voiceSender: 'phone-2', configurationSet: 'codes' },
      ...changes,
    });

  it('sends a transactional text with everything that guards it', async () => {
    server.answer({ status: 200, body: '{"MessageId":"m-1"}' });
    const aws = gateway({ maxPrice: '0.10', protectConfiguration: 'protect-1' });
    assert.deepEqual(await aws.send(message(), context()), { outcome: 'accepted', vendorId: 'm-1' });
    await aws.close!();
    const [request] = server.take();
    assert.equal(request!.headers['x-amz-target'], 'PinpointSMSVoiceV2.SendTextMessage');
    assert.equal(request!.headers['content-type'], 'application/x-amz-json-1.0');
    assert.match(request!.headers.authorization!, /^AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE\//);
    assert.deepEqual(JSON.parse(request!.body), {
      DestinationPhoneNumber: '+819012345678',
      OriginationIdentity: 'phone-1',
      MessageBody: '482913 です',
      MessageType: 'TRANSACTIONAL',
      ConfigurationSetName: 'codes',
      ProtectConfigurationId: 'protect-1',
      MaxPrice: '0.10',
      TimeToLive: 300,
      Context: { id: ID },
    });
  });

  it('calls with a Japanese voice, and what it says is text and no markup (GWY-08, attack 13)', async () => {
    const aws = gateway({ maxPricePerMinute: '0.5' });
    const call = { invitation: 'Press any key', farewell: 'Bye' };
    const text = '"</p></speak><audio src="https://evil.example/"/> & 四\u0007';
    await aws.send(message({ channel: 'voice', text, call }), context());
    const body = JSON.parse(server.take()[0]!.body);
    assert.equal(body.MessageBodyTextType, 'SSML');
    assert.equal(body.VoiceId, 'MIZUKI');
    assert.equal(body.OriginationIdentity, 'phone-2');
    assert.equal(body.MaxPricePerMinute, '0.5');
    assert.match(body.MessageBody, /^<speak><break time="1s"\/><p>[^<>]*<\/p><\/speak>$/);
    assert.ok(!body.MessageBody.includes('Press any key'), 'nobody can press a key');
    const own = gateway({ voices: { ja: 'TAKUMI' } });
    await own.send(message({ channel: 'voice', call }), context());
    await own.send(message({ channel: 'voice', call, locale: 'en-GB' }), context());
    assert.deepEqual(
      server.take().map((one) => JSON.parse(one.body).VoiceId),
      ['TAKUMI', 'JOANNA'],
    );
    assert.equal(aws.callGuard, 'none');
    await Promise.all([aws.close!(), own.close!()]);
  });

  it('sends once, whatever comes back: retries of the SDK are off (GWY-02, lesson 22)', async () => {
    const aws = gateway();
    for (const [answer, expected] of [
      [{ status: 500, body: '{}' }, 'rejected'],
      [{ status: 503, body: '' }, 'rejected'],
      [{ status: 502, body: '' }, 'ambiguous'],
      [{ status: 429, body: '{"__type":"ThrottlingException"}' }, 'rejected'],
      [{ status: 302, body: '', headers: { location: '/elsewhere' } }, 'ambiguous'],
      [{ status: 200, body: '{"MessageId":' }, 'ambiguous'],
      [{ status: 200, body: '{}' }, 'ambiguous'],
      ['reset', 'ambiguous'],
    ] as const) {
      server.answer(answer);
      const { outcome } = await aws.send(message(), context());
      assert.equal(outcome, expected, JSON.stringify(answer));
      assert.equal(server.take().length, 1, JSON.stringify(answer));
    }
    await aws.close!();
  });

  it('waits no longer than it is given, and knows whether something left (GWY-02)', async () => {
    server.answer('silence');
    const aws = gateway({ totalTimeout: 100 });
    assert.deepEqual(await aws.send(message(), context()), { outcome: 'ambiguous', code: 'timeout' });
    const over = { now: NOW, signal: AbortSignal.abort() };
    server.take();
    assert.equal((await aws.send(message(), over)).outcome, 'rejected');
    assert.deepEqual(server.take(), []);
    await aws.close!();
  });

  it('says that credentials are missing, when no request was made', async () => {
    const names = ['AWS_EC2_METADATA_DISABLED', 'AWS_SHARED_CREDENTIALS_FILE', 'AWS_CONFIG_FILE'] as const;
    const kept = names.map((name) => process.env[name]);
    for (const name of names) process.env[name] = name.endsWith('DISABLED') ? 'true' : '/nonexistent';
    const aws = gateway({ accessKeyId: undefined, secretAccessKey: undefined });
    const outcome = await aws.send(message(), context());
    names.forEach((name, index) => {
      if (kept[index] === undefined) delete process.env[name];
      else process.env[name] = kept[index];
    });
    assert.ok(outcome.outcome === 'rejected' && outcome.class === 'auth', JSON.stringify(outcome));
    assert.deepEqual(server.take(), []);
    await aws.close!();
  });

  it('leads out over https to public addresses only (GWY-01, attack 19)', async () => {
    const { host } = new URL(server.url);
    for (const baseUrl of [`https://${host}`, 'https://169.254.169.254', 'https://[::1]'])
      assert.throws(() => gateway({ baseUrl, insecure: false }), /leads into a private network/, baseUrl);
    assert.throws(() => gateway({ baseUrl: server.url, insecure: false }), /must begin with https/);
  });
});

describe('the settings of the AWS gateway', () => {
  const settings = { region: 'ap-northeast-1', ...KEYS };

  it('are named when they are wrong, and not quoted (LOG-02)', () => {
    for (const [changes, field] of [
      [{ region: 'canary' }, 'region'],
      [{ secretAccessKey: undefined }, 'accessKeyId'],
      [{ topicArn: 'canary' }, 'topicArn'],
      [{ maxPrice: 'canary' }, 'maxPrice'],
      [{ baseUrl: 'http://canary.example' }, 'baseUrl'],
      [{ acessKeyId: 'canary' }, 'acessKeyId'],
      [{ secretAccessKey: ['canary'] }, 'secretAccessKey'],
    ] as const) {
      assert.throws(
        () => createAwsGateway({ ...settings, ...changes }),
        (error: Error) => error.message.includes(`gateway aws.${field}`) && !error.message.includes('canary'),
        field,
      );
    }
  });

  it('come with warnings for what is left open, and a fatal one for insecure (GWY-01)', async () => {
    const open = createAwsGateway(settings);
    assert.deepEqual(
      open.findings!({ production: true }).map(({ severity }) => severity),
      ['warning', 'warning'],
    );
    assert.equal(open.webhook, undefined);
    assert.deepEqual(open.channels, ['sms']);
    const whole = createAwsGateway({ ...settings, configurationSet: 'c', topicArn: TOPIC, maxPrice: '0.1' });
    assert.deepEqual(whole.findings!({ production: true }), []);
    await Promise.all([open.close!(), whole.close!()]);
  });
});
