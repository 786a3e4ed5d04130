import { readChallenge } from '../domain/challenge.ts';
import { type Malformation, MalformedCode } from '../domain/code.ts';
import { tallyKey } from '../domain/send-permit.ts';
import { CodeRefused } from '../domain/verification.ts';
import type { SekishoError } from '../errors.ts';
import type { Parts } from '../oidc/parts.ts';
import type { Form } from './form.ts';
import type { Visit } from './visit.ts';

/** What can be said about a code at the address of its page; whatever else stands there says nothing. */
const WRONG = 'code_wrong';
const EARLY = 'attempt_too_early';
const EXPIRED = 'code_expired';
const ABOUT_CODE = [WRONG, EARLY, EXPIRED] as const;
const MALFORMED: readonly Malformation[] = ['empty', 'not_digits', 'too_short', 'too_long'];

/**
 * The query of the page that says what was wrong with a code. It is a page of its own and not the answer to the form, so
 * that a reload of it enters nothing; the tick that was set beside the code stays set. Undefined for errors that are not
 * about the code.
 */
export function saying(error: SekishoError, form: Form): string | undefined {
  const said =
    error instanceof MalformedCode ? error.malformation : ABOUT_CODE.find((code) => code === error.code);
  if (said === undefined) return undefined;
  return form['trust'] === 'yes' ? `said=${said}&trust=yes` : `said=${said}`;
}

/** What the address says was wrong, as long as that is so: numbers and times are those of now. */
export async function whatWasSaid({ core }: Parts, { url, flow }: Visit): Promise<SekishoError | undefined> {
  const said = url.searchParams.get('said');
  if (said === null) return undefined;
  const now = core.clock.now();
  const [challenge, tally] = await Promise.all([
    readChallenge(core, flow),
    core.store.readTally(tallyKey(flow), now),
  ]);
  if (challenge?.status !== 'live' || challenge.expiresAt <= now)
    return said === EXPIRED ? new CodeRefused(EXPIRED) : undefined;
  const kind = MALFORMED.find((known) => known === said);
  if (kind) return new MalformedCode(kind);
  const triesLeft = core.options.code.tries - challenge.tries;
  if (said === WRONG && challenge.tries > 0 && triesLeft > 0) return new CodeRefused(WRONG, { triesLeft });
  if (said === EARLY && tally.notBefore > now) return new CodeRefused(EARLY, { retryAt: tally.notBefore });
  return undefined;
}
