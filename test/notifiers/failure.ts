import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { SekishoError } from '../../src/errors.ts';
import type { Notice } from '../../src/ports/notifier.ts';

/** A notice whose address and text are easy to find again where they must not be. */
export const CANARY_NOTICE: Notice = {
  to: 'canary-address@mail.example',
  locale: 'ja',
  subject: '【関所】電話番号が登録されました',
  text: '電話番号：••••••••01\n\ncanary-text\n',
};

/** What a notice failed with, after a look at all of it: no canary is in it, to any depth (LOG-02, GWY-06). */
export async function failureOf(work: Promise<unknown>): Promise<SekishoError> {
  const error = await work.then(
    () => assert.fail('it was taken'),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof SekishoError, inspect(error));
  assert.equal(error.code, 'send_failed');
  assert.equal(error.cause, undefined);
  assert.doesNotMatch(inspect(error, { depth: 10, showHidden: true }), /canary/);
  return error;
}
