import type { OutboundMessage, SendOutcome } from '../../ports/gateway.ts';
import { rejected } from '../wire/outcome.ts';
import { destinationOf, sourceOf } from './address.ts';
import type { Bind } from './bind.ts';
import type { Exchanged } from './exchange.ts';
import type { Part } from './parts.ts';
import type { SmppSettings } from './settings.ts';
import { classOfStatus, codeOfStatus } from './status.ts';
import type { Window } from './window.ts';

const FINAL_RECEIPT = 1;

/**
 * Sends the parts of a message, one after the other. The receipt is asked for the last part, which names the message: then
 * nothing has to be remembered about the others.
 *
 * What happens after a part was taken is ambiguous: some phones show what they have, and a code stands at the beginning.
 */
export async function submitParts(
  parts: readonly Part[],
  message: OutboundMessage,
  { bind, window, settings, now, signal }: Submitting,
): Promise<SendOutcome> {
  let outcome: SendOutcome = rejected('permanent', 'empty');
  for (const [index, part] of parts.entries()) {
    const isLast = index === parts.length - 1;
    const parameters = { ...parametersOf(part, message, settings, now), ...receiptFor(isLast) };
    outcome = await submitOne(parameters, { bind, window, settings, signal });
    if (outcome.outcome !== 'accepted') return index === 0 ? outcome : ambiguous(outcome);
  }
  return outcome;
}

interface Submitting {
  bind: Bind;
  window: Window;
  settings: SmppSettings;
  /** Milliseconds since the epoch. */
  now: number;
  signal: AbortSignal;
}

const receiptFor = (isLast: boolean) => ({ registered_delivery: isLast ? FINAL_RECEIPT : 0 });

const ambiguous = ({ code }: { code?: string }): SendOutcome => ({
  outcome: 'ambiguous',
  ...(code === undefined ? {} : { code }),
});

async function submitOne(
  parameters: Record<string, unknown>,
  { bind, window, settings, signal }: Omit<Submitting, 'now'>,
): Promise<SendOutcome> {
  if (!(await window.enter(signal))) return rejected('throttled', 'window_full');
  try {
    const open = await bind.open(signal);
    if ('outcome' in open) return open;
    return outcomeOf(await open.request('submit_sm', parameters, settings.responseTimeout, signal));
  } finally {
    window.leave();
  }
}

function outcomeOf(exchanged: Exchanged): SendOutcome {
  if (exchanged.sent === 'unsent') return rejected('temporary', 'unsent');
  if (exchanged.sent === 'lost') return { outcome: 'ambiguous', code: exchanged.code };
  const { command_status: status, message_id: id } = exchanged.answer;
  if (status !== 0) return rejected(classOfStatus(status), codeOfStatus(status));
  return { outcome: 'accepted', ...(typeof id === 'string' && id !== '' ? { vendorId: id } : {}) };
}

function parametersOf(
  part: Part,
  message: OutboundMessage,
  settings: SmppSettings,
  now: number,
): Record<string, unknown> {
  const { sourceTon: ton, sourceNpi: npi, sender, serviceType, nationalNumbers } = settings;
  const source = sourceOf(message.sender ?? sender, { ton, npi });
  const own = { ton: settings.destinationTon, npi: settings.destinationNpi };
  const destination = destinationOf(message.to, own, nationalNumbers);
  return {
    service_type: serviceType,
    source_addr_ton: source.ton,
    source_addr_npi: source.npi,
    source_addr: source.addr,
    dest_addr_ton: destination.ton,
    dest_addr_npi: destination.npi,
    destination_addr: destination.addr,
    esm_class: part.esmClass,
    validity_period: validityOf(message.expiresAt - now),
    data_coding: part.dataCoding,
    short_message: part.shortMessage,
    ...(part.payload ? { message_payload: part.payload } : {}),
  };
}

const MOST_SECONDS = 99 * 86_400;

/**
 * How long the SMSC shall try (SMPP 3.4, 7.1.1), from its own now: clocks and time zones do not matter.
 *
 * @param milliseconds Until the code dies; at least a second is given.
 */
export function validityOf(milliseconds: number): string {
  const seconds = Math.min(MOST_SECONDS, Math.max(1, Math.floor(milliseconds / 1000)));
  const two = (value: number) => String(Math.floor(value)).padStart(2, '0');
  const [days, hours] = [two(seconds / 86_400), two((seconds % 86_400) / 3600)];
  return `0000${days}${hours}${two((seconds % 3600) / 60)}${two(seconds % 60)}000R`;
}
