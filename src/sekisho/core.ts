import { fileURLToPath } from 'node:url';
import type { Core } from '../domain/core.ts';
import { createExchange } from '../domain/exchange.ts';
import { fallBack } from '../domain/fallback.ts';
import { createKeyRing } from '../domain/keys.ts';
import { receive } from '../domain/reception.ts';
import { withNamedFailures } from '../domain/store-failures.ts';
import { textProblems } from '../domain/text-rules.ts';
import { readLink } from '../domain/vendor-words.ts';
import { ConfigurationError } from '../errors.ts';
import { createBackground, createJournal, faultOf } from '../journal.ts';
import type { Log, Options } from '../options.ts';
import type { Gateway } from '../ports/gateway.ts';
import { loadTexts } from '../texts.ts';
import { type DriftWatch, watchDrift } from './drift.ts';
import { type TrustWatch, watchTrust } from './identity.ts';
import { followStore } from './store-clock.ts';

/** What everything stands on, and ways to wait for what goes on after responses. */
export interface Built {
  core: Core;
  drift: DriftWatch;
  trust: TrustWatch;
  /** Resolves when all that we began is over; what connections bring meanwhile is not waited for. */
  finished(): Promise<void>;
  /** Resolves when nothing at all is under way. */
  idle(): Promise<void>;
}

export async function buildCore(options: Options, log: Log): Promise<Built> {
  const { secrets, texts } = options;
  const store = withNamedFailures(options.store);
  const clock = options.clock ?? (await followStore(store));
  const emit = createJournal(log, clock, options.onEvent);
  const fault = (operation: string, error: unknown) => emit(faultOf(operation, error));
  const background = createBackground(fault);
  const intake = createBackground(fault);
  const trust = await watchTrust(store, options.storeIdentity, emit);
  const words = loadTexts(fileURLToPath(new URL('../../views/locales', import.meta.url)), texts);
  const problems = textProblems(options, words);
  if (problems.length > 0) throw new ConfigurationError(problems);
  const core: Core = {
    options,
    store,
    clock,
    ring: createKeyRing(secrets),
    texts: words,
    exchange: createExchange(options),
    receive: (gateway, events) => background.run('receive', () => receive(core, gateway, events)),
    undelivered: (known, message) => fallBack(core, known, message, 'undelivered'),
    emit,
    fault,
    background: background.run,
    assertStoreKept: trust.assertTrusted,
  };
  for (const gateway of options.gateways) connect(core, gateway, intake);
  return {
    core,
    drift: watchDrift(clock, emit),
    trust,
    finished: background.idle,
    async idle() {
      while (!background.isIdle() || !intake.isIdle()) await Promise.all([background.idle(), intake.idle()]);
    },
  };
}

/** What comes in over a connection of the gateway's own (SMPP) is news like any webhook; how it stands is told on change. */
function connect(core: Core, gateway: Gateway, intake: ReturnType<typeof createBackground>): void {
  let state = 'up';
  gateway.listen?.(
    (events) => {
      const taken = receive(core, gateway, events);
      intake.run('receive', () => taken);
      return taken;
    },
    (said) => {
      const link = readLink(said);
      if (link === undefined || link.state === state) return;
      state = link.state;
      core.emit({ type: 'gateway.link', gateway: gateway.name, ...link });
    },
  );
}
