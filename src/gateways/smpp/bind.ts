import { randomInt } from 'node:crypto';
import { isIP } from 'node:net';
import type { Link, SendOutcome } from '../../ports/gateway.ts';
import { rejected } from '../wire/outcome.ts';
import { createExchange, type Exchange, type Take } from './exchange.ts';
import type { Smpp, SmppSession } from './library.ts';
import type { SmppSettings } from './settings.ts';
import { classOfStatus, codeOfStatus } from './status.ts';

/** A connection that is bound again whenever it is lost. */
export interface Bind {
  /** Begins to connect; the second time it does nothing. */
  start(): void;
  /** The exchange of a bound connection, or why there is none; waits only for an attempt that is under way. */
  open(signal: AbortSignal): Promise<Exchange | SendOutcome>;
  /** Unbinds, and stays so. */
  close(): Promise<void>;
}

export type BindCommand = 'bind_transceiver' | 'bind_transmitter' | 'bind_receiver';

type State =
  | { at: 'idle' | 'closed' }
  | { at: 'connecting'; session: SmppSession; attempt: Promise<void> }
  | { at: 'bound'; exchange: Exchange; session: SmppSession }
  | { at: 'waiting'; because: SendOutcome; begun: Promise<void> };

const LONGEST_DELAY = 30_000;
/** A bind that stood that long was a good one: after it the delays begin anew. Milliseconds. */
const STEADY = 10_000;
/** A message waits so many milliseconds for a connection that is about to be made. */
const PATIENCE = 1500;
const VERSION_3_4 = 0x34;

/** @param report Hears how the connection stands after each attempt, and when it is lost. */
export function createBind(
  smpp: Smpp,
  settings: SmppSettings,
  command: BindCommand,
  take: Take,
  report: (link: Link) => void,
): Bind {
  let state: State = { at: 'idle' };
  let failures = 0;
  let timer: NodeJS.Timeout | undefined;

  const retry = (because: SendOutcome) => {
    if (state.at === 'closed') return;
    report(linkOf(because));
    const delay = delayAfter(failures, settings);
    failures += 1;
    const begun = new Promise<void>((resolve) => {
      timer = setTimeout(() => resolve(begin()), delay).unref();
    });
    state = { at: 'waiting', because, begun: delay <= PATIENCE ? begun : Promise.resolve() };
  };
  const begin = () => {
    const session = smpp.connect(addressOf(settings));
    state = { at: 'connecting', session, attempt: attempt(session) };
  };
  const attempt = async (session: SmppSession) => {
    const exchange = createExchange(smpp, session, take);
    const problem = await bindOver(session, exchange, settings, command);
    if (!problem && state.at !== 'closed') return stand(session, exchange);
    session.destroy();
    if (problem) retry(problem);
  };
  const stand = (session: SmppSession, exchange: Exchange) => {
    const since = performance.now();
    const stop = keepAlive(session, exchange, settings);
    state = { at: 'bound', exchange, session };
    report({ state: 'up' });
    whenLost(session, () => {
      stop();
      if (state.at !== 'bound' || state.session !== session) return;
      if (performance.now() - since >= STEADY) failures = 0;
      retry(rejected('temporary', 'unbound'));
    });
  };
  return {
    start: () => (state.at === 'idle' ? begin() : undefined),
    open: (signal) => open(() => state, signal),
    close() {
      clearTimeout(timer);
      const last = state;
      state = { at: 'closed' };
      return end(last);
    },
  };
}

function whenLost(session: SmppSession, lost: () => void): void {
  session.on('close', lost);
  // It may have gone between its answer and now.
  if (session.socket.destroyed) lost();
}

function linkOf(because: SendOutcome): Link {
  if (because.outcome !== 'rejected') return { state: 'lost' };
  const { class: reason, code } = because;
  return { state: reason === 'temporary' ? 'lost' : 'refused', ...(code === undefined ? {} : { code }) };
}

/** Half of it is chance, so that many processes do not come back at once. */
function delayAfter(failures: number, { reconnectDelay }: SmppSettings): number {
  const most = Math.min(LONGEST_DELAY, reconnectDelay * 2 ** Math.min(failures, 16));
  return most / 2 + randomInt(Math.ceil(most / 2) + 1);
}

async function open(state: () => State, signal: AbortSignal): Promise<Exchange | SendOutcome> {
  const aborted = untilAborted(signal);
  // A connection that broke just now is there again in a moment: that moment, and one attempt, are waited for.
  for (const _ of [1, 2, 3]) {
    const now = state();
    if (now.at === 'connecting') await Promise.race([now.attempt, aborted]);
    else if (now.at === 'waiting') await Promise.race([now.begun, aborted]);
  }
  const now = state();
  if (now.at === 'bound') return now.exchange;
  return now.at === 'waiting' ? now.because : rejected('temporary', now.at);
}

async function end(last: State): Promise<void> {
  if (last.at === 'bound') await last.exchange.request('unbind', {}, 1000);
  if (last.at === 'bound' || last.at === 'connecting') last.session.destroy();
  if (last.at === 'connecting') await last.attempt;
}

const untilAborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });

function addressOf({ host, port, tls, ca }: SmppSettings) {
  if (!tls) return { host, port: port ?? 2775 };
  return {
    host,
    port: port ?? 3550,
    tls: true,
    minVersion: 'TLSv1.2',
    rejectUnauthorized: true,
    ...(isIP(host) ? {} : { servername: host }),
    ...(ca === undefined ? {} : { ca }),
  };
}

/** @returns Why it is not bound; undefined where it is. */
async function bindOver(
  session: SmppSession,
  exchange: Exchange,
  settings: SmppSettings,
  command: BindCommand,
): Promise<SendOutcome | undefined> {
  if (!(await connected(session, settings))) return rejected('temporary', 'unconnected');
  const bound = await exchange.request(
    command,
    {
      system_id: settings.systemId,
      password: settings.password,
      system_type: settings.systemType,
      interface_version: VERSION_3_4,
      addr_ton: settings.bindTon,
      addr_npi: settings.bindNpi,
      address_range: settings.addressRange,
    },
    settings.responseTimeout,
  );
  if (bound.sent !== 'answered') return rejected('temporary', 'unbound');
  const { command_status: status } = bound.answer;
  return status === 0 ? undefined : rejected(classOfStatus(status), codeOfStatus(status));
}

function connected(session: SmppSession, { tls, connectTimeout }: SmppSettings): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), connectTimeout);
    const end = (stands: boolean) => {
      clearTimeout(timer);
      resolve(stands);
    };
    session.on(tls ? 'secureConnect' : 'connect', () => end(true));
    session.on('close', () => end(false));
  });
}

/** A firewall forgets a quiet connection and says nothing, so it is asked, and cut where it does not answer. */
function keepAlive(
  session: SmppSession,
  exchange: Exchange,
  { enquireInterval, responseTimeout }: SmppSettings,
): () => void {
  const timer = setInterval(async () => {
    const asked = await exchange.request('enquire_link', {}, responseTimeout);
    if (asked.sent !== 'answered') session.destroy();
  }, enquireInterval).unref();
  return () => clearInterval(timer);
}
