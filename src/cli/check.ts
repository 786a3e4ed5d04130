import { checkServer } from '../server/check.ts';
import type { Typed } from './commands.ts';
import { configFileOf, noMoreWords, sentenceOf } from './typed.ts';

const ORDER = ['error', 'warning', 'ok'] as const;

/** `sekisho check`: every finding on a line, the worst first; 1 when there is an error. */
export async function check(typed: Typed): Promise<number> {
  noMoreWords(typed.words);
  const findings = await checkServer(configFileOf(typed), process.env);
  for (const level of ORDER) {
    for (const finding of findings.filter((one) => one.level === level))
      process.stdout.write(`${level.padEnd(8)} ${sentenceOf(finding)}\n`);
  }
  const errors = findings.filter(({ level }) => level === 'error').length;
  process.stdout.write(
    errors === 0 ? '\nNothing stops a start.\n' : `\n${errors} to correct before a start.\n`,
  );
  return errors === 0 ? 0 : 1;
}
