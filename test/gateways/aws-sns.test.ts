import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { describe, it } from 'node:test';
import type { HttpCall, Transported } from '../../src/gateways/wire/client.ts';
import { type SnsMessage, signSns, snsScheme } from '../../src/gateways/wire/schemes/sns.ts';
import type { RawWebhook } from '../../src/ports/gateway.ts';
import { PUBLIC_TEST_CERTIFICATE, PUBLIC_TEST_KEY } from '../../src/simulator/vendors/aws/public-test-key.ts';

const NOW = Date.UTC(2026, 5, 1, 3);
const TOPIC = 'arn:aws:sns:ap-northeast-1:123456789012:receipts';
const HOST = 'https://sns.ap-northeast-1.amazonaws.com';
const FILE = `SimpleNotificationService-${'0123456789abcdef'.repeat(2)}.pem`;

/** Serves the certificate everywhere, and keeps what was asked for. */
function source(answer: Partial<Transported> & { status?: number; text?: string } = {}) {
  const calls: HttpCall[] = [];
  const { status = 200, text = PUBLIC_TEST_CERTIFICATE } = answer;
  const given: Transported =
    answer.sent === 'maybe' || answer.sent === 'never'
      ? { sent: answer.sent, code: 'ECONNRESET' }
      : { sent: 'answered', answer: { status, headers: {}, text, json: () => undefined } };
  const call = async (one: HttpCall) => {
    calls.push(one);
    return given;
  };
  return { calls, call };
}

const unsigned = (changes: Partial<SnsMessage> = {}): Omit<SnsMessage, 'Signature'> => ({
  Type: 'Notification',
  MessageId: '22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324',
  TopicArn: TOPIC,
  Message: '{"eventType":"TEXT_DELIVERED"}',
  Timestamp: new Date(NOW - 1000).toISOString(),
  SignatureVersion: '2',
  SigningCertURL: `${HOST}/${FILE}`,
  ...changes,
});
const signed = (changes: Partial<SnsMessage> = {}, key: string = PUBLIC_TEST_KEY): SnsMessage => {
  const told = unsigned(changes);
  return { ...told, Signature: signSns(told, key) };
};

function webhook(told: object, headers: RawWebhook['headers'] = {}): RawWebhook {
  return {
    method: 'POST',
    url: new URL('https://login.example/hooks/aws/token'),
    headers: {
      'content-type': 'text/plain; charset=UTF-8',
      'x-amz-sns-message-type': (told as SnsMessage).Type,
      ...headers,
    },
    body: Buffer.from(JSON.stringify(told)),
    receivedAt: NOW,
  };
}

const verify = (told: object, client = source(), more: { origin?: string; topicArns?: string[] } = {}) =>
  snsScheme({ topicArns: [TOPIC], client, ...more }).verify(webhook(told));
const MISMATCH = { result: 'refused', reason: 'mismatch' };

describe('a message of SNS', () => {
  for (const version of ['1', '2'] as const) {
    it(`passes with a right signature of version ${version}, and is named by its id (GWY-03)`, async () => {
      const told = signed({ SignatureVersion: version });
      assert.deepEqual(await verify(told), { result: 'ok', replayKey: told.MessageId });
      assert.deepEqual((await verify(signed({ SignatureVersion: version, Subject: 'a\nb' }))).result, 'ok');
    });
  }

  it('is refused when any signed field is another (attack 7)', async () => {
    const told = signed({ Subject: 'receipt' });
    for (const name of ['Message', 'MessageId', 'Subject', 'SignatureVersion'] as const) {
      const other = name === 'SignatureVersion' ? '1' : `${told[name]}x`;
      assert.deepEqual(await verify({ ...told, [name]: other }), MISMATCH, name);
    }
    const later = new Date(NOW).toISOString();
    assert.deepEqual(await verify({ ...told, Timestamp: later }), MISMATCH);
    assert.deepEqual(await verify({ ...told, Type: 'UnsubscribeConfirmation' }), MISMATCH);
  });

  it('is refused when another key signed it (attack 7)', async () => {
    const { privateKey } = generateKeyPairSync('rsa', {
      modulusLength: 2048,
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
      publicKeyEncoding: { type: 'spki', format: 'pem' },
    });
    assert.deepEqual(await verify(signed({}, privateKey)), MISMATCH);
  });

  it('is refused from another topic, before anything is fetched: everybody can have one (attack 7)', async () => {
    const client = source();
    for (const TopicArn of [TOPIC.replace('123', '999'), `${TOPIC}x`, TOPIC.toUpperCase()]) {
      const refused = { result: 'refused', reason: 'topic' };
      assert.deepEqual(await verify(signed({ TopicArn }), client), refused);
    }
    assert.deepEqual(client.calls, []);
  });

  it('is refused when its certificate is anywhere but at SNS of the region of the topic (attack 19)', async () => {
    const places = [
      `http://sns.ap-northeast-1.amazonaws.com/${FILE}`,
      `https://sns.us-east-1.amazonaws.com/${FILE}`,
      `https://sns.ap-northeast-1.amazonaws.com.evil.example/${FILE}`,
      `https://evil.example/sns.ap-northeast-1.amazonaws.com/${FILE}`,
      `https://sns.ap-northeast-1.amazonaws.com@evil.example/${FILE}`,
      `https://sns.ap-northeast-1.amazonaws.com:8443/${FILE}`,
      `https://snsXap-northeast-1.amazonaws.com/${FILE}`,
      `https://s3.ap-northeast-1.amazonaws.com/${FILE}`,
      `${HOST}/?Action=ListTopics&x=${FILE}`,
      `${HOST}/../${FILE}`,
      `${HOST}X${FILE}`,
      `${HOST}@${FILE}`,
      `${HOST}/${FILE}?x`,
      `${HOST}/${FILE}\n`,
      `${HOST}.cn/${FILE}`,
    ];
    const client = source();
    for (const SigningCertURL of places) {
      assert.deepEqual(await verify(signed({ SigningCertURL }), client), MISMATCH, SigningCertURL);
    }
    assert.deepEqual(client.calls, []);
  });

  it('has its certificate in China where its topic is', async () => {
    const TopicArn = TOPIC.replace('arn:aws:sns:ap-northeast-1', 'arn:aws-cn:sns:cn-north-1');
    const SigningCertURL = `https://sns.cn-north-1.amazonaws.com.cn/${FILE}`;
    const more = { topicArns: [TOPIC, TopicArn] };
    assert.equal((await verify(signed({ TopicArn, SigningCertURL }), source(), more)).result, 'ok');
    const abroad = SigningCertURL.replace('.cn/', '/');
    assert.deepEqual(await verify(signed({ TopicArn, SigningCertURL: abroad }), source(), more), MISMATCH);
  });

  it('is stale after 55 minutes, so that a delivery is forgotten no sooner than it is refused (attack 7)', async () => {
    const at = (age: number) => signed({ Timestamp: new Date(NOW - age).toISOString() });
    const stale = { result: 'refused', reason: 'stale' };
    assert.equal((await verify(at(3_300_000))).result, 'ok');
    assert.deepEqual(await verify(at(3_300_001)), stale);
    assert.equal((await verify(at(-300_000))).result, 'ok');
    assert.deepEqual(await verify(at(-300_001)), stale);
  });

  it('without signature, or that is none, is refused', async () => {
    assert.deepEqual(await verify(unsigned()), { result: 'refused', reason: 'missing' });
    for (const Signature of ['', 'AAAA', '!', 'x'.repeat(3000)]) {
      assert.deepEqual(await verify({ ...unsigned(), Signature }), MISMATCH, Signature.slice(0, 5));
    }
    const headerless = webhook(signed(), { 'x-amz-sns-message-type': undefined });
    const scheme = snsScheme({ topicArns: [TOPIC], client: source() });
    assert.deepEqual(await scheme.verify(headerless), { result: 'refused', reason: 'missing' });
  });
});

describe('a certificate of SNS', () => {
  it('is fetched once, by everybody who waits for it', async () => {
    const client = source();
    const scheme = snsScheme({ topicArns: [TOPIC], client });
    const all = await Promise.all([1, 2, 3].map(() => scheme.verify(webhook(signed()))));
    assert.deepEqual(new Set(all.map(({ result }) => result)), new Set(['ok']));
    assert.deepEqual(client.calls, [{ method: 'GET', url: `${HOST}/${FILE}` }]);
    await scheme.verify({ ...webhook(signed()), receivedAt: NOW + 60_000 });
    assert.equal(client.calls.length, 1);
  });

  it('that cannot be fetched just now makes SNS come again, and is asked for anew', async () => {
    for (const client of [source({ sent: 'never' }), source({ sent: 'maybe' }), source({ status: 503 })]) {
      const scheme = snsScheme({ topicArns: [TOPIC], client });
      for (const calls of [1, 2]) {
        assert.deepEqual(await scheme.verify(webhook(signed())), {
          result: 'refused',
          reason: 'unavailable',
        });
        assert.equal(client.calls.length, calls);
      }
    }
  });

  it('that is none, or is valid at another time, proves nothing', async () => {
    for (const client of [source({ text: '<html>' }), source({ text: '' }), source({ status: 404 })]) {
      assert.deepEqual(await verify(signed(), client), MISMATCH);
    }
    const then = Date.UTC(2121, 0, 1);
    const told = signed({ Timestamp: new Date(then).toISOString() });
    const scheme = snsScheme({ topicArns: [TOPIC], client: source() });
    assert.deepEqual(await scheme.verify({ ...webhook(told), receivedAt: then }), MISMATCH);
  });
});

describe('the confirmation of a subscription', () => {
  const asking = (changes: Partial<SnsMessage> = {}) => {
    const query = new URLSearchParams({ Action: 'ConfirmSubscription', TopicArn: TOPIC, Token: 't0ken' });
    const SubscribeURL = `${HOST}/?${query}`;
    return signed({ Type: 'SubscriptionConfirmation', Token: 't0ken', SubscribeURL, ...changes });
  };
  const confirm = async (told: SnsMessage, client = source({ text: '<ok/>' })) => {
    const confirmed = await snsScheme({ topicArns: [TOPIC], client }).confirm(webhook(told));
    return { confirmed, calls: client.calls };
  };

  it('is a GET at SNS of the region, with what was signed', async () => {
    assert.deepEqual(await verify(asking()), { result: 'ok' });
    const { confirmed, calls } = await confirm(asking());
    assert.ok(confirmed);
    assert.equal(calls.length, 1);
    const url = new URL(calls[0]!.url);
    assert.equal(url.origin, HOST);
    assert.deepEqual(Object.fromEntries(url.searchParams), {
      Action: 'ConfirmSubscription',
      TopicArn: TOPIC,
      Token: 't0ken',
    });
  });

  it('goes nowhere else, whatever the address says (attack 19)', async () => {
    const query = `Action=ConfirmSubscription&TopicArn=${encodeURIComponent(TOPIC)}&Token=t0ken`;
    for (const SubscribeURL of [
      `http://169.254.169.254/latest/meta-data/?${query}`,
      `https://sns.ap-northeast-1.amazonaws.com.evil.example/?${query}`,
      `http://sns.ap-northeast-1.amazonaws.com/?${query}`,
      `https://sns.us-east-1.amazonaws.com/?${query}`,
      `${HOST}/?${query.replace('ConfirmSubscription', 'DeleteTopic')}`,
      `${HOST}/?${query.replace('t0ken', 'other')}`,
      `${HOST}/?${query.replace('receipts', 'others')}`,
      undefined,
    ]) {
      assert.deepEqual(
        await confirm(asking({ SubscribeURL })),
        { confirmed: false, calls: [] },
        SubscribeURL,
      );
    }
  });

  it('is not for notifications, and failed where SNS does not take it', async () => {
    assert.deepEqual(await confirm(signed()), { confirmed: false, calls: [] });
    assert.equal((await confirm(asking(), source({ status: 403 }))).confirmed, false);
    assert.equal((await confirm(asking(), source({ sent: 'maybe' }))).confirmed, false);
  });
});
