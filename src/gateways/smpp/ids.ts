import type { SmppSettings } from './settings.ts';

/** Knows which message a receipt is about, though SMSCs write one id as hex here and as decimal there. */
export interface Ids {
  /** What the port shall call a message that submit_sm_resp gave this id. */
  nameOf(submitId: string): string;
  /** Keeps a message for an hour. */
  remember(submitId: string, message: { id: string; to: string }, now: number): void;
  /** The message that a receipt is about, as far as it is known here. */
  find(receiptId: string, numbers: readonly string[]): { vendorId: string; id?: string };
}

interface Sent {
  submitId: string;
  id: string;
  /** The last digits of the number: enough to tell two messages apart. */
  digits: string;
  at: number;
}

const HOUR = 3_600_000;
const MOST = 10_000;

/**
 * `same`: ids are what they are. `decimal` and `hex` say how receipts write them when submit_sm_resp wrote the other: both
 * become the number they mean, which every process finds. `auto` looks among the messages that this process sent: it takes
 * what is written the same, or means the same number the one way or the other, and where that is several, the one that went
 * to the number in the receipt.
 */
export function createIds(mode: SmppSettings['receiptIds']): Ids {
  const sent = new Map<string, Sent>();
  const byMeaning = new Map<string, Set<Sent>>();
  const drop = (one: Sent) => {
    sent.delete(one.submitId);
    for (const key of meaningsOfSubmit(one.submitId)) {
      byMeaning.get(key)?.delete(one);
      if (byMeaning.get(key)?.size === 0) byMeaning.delete(key);
    }
  };
  const nameOf = (submitId: string) =>
    mode === 'decimal' ? fromHex(submitId) : mode === 'hex' ? fromDecimal(submitId) : submitId;
  return {
    nameOf,
    remember(submitId, { id, to }, now) {
      for (const old of sent.values()) {
        if (sent.size < MOST && old.at > now - HOUR) break;
        drop(old);
      }
      const known = sent.get(submitId);
      if (known) drop(known);
      const one = { submitId, id, digits: digitsOf(to), at: now };
      sent.set(submitId, one);
      for (const key of meaningsOfSubmit(submitId)) {
        const set = byMeaning.get(key) ?? new Set();
        byMeaning.set(key, set.add(one));
      }
    },
    find(receiptId, numbers) {
      if (mode === 'same') return known(sent.get(receiptId), receiptId);
      if (mode !== 'auto')
        return { vendorId: mode === 'decimal' ? fromDecimal(receiptId) : fromHex(receiptId) };
      const found = new Set(meaningsOfReceipt(receiptId).flatMap((key) => [...(byMeaning.get(key) ?? [])]));
      return known(choose([...found], receiptId, numbers), receiptId);
    },
  };
}

const known = (found: Sent | undefined, receiptId: string): { vendorId: string; id?: string } =>
  found ? { vendorId: found.submitId, id: found.id } : { vendorId: receiptId };

function choose(found: readonly Sent[], receiptId: string, numbers: readonly string[]): Sent | undefined {
  const digits = new Set(numbers.map(digitsOf));
  const there = found.filter((one) => digits.has(one.digits));
  const [only, another] = there.length > 0 ? there : found;
  if (another === undefined) return only;
  return found.find((one) => plain(one.submitId) === plain(receiptId));
}

/** Numbers come as national and as international ones, so their ends are compared. */
const digitsOf = (number: string): string => number.replace(/\D/g, '').slice(-8);

const plain = (id: string): string => id.toLowerCase().replace(/^0+(?=.)/, '');
const isDecimal = (id: string): boolean => /^\d{1,40}$/.test(id);
const isHex = (id: string): boolean => /^[\da-f]{1,40}$/i.test(id);

const fromHex = (id: string): string => (isHex(id) ? BigInt(`0x${id}`).toString() : id);
const fromDecimal = (id: string): string => (isDecimal(id) ? BigInt(id).toString() : id);

/** What a receipt can call it: the same, the decimal of its hex, the hex of its decimal. */
const meaningsOfSubmit = (id: string): string[] => [
  `same ${plain(id)}`,
  ...(isHex(id) ? [`decimal ${fromHex(id)}`] : []),
  ...(isDecimal(id) ? [`hex ${fromDecimal(id)}`] : []),
];

const meaningsOfReceipt = (id: string): string[] => [
  `same ${plain(id)}`,
  ...(isDecimal(id) ? [`decimal ${fromDecimal(id)}`] : []),
  ...(isHex(id) ? [`hex ${fromHex(id)}`] : []),
];
