import type { SmscSettings } from '../smpp.ts';
import type { SimChange, SimMessage } from '../stand-in.ts';
import { sourceOfPhone } from './numbers.ts';

const IS_RECEIPT = 0x04;

/**
 * deliver_sm about the end of a message, one for each part that asked for it. What is in between is told only to those who
 * ask for intermediate notifications, which nobody does.
 */
export function receiptsOf(
  message: SimMessage,
  change: SimChange,
  { receipts = 'both', receiptIds = 'decimal', ids = 'decimal', national }: SmscSettings,
): Record<string, unknown>[] {
  const end = endOf(change);
  const asked = message.extra?.['receiptIds']?.split(' ').filter((id) => id !== '') ?? [];
  if (!end) return [];
  return asked.map((submitId) => {
    const id = spelled(submitId, ids, receiptIds);
    return {
      esm_class: IS_RECEIPT,
      ...sourceOfPhone(message.to, national),
      destination_addr: message.from.replace('+', ''),
      data_coding: 0,
      short_message: receipts === 'tlv' ? '' : textOf(id, message, change, end),
      ...(receipts === 'text' ? {} : { receipted_message_id: id, message_state: end.state }),
    };
  });
}

interface End {
  state: number;
  stat: string;
  err: string;
}

function endOf({ state, reason }: SimChange): End | undefined {
  if (state === 'delivered') return { state: 2, stat: 'DELIVRD', err: '000' };
  return state === 'undelivered' ? FAILED[reason ?? 'unreachable'] : undefined;
}

const FAILED: Record<NonNullable<SimChange['reason']>, End> = {
  unreachable: { state: 5, stat: 'UNDELIV', err: '001' },
  'unknown-number': { state: 5, stat: 'UNDELIV', err: '005' },
  // Networks know subscribers, not their past.
  recycled: { state: 5, stat: 'UNDELIV', err: '005' },
  filtered: { state: 8, stat: 'REJECTD', err: '009' },
  'opted-out': { state: 8, stat: 'REJECTD', err: '009' },
  throttled: { state: 5, stat: 'UNDELIV', err: '012' },
};

/** SMPP 3.4, Appendix B; ten digits for a time, without a zone. */
function textOf(id: string, { at, text }: SimMessage, change: SimChange, { stat, err }: End): string {
  const delivered = stat === 'DELIVRD' ? '001' : '000';
  return [
    `id:${id} sub:001 dlvrd:${delivered}`,
    `submit date:${dateOf(at)} done date:${dateOf(change.at)} stat:${stat} err:${err}`,
    // The Appendix has the first 20 characters; a code would be among them.
    `text:${text.length} characters`,
  ].join(' ');
}

const dateOf = (time: number): string => new Date(time).toISOString().replace(/\D/g, '').slice(2, 12);

function spelled(id: string, from: 'decimal' | 'hex', to: 'decimal' | 'hex'): string {
  const value = BigInt(from === 'hex' ? `0x${id}` : id);
  return to === 'hex' ? value.toString(16).toUpperCase() : value.toString();
}
