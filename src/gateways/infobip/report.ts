import { z } from 'zod';
import type { CallState, GatewayEvent } from '../../ports/gateway.ts';
import { keywordOf } from '../wire/keywords.ts';
import { wordOf } from '../wire/outcome.ts';
import { carrierOf } from './networks.ts';
import { classOf, codeOf, idSchema, nameSchema, stateOf } from './status.ts';

const text = z.string().optional().catch(undefined);
const number = z.number().optional().catch(undefined);
const voiceSchema = z
  .object({ dtmfCodes: text, ivr: z.object({ collectedDtmfs: text }).nullish().catch(undefined) })
  .nullish()
  .catch(undefined);
const statusSchema = z.object({ groupId: number, id: number, name: nameSchema });
const resultSchema = z.object({
  messageId: idSchema,
  callbackData: text,
  doneAt: text,
  sentAt: text,
  mccMnc: text,
  from: text,
  text,
  cleanText: text,
  keyword: text,
  voiceCall: voiceSchema,
  status: statusSchema.optional().catch(undefined),
  error: statusSchema
    .extend({ permanent: z.boolean().optional().catch(undefined) })
    .optional()
    .catch(undefined),
});
const batchSchema = z.object({ results: z.array(z.unknown()) });

type Result = z.output<typeof resultSchema>;

/**
 * Reads what the vendor pushes: receipts of messages and calls, and messages from phones, each of them in batches. What
 * cannot be read tells nothing.
 */
export function readPush(body: unknown): GatewayEvent[] {
  return resultsOf(body).flatMap((result) =>
    result.status ? told(result) : result.text === undefined ? [] : heard(result),
  );
}

/**
 * Reads a log. A log of calls does not say whether a key was pressed.
 *
 * @param guarded Whether a call asks for a key: then having been answered is all that is told.
 */
export function readLog(
  body: unknown,
  id: string,
  channel: 'sms' | 'voice',
  guarded: boolean,
): GatewayEvent[] {
  const own = resultsOf(body).filter(({ messageId }) => messageId === id);
  return own.flatMap((result) => {
    if (channel === 'sms') return receiptOf(result);
    const events = callOf(result);
    return guarded ? events.filter((event) => event.type === 'call' && event.state !== 'completed') : events;
  });
}

function resultsOf(body: unknown): Result[] {
  const batch = batchSchema.safeParse(body);
  if (!batch.success) return [];
  return batch.data.results.flatMap((one) => {
    const parsed = resultSchema.safeParse(one);
    return parsed.success ? [parsed.data] : [];
  });
}

const told = (result: Result): GatewayEvent[] =>
  result.voiceCall || isVoiceError(result) ? callOf(result) : receiptOf(result);

/** Codes of calls are 5000 to 5999. */
const isVoiceError = ({ error }: Result): boolean =>
  error?.id !== undefined && error.id >= 5000 && error.id < 6000;

/** Ours where it is one; the vendor's otherwise. */
function namesOf({ callbackData, messageId }: Result): { id?: string; vendorId?: string } {
  const id = [callbackData, messageId].find((one) => one !== undefined && /^[\w-]{22}$/.test(one));
  return { ...(id === undefined ? {} : { id }), ...(messageId === undefined ? {} : { vendorId: messageId }) };
}

/** Such as `2018-06-25T13:38:14.730+0000`. */
function timeOf({ doneAt, sentAt }: Result): { at?: number } {
  const at = Date.parse((doneAt ?? sentAt ?? '').replace(/([+-]\d\d)(\d\d)$/, '$1:$2'));
  return Number.isNaN(at) ? {} : { at };
}

function receiptOf(result: Result): GatewayEvent[] {
  const state = stateOf(result.status ?? {});
  if (state === undefined) return [];
  const carrier = carrierOf(result.mccMnc);
  const failed = state === 'undelivered' || state === 'expired';
  const code = wordOf(codeOf(result.status ?? {}, result.error));
  return [
    {
      type: 'receipt',
      ...namesOf(result),
      state,
      ...(state === 'undelivered' ? { class: classOf(result.status ?? {}, result.error) } : {}),
      ...(failed && code !== '' ? { code } : {}),
      ...timeOf(result),
      ...(carrier === undefined ? {} : { carrier }),
    },
  ];
}

const VOICE_STATES: Readonly<Record<number, readonly CallState[]>> = {
  5001: ['machine'],
  5002: ['busy'],
  5003: ['no-answer'],
};
const VOICE_ANSWERED = 5000;

function callOf(result: Result): GatewayEvent[] {
  const about = { type: 'call', ...namesOf(result), ...timeOf(result) } as const;
  return statesOf(result).map((state) => ({ ...about, state }));
}

/** A receipt comes once, when the call is over, and stands for all that happened in it. */
function statesOf({ error, status, voiceCall }: Result): readonly CallState[] {
  const known = VOICE_STATES[error?.id ?? 0];
  if (known) return known;
  if (error?.id === VOICE_ANSWERED || (status?.groupId === 3 && !error?.id))
    return ['answered', wasPressed(voiceCall) ? 'heard' : 'completed'];
  return status?.groupId === 2 || status?.groupId === 4 || status?.groupId === 5 ? ['failed'] : [];
}

/** The keys come as `"3, 9"`, or as JSON by variable: `{"key":"3"}`. */
function wasPressed(voice: Result['voiceCall']): boolean {
  if (/[\d*]/.test(voice?.dtmfCodes ?? '')) return true;
  try {
    const collected: unknown = JSON.parse(voice?.ivr?.collectedDtmfs ?? 'null');
    return (
      typeof collected === 'object' &&
      collected !== null &&
      Object.values(collected).some((keys) => typeof keys === 'string' && /[\d*]/.test(keys))
    );
  } catch {
    return false;
  }
}

function heard({ from, text: words, keyword }: Result): GatewayEvent[] {
  if (from === undefined || !/^\+?\d{6,15}$/.test(from)) return [];
  return [{ type: 'inbound', from, keyword: keywordOf(words ?? '') ?? keywordOf(keyword ?? '') }];
}
