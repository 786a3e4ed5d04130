import { createRequire } from 'node:module';
import type * as Sdk from '@aws-sdk/client-pinpoint-sms-voice-v2';
import { ConfigurationError } from '../../errors.ts';

const PACKAGE = '@aws-sdk/client-pinpoint-sms-voice-v2';

/**
 * Loads the official SDK, which only an installation that uses this gateway has. Loaded when the gateway is made, so that a
 * missing package stops the start and not the first login.
 *
 * @throws ConfigurationError where it is not installed.
 */
export function loadSdk(): typeof Sdk {
  try {
    return createRequire(import.meta.url)(PACKAGE) as typeof Sdk;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'MODULE_NOT_FOUND') throw error;
    throw new ConfigurationError([
      {
        field: 'gateway aws',
        reason: 'needs a package that is not installed',
        fix: `Run: npm install ${PACKAGE}`,
      },
    ]);
  }
}
