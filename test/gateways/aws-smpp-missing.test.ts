import assert from 'node:assert/strict';
import { registerHooks } from 'node:module';
import { after, before, describe, it } from 'node:test';
import { createAwsGateway } from '../../src/gateways/aws.ts';
import { createSmppGateway } from '../../src/gateways/smpp.ts';
import { smppSettings } from '../support/smsc.ts';

/** In a file of its own, because a package that was loaded once stays. */
describe('a gateway whose package is not installed', () => {
  let hooks: ReturnType<typeof registerHooks>;
  before(() => {
    hooks = registerHooks({
      resolve(specifier, from, next) {
        if (specifier !== 'smpp' && !specifier.startsWith('@aws-sdk/client-')) return next(specifier, from);
        throw Object.assign(new Error('Cannot find module'), { code: 'MODULE_NOT_FOUND' });
      },
    });
  });
  after(() => hooks.deregister());

  it('says what to install, when it is made', () => {
    const { accessKeyId, secretAccessKey } = { accessKeyId: 'a', secretAccessKey: 'b' };
    assert.throws(
      () => createAwsGateway({ region: 'ap-northeast-1', accessKeyId, secretAccessKey }),
      /gateway aws: needs a package.*Run: npm install @aws-sdk\/client-pinpoint-sms-voice-v2$/,
    );
    assert.throws(
      () => createSmppGateway(smppSettings({ port: 1 })),
      /gateway smpp: needs a package.*Run: npm install smpp$/,
    );
  });
});
