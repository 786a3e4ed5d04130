import { ConfigurationError, type Problem, SekishoError } from '../../errors.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Gateway } from '../../ports/gateway.ts';
import type { ServerConfig } from '../config.ts';
import type { Keys } from '../keys.ts';
import type { Catalogue } from '../plugins.ts';

/** One line of a check. */
export interface Finding extends Problem {
  level: 'error' | 'warning' | 'ok';
}

/** What the checks look at, and leave for those after them. */
export interface Surroundings {
  config: ServerConfig;
  clock: Clock;
  catalogue?: Catalogue;
  keys?: Keys;
  gateways?: Gateway[];
}

/** Answers what it found; an exception counts as an error found. */
export type Check = (at: Surroundings) => Promise<Finding[]>;

export const ok = (field: string, reason: string): Finding => ({ level: 'ok', field, reason, fix: '' });

/** @param field What it is about, for an error that does not say. */
export function errorsIn(error: unknown, field: string): Finding[] {
  if (error instanceof ConfigurationError) {
    return error.problems.map((problem) => ({ level: 'error', ...problem }));
  }
  const reason =
    error instanceof SekishoError ? error.message.replace(/\.$/, '') : `fails (${(error as Error).name})`;
  return [{ level: 'error', field, reason, fix: 'Correct that, then check again' }];
}

/** What a store or a gateway says about itself. */
export function told(
  field: string,
  found: readonly { severity: 'fatal' | 'warning'; message: string; fix: string }[],
): Finding[] {
  return found.map(({ severity, message, fix }) => ({
    level: severity === 'fatal' ? 'error' : 'warning',
    field,
    reason: message,
    fix,
  }));
}
