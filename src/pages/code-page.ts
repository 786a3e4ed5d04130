import { parsePhoneNumberFromString } from 'libphonenumber-js/max';
import { readChallenge } from '../domain/challenge.ts';
import { codeLength } from '../domain/challenge-codes.ts';
import type { Core } from '../domain/core.ts';
import { type Message, readDelivery } from '../domain/delivery.ts';
import { type Flow, flowNumber } from '../domain/flow.ts';
import { isStopped } from '../domain/opt-out.ts';
import { maskPhone, readable, readPhone } from '../domain/phone.ts';
import { askAbout } from '../domain/reception.ts';
import { isPaused, tallyKey } from '../domain/send-permit.ts';
import { SekishoError } from '../errors.ts';
import type { Parts } from '../oidc/parts.ts';
import { mayTrustBrowser } from '../oidc/trust-offer.ts';
import type { ChallengeState, Channel, Tally } from '../ports/store.ts';
import type { CodePage, DeliveryNews, PageError } from './model.ts';
import { tellNews } from './news.ts';
import { basePage, type Look } from './present.ts';
import { NOTHING_YET, type Progress, progressOf, secondsUntil } from './progress.ts';
import type { Visit } from './visit.ts';

/** The page that asks for a code, and shows how the message with it gets on. */
export async function codePage(
  parts: Parts,
  look: Look,
  visit: Visit,
  error: PageError | null,
): Promise<CodePage> {
  const { core } = parts;
  const { flow, locale } = visit;
  const { challengeId } = flow;
  const e164 = flowNumber(core, visit.uid, flow)!;
  const now = core.clock.now();
  const [base, known, tally, delivery, stopped] = await Promise.all([
    basePage(parts, look, locale, visit, error),
    readChallenge(core, flow),
    core.store.readTally(tallyKey(flow), now),
    challengeId === null ? NO_MESSAGES : readDelivery(core, flow.tag, challengeId),
    isStopped(core, e164),
  ]);
  // A code that was right, and yet the person is still here: something failed in between, and another one is due.
  const spent = known?.status === 'consumed';
  const challenge = spent ? undefined : known;
  const messages = spent ? [] : delivery.messages;
  // For a page without scripts a reload is all there is.
  askAbout(core, messages);
  const { progress, news, channels } = await newsOf(core, {
    ...{ flow, e164, locale, challenge, messages, stopped },
  });
  const paused = pausedUntil(core, tally, locale);
  const wait = paused ? secondsUntil(tally.notBefore, now) : 0;
  return {
    ...base,
    error: paused ? sayingThePause(error, wait) : error,
    sent: challenge !== undefined,
    ...shownNumber(core, flow, e164),
    length: codeLength(core, challengeId),
    paused,
    secondsLeft: challenge ? secondsUntil(challenge.expiresAt, now) : 0,
    channel: progress.channel,
    delivery: news,
    helpWait: news.helpOpen ? 0 : progress.helpIn,
    channels,
    sendsUsed: !isSendable(core, challenge),
    stopped,
    sendWait: Math.max(sendWait(core.options.sends.cooldown, flow, challenge, now, error), wait),
    tryWait: secondsUntil(tally.notBefore, now),
    trustDays: mayTrustBrowser(parts, visit.flow) ? core.options.trustedBrowser.days : null,
    trusting: error?.field === 'code' && visit.url.searchParams.get('trust') === 'yes',
    status: statusOf(visit.url.searchParams.get('sent'), challenge, progress),
  };
}

/**
 * When a code may be sent again after wrong ones. The time of day is that of the server and says of which zone: a person who
 * comes back later needs it, and nothing tells the server where the person is.
 */
function pausedUntil(core: Core, tally: Tally, locale: string): CodePage['paused'] {
  if (!isPaused(core, tally)) return null;
  const format = new Intl.DateTimeFormat(locale, {
    hour: 'numeric',
    minute: '2-digit',
    timeZoneName: 'short',
  });
  // Not a moment too early: the time that is shown is a whole minute.
  const minute = Math.ceil(tally.notBefore / 60_000) * 60_000;
  return { time: format.format(minute) };
}

/** One answer to "when": the shorter wait between two sends is no use where the longer one goes on. */
const sayingThePause = (error: PageError | null, seconds: number): PageError | null =>
  error?.code === 'send_too_early'
    ? { ...error, code: 'codes_paused', values: { ...error.values, seconds } }
    : error;

const NO_MESSAGES = { messages: [] };
const GOING: ReadonlySet<string> = new Set(['sending', 'accepted', 'sent', 'ringing']);

/** What a press set going, as long as it goes on: the address stays, and says so still when things have moved on. */
function statusOf(
  pressed: string | null,
  challenge: ChallengeState | undefined,
  { state, channel, late, fellBack, helpIn }: Progress,
): CodePage['status'] {
  if (!challenge || challenge.sends < 2 || !GOING.has(state)) return null;
  if (late || fellBack !== null || helpIn === 0) return null;
  if (pressed === 'called' && channel === 'voice') return 'status.calling';
  return pressed === 'again' && channel === 'sms' ? 'status.sending_again' : null;
}

/** What is known about a message, and where it goes. */
interface Awaited {
  flow: Flow;
  e164: string;
  locale: string;
  challenge: ChallengeState | undefined;
  messages: readonly Message[];
  stopped: boolean;
}

/** How the newest message gets on, the words for it, and in which ways a code may still be sent. */
export async function newsOf(
  core: Core,
  { flow, e164, locale, challenge, messages, stopped }: Awaited,
): Promise<{ progress: Progress; news: DeliveryNews; channels: readonly Channel[] }> {
  const progress = challenge ? await progressOf(core, flow, challenge, messages) : NOTHING_YET;
  const channels = isSendable(core, challenge) ? waysTo(core, e164, stopped) : [];
  const country = parsePhoneNumberFromString(e164)?.country;
  const phone = { country, changeable: isChangeable(flow), channels };
  const said = tellNews(progress, phone, (key, values) => core.texts.say(locale, key, values));
  const offer = [challenge?.sends ?? 0, ...channels, ...(stopped ? ['stopped'] : [])].join(' ');
  return { progress, news: { ...said, offer }, channels };
}

const isChangeable = (flow: Flow): boolean => flow.authenticatorId === null;

function shownNumber(core: Core, flow: Flow, e164: string): Pick<CodePage, 'number' | 'changeable'> {
  const changeable = isChangeable(flow);
  return { changeable, number: changeable ? readable(e164, core.options.countries[0]) : maskPhone(e164) };
}

const isSendable = ({ options }: Core, challenge: ChallengeState | undefined): boolean =>
  challenge === undefined || (challenge.status === 'live' && challenge.sends < options.code.sends);

function waysTo(core: Core, e164: string, stopped: boolean): readonly Channel[] {
  try {
    const all = core.exchange.channelsTo(readPhone(e164, core.options.countries));
    return all.filter((channel) => channel !== 'sms' || !stopped);
  } catch (error) {
    if (!(error instanceof SekishoError)) throw error;
    return []; // its country was closed since; the page then offers the other ways
  }
}

/** An estimate for the button; the limits decide when it is pressed. */
function sendWait(
  cooldown: readonly number[],
  { notBefore }: Flow,
  challenge: ChallengeState | undefined,
  now: number,
  error: PageError | null,
): number {
  if (error?.code === 'send_too_early') return Number(error.values['seconds']);
  if (!challenge) return secondsUntil(notBefore, now);
  const pause = cooldown[Math.min(challenge.sends, cooldown.length) - 1] ?? 0;
  return secondsUntil(challenge.sentAt + pause * 1000, now);
}
