import { randomInt } from 'node:crypto';
import type {
  Gateway,
  GatewayContext,
  GatewayEvent,
  GatewayFinding,
  Link,
  OutboundMessage,
  SendOutcome,
} from '../ports/gateway.ts';
import { type Bind, type BindCommand, createBind } from './smpp/bind.ts';
import { COME_AGAIN, type Take } from './smpp/exchange.ts';
import { createIds, type Ids } from './smpp/ids.ts';
import { loadSmpp, type Pdu, type Smpp } from './smpp/library.ts';
import { partsOf } from './smpp/parts.ts';
import { readDelivered, type SmppReceipt } from './smpp/receipt.ts';
import { readSmppSettings, type SmppSettings } from './smpp/settings.ts';
import { submitParts } from './smpp/submit.ts';
import { createWindow } from './smpp/window.ts';
import { rejected } from './wire/outcome.ts';
import { insecureFinding } from './wire/settings.ts';

/**
 * SMPP 3.4 to the SMSC of a carrier or an aggregator. Needs the package `smpp`. Connects with `listen` or the first message,
 * and again whenever the connection is lost; a message that waits for its answer then is ambiguous (GWY-02).
 *
 * The host comes from the configuration alone and is usually private, behind a VPN, so it is not held against the guard of
 * GWY-01; TLS is on unless the configuration says that the line is private.
 *
 * @param settings Plain JSON of a configuration; see docs/gateways/smpp.md.
 * @throws ConfigurationError for settings that are wrong, and where the package is not installed.
 */
export function createSmppGateway(settings: unknown): Gateway {
  const read = readSmppSettings(settings);
  const session = createSession(loadSmpp(), read);
  return {
    name: read.name ?? 'smpp',
    enabled: read.enabled,
    channels: ['sms'],
    concurrency: read.window,
    ...(read.countries ? { countries: read.countries } : {}),
    correlation: 'vendorId',
    send: (message, context) => session.send(message, context),
    listen: (deliver, report) => session.listen(deliver, report),
    findings: () => [...insecureFinding(read.insecure), ...lineFinding(read)],
    close: () => session.close(),
  };
}

type Deliver = Parameters<NonNullable<Gateway['listen']>>[0];
type Report = (link: Link) => void;
/** Milliseconds that messages under way, both ways, have when the gateway is closed. */
const PATIENCE = 2000;
/** Milliseconds that a receipt waits for the answers to messages under way; the SMSC waits for ours meanwhile. */
const CROSSING = 2000;

function createSession(smpp: Smpp, settings: SmppSettings) {
  const ids = createIds(settings.receiptIds);
  const window = createWindow(settings.window);
  const sending = new Set<Promise<unknown>>();
  const taking = new Set<Promise<unknown>>();
  let deliver: Deliver | undefined;
  let report: Report | undefined;
  const take: Take = (pdu) =>
    whileIn(taking, deliver ? takeIn(pdu, deliver, { ids, settings, sending }) : Promise.resolve(COME_AGAIN));
  const binds = bindsOf(smpp, settings, take, (link) => report?.(link));
  const start = () => {
    for (const bind of binds) bind.start();
  };
  let reference = randomInt(256);

  const send = async (
    message: OutboundMessage,
    { now, signal: given }: GatewayContext,
  ): Promise<SendOutcome> => {
    start();
    reference = (reference + 1) % 256;
    const signal = AbortSignal.any([given, AbortSignal.timeout(settings.totalTimeout)]);
    const parts = partsOf(message.text, reference, settings);
    if (!parts) return rejected('permanent', 'too_long');
    const outcome = await submitParts(parts, message, { bind: binds[0], window, settings, now, signal });
    if (outcome.outcome !== 'accepted' || outcome.vendorId === undefined) return outcome;
    ids.remember(outcome.vendorId, message, now);
    return { ...outcome, vendorId: ids.nameOf(outcome.vendorId) };
  };
  return {
    send(message: OutboundMessage, context: GatewayContext) {
      return whileIn(sending, send(message, context));
    },
    listen(to: Deliver, link?: Report) {
      deliver = to;
      report = link;
      start();
    },
    async close() {
      await Promise.race([Promise.allSettled([...sending, ...taking]), later(PATIENCE)]);
      await Promise.all(binds.map((bind) => bind.close()));
    },
  };
}

/** The one that sends stands first. What is reported is the first of them that does not stand. */
function bindsOf(smpp: Smpp, settings: SmppSettings, take: Take, report: Report): [Bind, ...Bind[]] {
  const links = new Map<BindCommand, Link>();
  const bind = (command: BindCommand) =>
    createBind(smpp, settings, command, take, (link) => {
      links.set(command, link);
      report([...links.values()].find(({ state }) => state !== 'up') ?? link);
    });
  if (settings.bind === 'transceiver') return [bind('bind_transceiver')];
  return [bind('bind_transmitter'), bind('bind_receiver')];
}

/** Keeps it in a set until it is over. */
function whileIn<T>(set: Set<Promise<unknown>>, work: Promise<T>): Promise<T> {
  set.add(work);
  return work.finally(() => set.delete(work));
}

/** @returns the command_status for the SMSC: taken only once it is on record (GWY-04). */
async function takeIn(
  pdu: Pdu,
  deliver: Deliver,
  { ids, settings, sending }: { ids: Ids; settings: SmppSettings; sending: ReadonlySet<Promise<unknown>> },
): Promise<number> {
  const told = readDelivered(pdu, settings.errorClasses, settings.nationalNumbers);
  if (told.kind === 'nothing') return TAKEN;
  if (told.kind === 'inbound') {
    await deliver([{ type: 'inbound', from: told.from, keyword: told.keyword }]);
    return TAKEN;
  }
  const { receipt } = told;
  const names = () => ids.find(receipt.receiptId, receipt.numbers);
  // It may be about a message whose answer is still on its way: that tells how the SMSC writes the id.
  const isOpen = settings.receiptIds === 'auto' && names().id === undefined && sending.size > 0;
  if (isOpen && !(await isSettled(sending))) return COME_AGAIN;
  await deliver([eventOf(receipt, names())]);
  return TAKEN;
}

const TAKEN = 0;

const isSettled = (sending: ReadonlySet<Promise<unknown>>): Promise<boolean> =>
  Promise.race([Promise.allSettled(sending).then(() => true), later(CROSSING).then(() => false)]);

const eventOf = (
  { state, class: reason, code }: SmppReceipt,
  names: { vendorId: string; id?: string },
): GatewayEvent => ({
  type: 'receipt',
  state,
  ...(reason ? { class: reason } : {}),
  ...(code ? { code } : {}),
  ...names,
});

const later = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, milliseconds).unref();
  });

const lineFinding = ({ tls, insecure }: SmppSettings): GatewayFinding[] =>
  tls || insecure
    ? []
    : [
        {
          severity: 'warning',
          message: 'sends password and codes without TLS, over a line that is said to be private',
          fix: 'Turn tls on, where the SMSC has it',
        },
      ];
