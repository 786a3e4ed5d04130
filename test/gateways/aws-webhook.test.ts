import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { createAwsGateway } from '../../src/gateways/aws.ts';
import { type SnsMessage, signSns } from '../../src/gateways/wire/schemes/sns.ts';
import type { Gateway, RawWebhook } from '../../src/ports/gateway.ts';
import { type Simulator, startSimulator } from '../../src/simulator/simulator.ts';
import { PUBLIC_TEST_KEY } from '../../src/simulator/vendors/aws/public-test-key.ts';
import { createAwsStandIn } from '../../src/simulator/vendors/aws.ts';

const FILE = 'SimpleNotificationService-00000000000000000000000000000000.pem';

describe('the webhook of the AWS gateway', () => {
  const standIn = createAwsStandIn();
  const { topicArn } = standIn.credentials;
  let simulator: Simulator;
  let gateway: Gateway;
  let origin: string;
  before(async () => {
    simulator = await startSimulator({ vendors: [standIn], virtualTime: true });
    origin = simulator.vendorUrl('aws');
    const at = { insecure: true, baseUrl: origin };
    gateway = createAwsGateway({ ...standIn.credentials, ...at });
  });
  after(async () => {
    await gateway.close!();
    await simulator.close();
  });

  const webhook = (changes: Partial<SnsMessage>): RawWebhook => {
    const told = {
      Type: 'SubscriptionConfirmation' as const,
      MessageId: 'm-1',
      TopicArn: topicArn!,
      Message: 'You have chosen to subscribe',
      Timestamp: new Date(simulator.now()).toISOString(),
      SignatureVersion: '2' as const,
      SigningCertURL: `${origin}/${FILE}`,
      ...changes,
    };
    return {
      ...{ method: 'POST', url: new URL('https://login.example/hooks/aws/token') },
      headers: { 'x-amz-sns-message-type': told.Type },
      body: Buffer.from(JSON.stringify({ ...told, Signature: signSns(told, PUBLIC_TEST_KEY) })),
      receivedAt: simulator.now(),
    };
  };
  const context = () => ({ now: simulator.now(), signal: AbortSignal.timeout(8000) });
  const asking = (Token: string) =>
    webhook({
      Token,
      SubscribeURL: `${origin}/?${new URLSearchParams({ Action: 'ConfirmSubscription', TopicArn: topicArn!, Token })}`,
    });

  it('confirms a subscription to its topic', async () => {
    const request = asking('t0ken');
    assert.deepEqual(await gateway.webhook!.authenticate(request, context()), { result: 'ok' });
    assert.deepEqual(await gateway.webhook!.parse(request), { events: [] });
  });

  it('asks SNS to come again where the confirmation did not work out', async () => {
    // The simulator refuses an empty token.
    assert.deepEqual(await gateway.webhook!.parse(asking('')), { events: [], reply: { status: 503 } });
  });

  it('is told that a subscription ended, and does nothing about it', async () => {
    const request = webhook({
      Type: 'UnsubscribeConfirmation',
      Token: 't0ken',
      SubscribeURL: `${origin}/?x`,
    });
    assert.equal((await gateway.webhook!.authenticate(request, context())).result, 'ok');
    assert.deepEqual(await gateway.webhook!.parse(request), { events: [] });
  });

  it('takes several topics, as texts from phones often come by another', async () => {
    const other = 'arn:aws:sns:ap-northeast-1:000000000000:inbound';
    const at = { insecure: true, baseUrl: origin };
    const both = createAwsGateway({ ...standIn.credentials, ...at, topicArn: [topicArn, other] });
    const Message = JSON.stringify({ originationNumber: '+819012345678', messageBody: 'STOP' });
    const request = webhook({ Type: 'Notification', TopicArn: other, Message });
    assert.equal((await gateway.webhook!.authenticate(request, context())).result, 'refused');
    assert.equal((await both.webhook!.authenticate(request, context())).result, 'ok');
    const { events } = await both.webhook!.parse(request);
    assert.deepEqual(events, [{ type: 'inbound', from: '+819012345678', keyword: 'stop' }]);
    await both.close!();
  });
});
