import { readLearnt } from './account-memory.ts';
import type { Core } from './core.ts';
import { countBrowsers } from './devices.ts';
import { authenticatorNumber, findAuthenticator } from './enrolment.ts';
import { accountTag } from './limits.ts';
import { isStopped } from './opt-out.ts';
import { maskPhone } from './phone.ts';
import { tallyKey } from './send-permit.ts';

/** What the support desk may know of an account. Times are milliseconds since the epoch. */
export interface AccountState {
  /** Null where no number is bound. */
  phone: {
    /** Masked but for its last two digits (LOG-02). */
    number: string;
    boundAt: number;
    /** The person at the number said STOP: it gets calls only. */
    stopped: boolean;
  } | null;
  /** Wrong codes in a row for the number; 0 where there is none. */
  failures: number;
  /** No code is compared before; null: no wait. */
  waitsUntil: number | null;
  /** The ceiling is reached: the number must be bound again (OTP-05). */
  disabled: boolean;
  trustedBrowsers: number;
  /** What risk signals know of the account: browsers and networks, each with the time it was proved last. */
  known: { signal: string; at: number; until: number }[];
}

export async function describeAccount(core: Core, accountId: string): Promise<AccountState> {
  const { options, store, clock } = core;
  const now = clock.now();
  const bound = await findAuthenticator(core, accountId);
  const tally = tallyKey({
    tag: accountTag(accountId),
    authenticatorId: bound?.id ?? null,
    challengeId: null,
  });
  const [{ failures, notBefore }, trustedBrowsers, learnt] = await Promise.all([
    store.readTally(tally, now),
    countBrowsers(core, accountId),
    readLearnt(core, accountId),
  ]);
  const e164 = bound && authenticatorNumber(core, accountId, bound);
  return {
    phone: bound
      ? { number: maskPhone(e164!), boundAt: bound.boundAt, stopped: await isStopped(core, e164!) }
      : null,
    failures,
    waitsUntil: notBefore > now ? notBefore : null,
    disabled: failures >= options.failures.ceiling,
    trustedBrowsers,
    known: learnt.map(({ signal, at, until }) => ({ signal, at, until })),
  };
}
