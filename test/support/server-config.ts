import assert from 'node:assert/strict';
import { ConfigurationError, type Problem } from '../../src/errors.ts';

/** The least that a configuration of the server holds. */
export const plain = { issuer: 'http://localhost:3000', gateway: { type: 'handset' }, countries: ['JP'] };

/** What is wrong with a configuration that has to be refused; it is told in lines of words, without a stack. */
export function problemsOf(work: () => unknown): readonly Problem[] {
  try {
    work();
  } catch (error) {
    assert.ok(error instanceof ConfigurationError, String(error));
    for (const line of error.message.split('\n')) assert.ok(line.length > 0 && !/\s{2}at /.test(line));
    return error.problems;
  }
  throw new assert.AssertionError({ message: 'nothing was refused' });
}
export const fieldsOf = (work: () => unknown): string[] => problemsOf(work).map(({ field }) => field);
