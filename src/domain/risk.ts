import type { Evidence, ProvedSignIn, Signal, SignIn } from '../ports/signal.ts';
import type { Core } from './core.ts';

const PATIENCE = 1000;

/**
 * Asks every signal, side by side. What is returned are reasons to ask for the code; an empty answer means that nothing
 * is unusual. A signal that fails, or takes longer than a second, is a reason (DESIGN 6, lesson 10).
 */
export async function assessRisk(
  core: Core,
  signals: readonly Signal[],
  signIn: SignIn,
): Promise<Evidence[]> {
  const found = await Promise.all(
    signals.map(async (signal) => {
      try {
        return await within(PATIENCE, signal.assess(signIn));
      } catch {
        core.emit({ type: 'signal.failed', signal: signal.name }, { account: signIn.accountId });
        return [{ reason: 'signal_failed' }];
      }
    }),
  );
  return found.flat();
}

/** Lets every signal learn from a proved second factor, after the response; a failure only means to ask again. */
export function learnFrom(core: Core, signals: readonly Signal[], signIn: ProvedSignIn): void {
  for (const signal of signals) core.background(`learn ${signal.name}`, () => signal.learn(signIn));
}

/** @throws when the work takes longer than `patience` milliseconds; the work itself goes on. */
export async function within<T>(patience: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${patience} ms`)), patience);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
