import { SekishoError } from './errors.ts';
import type { EventCommon, EventKind, SekishoEvent } from './events.ts';
import type { Log, Options } from './options.ts';
import type { Clock } from './ports/clock.ts';
import { truncate } from './truncate.ts';

const ERRORS: ReadonlySet<EventKind['type']> = new Set(['fault']);
const WARNINGS: ReadonlySet<EventKind['type']> = new Set([
  'address.unreadable',
  'authenticator.disabled',
  'browser.replayed',
  'challenge.exhausted',
  'clock.drift',
  'gateway.busy',
  'gateway.circuit',
  'gateway.link',
  'logout.failed',
  'notice.failed',
  'signal.failed',
  'store.trust',
  'webhook.refused',
]);

/** Refusals about our account at the vendor, or the way we ask: nobody gets a code until somebody has looked. */
const OURS: ReadonlySet<string | undefined> = new Set(['auth', 'quota', 'permanent']);

/** Answers that belong to normal use: somebody has to sign in first, changed their mind, or came with an old token. */
const ROUTINE: ReadonlySet<string> = new Set([
  'access_denied',
  'consent_required',
  'interaction_required',
  'invalid_token',
  'login_required',
  'unmet_authentication_requirements',
]);

function levelOf(kind: EventKind): keyof Log {
  if (ERRORS.has(kind.type)) return 'error';
  if (kind.type === 'protocol.refused') return ROUTINE.has(kind.error) ? 'info' : 'warn';
  const isTrouble =
    kind.type === 'delivery.finished' && (kind.outcome === 'ambiguous' || OURS.has(kind.class));
  return isTrouble || WARNINGS.has(kind.type) ? 'warn' : 'info';
}

/** Writes events to the log and to the host. A listener that throws is the host's problem, never the sign-in's. */
export function createJournal(log: Log, clock: Clock, onEvent: Options['onEvent']) {
  const sampled = createSampling();
  return (happened: EventKind, about: Omit<EventCommon, 'time'> = {}): void => {
    const now = clock.now();
    const kind = isSampled(happened) ? sampled(happened, about.client, now) : happened;
    if (!kind) return;
    const event = { time: new Date(now).toISOString(), ...kind, ...about } as SekishoEvent;
    // The log has a time of its own, and its own idea of what `time` is.
    const { time: _, ...fields } = event;
    log[levelOf(kind)](fields, kind.type);
    const failed = () => log.error({ type: 'listener.failed' }, 'onEvent threw');
    try {
      // Typed as if it answered nothing; an async one answers a promise all the same.
      Promise.resolve(onEvent?.(event) as unknown).catch(failed);
    } catch {
      failed();
    }
  };
}

/** What strangers can make us say as often as they like. */
type Sampled = Extract<EventKind, { type: 'webhook.refused' | 'protocol.refused' }>;
const isSampled = (event: EventKind): event is Sampled =>
  event.type === 'webhook.refused' || event.type === 'protocol.refused';

/** Names of what is counted together; only what we know ourselves, so that strangers cannot make up more of them. */
const sampleOf = (event: Sampled, client = ''): string =>
  event.type === 'webhook.refused'
    ? `${event.gateway} ${event.reason}`
    : `${event.endpoint} ${event.error} ${client}`;

const MAX_PER_MINUTE = 10;
const MINUTE = 60_000;

/** Lets so many of a kind pass in a minute; the first one after it says how many did not. */
function createSampling() {
  const counts = new Map<string, { since: number; passed: number; omitted: number }>();
  return (event: Sampled, client: string | undefined, now: number): Sampled | undefined => {
    const name = `${event.type} ${sampleOf(event, client)}`;
    const before = counts.get(name);
    if (before && now - before.since < MINUTE) {
      before[before.passed < MAX_PER_MINUTE ? 'passed' : 'omitted'] += 1;
      return before.omitted === 0 ? event : undefined;
    }
    counts.set(name, { since: now, passed: 1, omitted: 0 });
    return before?.omitted ? { ...event, omitted: before.omitted } : event;
  };
}

/** Work that goes on after the response, and a way to wait for all of it (OPS-04). */
export function createBackground(failed: (operation: string, error: unknown) => void) {
  const under = new Set<Promise<void>>();
  return {
    run(operation: string, work: () => Promise<unknown>): void {
      // Work of others may throw before it answers a promise; whoever began it has answered the person already.
      const done = (async () => work())().then(
        () => {},
        (error: unknown) => failed(operation, error),
      );
      under.add(done);
      void done.finally(() => under.delete(done));
    },
    isIdle: () => under.size === 0,
    /** Resolves when nothing is under way. */
    async idle(): Promise<void> {
      while (under.size > 0) await Promise.all(under);
    },
  };
}

/** What may be logged of an error: our own words, or the name and place of somebody else's (LOG-02). */
export function faultOf(operation: string, error: unknown): Extract<EventKind, { type: 'fault' }> {
  const ours = error instanceof SekishoError;
  const cause = ours && error.cause instanceof Error ? ` (${error.cause.name})` : '';
  const name = error instanceof Error ? error.name : typeof error;
  const frames =
    error instanceof Error ? (error.stack ?? '').split('\n').filter((line) => /^ {4}at /.test(line)) : [];
  return {
    type: 'fault',
    operation,
    error: ours ? `${error.message}${cause}` : name,
    where: truncate(
      (frames[0] ?? '').trim().replace(/^at .*[/\\]((?:src|dist|node_modules)[/\\])/, '$1'),
      160,
    ),
  };
}
