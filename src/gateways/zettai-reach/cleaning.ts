import { z } from 'zod';
import type { GatewayContext, OutboundMessage, SendOutcome } from '../../ports/gateway.ts';
import type { HttpClient, Transported } from '../wire/client.ts';
import { rejected } from '../wire/outcome.ts';
import { readResponse } from './response.ts';
import type { ZettaiReachSettings } from './settings.ts';

const DAY = 86_400_000;
/** The vendor looks back two years; a day less, because it counts days in its own time zone. */
const LOOKS_BACK = 729 * DAY;
/** Milliseconds for the check: the send needs what is left of the 8 seconds (GWY-02). */
const PATIENCE = 2500;

const statusSchema = z.object({ status: z.enum(['T', 'N', 'ERROR']) });

/**
 * Asks whether the number has another owner since this person last proved to have it (電話番号クリーニング). Not asked
 * where that was never: while a number is being bound there is nobody whose code could go astray.
 *
 * Where the vendor cannot tell, `onCheckError` decides; `refuse` also says `recycled`, because no other gateway and no call
 * may then try that number.
 *
 * @returns what is to be answered instead of sending; undefined to go on.
 */
export async function checkOwner(
  settings: ZettaiReachSettings,
  client: HttpClient,
  message: OutboundMessage,
  context: GatewayContext,
): Promise<SendOutcome | undefined> {
  const { numberCleaning } = settings;
  if (!numberCleaning || message.provedAt === undefined) return undefined;
  const found = readOwner(await ask(settings, client, message.to, message.provedAt, context));
  if (found === 'N') return undefined;
  if (found === 'T') return rejected('recycled', 'numbercleaning.T');
  return numberCleaning.onCheckError === 'refuse'
    ? rejected('recycled', 'numbercleaning.unknown')
    : undefined;
}

function ask(
  { baseUrl, token, clientId }: ZettaiReachSettings,
  client: HttpClient,
  phoneNumber: string,
  provedAt: number,
  { now, signal }: GatewayContext,
): Promise<Transported> {
  const referenceDate = dayInJapan(Math.min(now, Math.max(provedAt, now - LOOKS_BACK)));
  const query = new URLSearchParams({ token, clientId, phoneNumber, referenceDate });
  return client.call({
    method: 'GET',
    url: `${baseUrl.replace(/\/+$/, '')}/p5/api/numbercleaning.json?${query}`,
    headers: { accept: 'application/json' },
    signal: AbortSignal.any([signal, AbortSignal.timeout(PATIENCE)]),
  });
}

function readOwner(transported: Transported): 'T' | 'N' | undefined {
  if (transported.sent !== 'answered' || transported.answer.status !== 200) return undefined;
  const body = transported.answer.json();
  const parsed = statusSchema.safeParse(body);
  if (readResponse(body)?.code !== 0 || !parsed.success || parsed.data.status === 'ERROR') return undefined;
  return parsed.data.status;
}

/** `yyyyMMdd` */
const dayInJapan = (at: number): string =>
  new Date(at + 9 * 3_600_000).toISOString().slice(0, 10).replaceAll('-', '');
