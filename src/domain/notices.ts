import { SekishoError } from '../errors.ts';
import type { EventKind } from '../events.ts';
import { serviceName } from '../options.ts';
import type { Accounts } from '../ports/accounts.ts';
import type { FindAddress, Notice, NoticeAddress } from '../ports/notifier.ts';
import type { Core } from './core.ts';
import { maskPhone } from './phone.ts';
import { within } from './risk.ts';

/** What the holder of an account is told about; each is the name of a text. */
export type Happening =
  | { notice: 'number_bound' | 'number_removed'; e164: string }
  /** The first factor was right, and then wrong codes came in a row (SES-10). */
  | { notice: 'wrong_codes' }
  /** A browser skips the code from now on (fault A.6). */
  | { notice: 'browser_trusted' };

/** What a notifier has, and a little: one that hangs must not hold up `close()`. */
const PATIENCE = 10_250;

/**
 * Tells the holder of an account what happened to it, at every address there is, after the response (BND-02). It is told
 * once and nothing waits for it: a notice that fails becomes an event and takes nothing back. Does nothing where the host
 * wants no notices.
 */
export function tellAccount(core: Core, accountId: string, happening: Happening): void {
  const { notices } = core.options;
  if (!notices) return;
  const at = core.clock.now();
  core.background('notice', async () => {
    const addresses = await findAddresses(core, accountId, happening);
    await Promise.all(addresses.map((address) => tell(core, accountId, happening, at, address)));
  });
}

/**
 * Whether this wrong code is one to tell about: the fifth in a row, the tenth and so on (SES-10). They are counted over
 * all challenges, because somebody who starts anew after four would never be noticed otherwise.
 *
 * @param failures Wrong codes in a row for this authenticator, this one included.
 */
export const isWorthTelling = (failures: number): boolean => failures > 0 && failures % 5 === 0;

async function tell(
  core: Core,
  accountId: string,
  happening: Happening,
  at: number,
  address: NoticeAddress,
): Promise<void> {
  const { notifier } = core.options.notices!;
  try {
    if (typeof address?.email !== 'string')
      throw new SekishoError('option_invalid', 'notices.find answered something without an e-mail address');
    await within(PATIENCE, notifier.notify(noticeOf(core, happening, at, address)));
    core.emit({ type: 'notice.sent', ...named(core, happening) }, { account: accountId });
  } catch (error) {
    const reason = typeof address?.email === 'string' ? 'notifier_failed' : 'address_failed';
    failed(core, accountId, happening, reason, error);
  }
}

/** Where an account is told things. One without an address cannot be told, and whoever watches has to know that. */
async function findAddresses(core: Core, accountId: string, happening: Happening): Promise<NoticeAddress[]> {
  const { notices, accounts } = core.options;
  const find = notices!.find ?? findIn(accounts!);
  try {
    const all = [(await within(PATIENCE, (async () => find(accountId))())) ?? []].flat();
    if (all.length === 0) untold(core, accountId, happening, 'no_address');
    return all.filter((one, at) => all.findIndex((other) => other?.email === one?.email) === at);
  } catch (error) {
    failed(core, accountId, happening, 'address_failed', error);
    return [];
  }
}

/** The e-mail of an account in a directory. */
const findIn =
  (accounts: Accounts): FindAddress =>
  async (accountId) => {
    const email = (await accounts.find(accountId))?.email;
    return email === undefined ? undefined : { email };
  };

type Untold = Extract<EventKind, { type: 'notice.failed' }>['reason'];

function failed(core: Core, accountId: string, happening: Happening, reason: Untold, error: unknown): void {
  untold(core, accountId, happening, reason);
  // The event is for whoever watches accounts, this for whoever looks after the mail server.
  core.fault(`notice by ${core.options.notices!.notifier.name}`, error);
}

const untold = (core: Core, account: string, happening: Happening, reason: Untold): void =>
  core.emit({ type: 'notice.failed', ...named(core, happening), reason }, { account });

const named = ({ options }: Core, { notice }: Happening) => ({
  notice,
  notifier: options.notices!.notifier.name,
});

/**
 * A notice in the language of the person: what happened and when, what to do about it, whom to turn to. It holds no code,
 * no link and of the number only the end; it asks for nothing, so that people do not get used to mails that do.
 *
 * @param at When it happened: milliseconds since the epoch.
 */
export function noticeOf(
  { options, texts }: Pick<Core, 'options' | 'texts'>,
  happening: Happening,
  at: number,
  address: NoticeAddress,
): Notice {
  const { notices, brand } = options;
  const locale = texts.negotiate(`${address.locale ?? ''} ${notices!.locale}`, undefined);
  const values = { service: oneLine(serviceName(brand, locale)), support: oneLine(brand.support!) };
  const say = (key: string, more: Record<string, string> = {}) =>
    texts.say(locale, `notice.${key}`, { ...values, ...more });
  const { notice } = happening;
  const facts = [say('time', { time: timeOf(locale, notices!.timeZone, at) })];
  if ('e164' in happening) facts.push(say('number', { number: maskPhone(happening.e164) }));
  const paragraphs = [
    say(`${notice}.what`),
    facts.join('\n'),
    say('fine'),
    `${say(`${notice}.not_you`)}\n${say('contact')}`,
    say('footer'),
  ];
  return {
    to: address.email,
    locale,
    subject: say(`${notice}.subject`),
    text: `${paragraphs.join('\n\n')}\n`,
  };
}

/** A configured text without line breaks, controls and direction marks: it stands in a subject (attack 13). */
const oneLine = (text: string): string =>
  text
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim();

const timeOf = (locale: string, timeZone: string, at: number): string =>
  new Intl.DateTimeFormat(locale, {
    ...{ year: 'numeric', month: 'long', day: 'numeric', hour: '2-digit', minute: '2-digit' },
    ...{ hourCycle: 'h23', timeZone, timeZoneName: 'short' },
  }).format(at);
