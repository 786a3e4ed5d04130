import type { SimChange, SimMessage } from '../../stand-in.ts';

/** What a change means, as far as the vendor's three columns tell. */
export type Seen = Pick<SimChange, 'state' | 'reason'>;

/** What a message or a change says of itself. */
export const stateOf = ({ state, reason }: Seen): Seen => ({ state, ...(reason ? { reason } : {}) });

/** The vendor's `Message`. */
export function messageBody(message: SimMessage, seen: Seen, now: number) {
  const { vendorId, to, text, extra = {}, carrier } = message;
  const over = seen.state === 'delivered' || seen.state === 'undelivered';
  return {
    id: vendorId,
    object: 'message',
    service_id: Number(message.from.replace(/\D/g, '')),
    billing_address_id: 9,
    to: `0${to.slice(3)}`,
    body: text,
    tags: JSON.parse(extra['tags'] ?? '[]') as string[],
    is_shorten: false,
    is_shorten_clicked: null,
    result: over ? 'done' : 'processing',
    status: seen.state === 'accepted' ? 'waiting' : 'done',
    sent_result: sentResultOf(seen),
    carrier: over ? (carrier === 'other' ? 'unknown' : carrier) : 'checking',
    charged_count_per_sent: Math.ceil([...text].length / 66),
    scheduled_at: null,
    limited_at: extra['limitedAt'] || null,
    sent_at: seen.state === 'accepted' ? null : inJapan(message.at),
    received_at: seen.state === 'delivered' ? inJapan(message.arrivedAt ?? now) : null,
    charged_at: over ? inJapan(now) : null,
    created_at: inJapan(message.at),
    updated_at: inJapan(now),
  };
}

function sentResultOf({ state, reason }: Seen): string {
  if (state === 'delivered') return 'received';
  if (state !== 'undelivered') return 'none';
  return reason === 'unreachable' || reason === undefined ? 'unconnected' : 'error';
}

const inJapan = (at: number): string => `${new Date(at + 9 * 3_600_000).toISOString().slice(0, 19)}+09:00`;
