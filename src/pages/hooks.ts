import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Core } from '../domain/core.ts';
import { externalUrl, isOurToken, openAnswer } from '../domain/hooks.ts';
import { digest } from '../domain/keys.ts';
import { readable, receive } from '../domain/reception.ts';
import { SekishoError } from '../errors.ts';
import type { Parts } from '../oidc/parts.ts';
import type {
  Gateway,
  RawWebhook,
  Webhook,
  WebhookAuth,
  WebhookReply,
  WebhookResult,
} from '../ports/gateway.ts';
import { key } from '../ports/store.ts';
import { addressOf } from './path.ts';
import { readRaw } from './raw-body.ts';

/** Where a vendor's request leads: `hooks/{gateway}/{token}`, `…/{id}`, `…/{id}/answer`. */
interface Hook {
  gateway: Gateway;
  webhook: Webhook;
  /** The message that the address names. */
  id: string | undefined;
  asks: boolean;
}

/** A batch of receipts; the largest vendors post 256 KiB at most (Amazon SNS). */
const MOST_BYTES = 262_144;
const PATIENCE = 4000;
/** The very same delivery is not looked at again for so long. */
const REMEMBERED = 3_600_000;
/** What a person said may be brought again for so long, after trouble of ours. */
const BROUGHT_AGAIN = 7 * 86_400_000;

const OK: WebhookReply = { status: 200 };
/** The same for a wrong token, an unknown gateway and a message that never was (GWY-04). */
const NOTHING: WebhookReply = { status: 404 };

/**
 * Takes in what vendors tell: receipts, call events, STOP, and the question what a call should say. The token in the address
 * is checked before anything is read, the vendor's own signature before anything is believed (GWY-03).
 *
 * @param rest Path below `mountPath`, `hooks/` included.
 */
export async function receiveHook(
  { core }: Parts,
  req: IncomingMessage,
  res: ServerResponse,
  rest: string,
): Promise<void> {
  try {
    reply(res, await handle(core, req, res, rest));
  } catch (error) {
    if (error instanceof SekishoError && error.code in REFUSALS)
      return reply(res, { status: REFUSALS[error.code]! });
    // Our own trouble: vendors come again after a 5xx, and some give up after a 4xx (D.2 of the facts, rule 7).
    core.fault('webhook', error);
    reply(res, { status: 503 });
  }
}
const REFUSALS: Record<string, number> = {
  request_too_large: 413,
  request_timeout: 408,
  request_malformed: 400,
};

async function handle(
  core: Core,
  req: IncomingMessage,
  res: ServerResponse,
  rest: string,
): Promise<WebhookReply> {
  const hook = find(core, rest);
  if (!hook) return NOTHING;
  if (req.method !== 'POST' && req.method !== 'GET') return { status: 405 };
  const now = core.clock.now();
  const request: RawWebhook = {
    method: req.method,
    url: externalUrl(core, addressOf(req)),
    headers: headersOf(req),
    body: await readRaw(req, res, MOST_BYTES, core.options.bodyTimeout),
    receivedAt: now,
  };
  const context = { now, signal: AbortSignal.timeout(PATIENCE) };
  const auth = await hook.webhook.authenticate(request, context);
  if (auth.result === 'refused') {
    core.emit({ type: 'webhook.refused', gateway: hook.gateway.name, reason: auth.reason });
    return { status: auth.reason === 'unavailable' ? 503 : 401 };
  }
  if (hook.asks) return answer(core, hook, request);
  return once(core, deliveryOf(hook, auth), async (delivery) => {
    const { events, reply: wanted = OK } = await parse(hook.webhook, request);
    const at = saysWord(events) ? await firstHeard(core, delivery) : now;
    await receive(core, hook.gateway, events, hook.id, at);
    return wanted;
  });
}

function find(core: Core, rest: string): Hook | undefined {
  const [, name = '', token = '', id, last, ...more] = rest.split('/');
  const gateway = core.exchange.find(name);
  const asks = last === 'answer';
  const plausible =
    more.length === 0 && (last === undefined || asks) && (id === undefined || /^[\w-]{22}$/.test(id));
  // The token is checked for names and ids that make no sense too, so that time tells nothing.
  const ours = isOurToken(core, name, id, token);
  if (ours && plausible && gateway?.webhook) return { gateway, webhook: gateway.webhook, id, asks };
  core.emit({ type: 'webhook.refused', gateway: gateway ? name : 'unknown', reason: 'address' });
  return undefined;
}

/** What cannot be read tells nothing, whatever a gateway makes of it. */
async function parse(webhook: Webhook, request: RawWebhook): Promise<WebhookResult> {
  try {
    return (await webhook.parse(request)) ?? { events: [] };
  } catch {
    return { events: [] };
  }
}

/** What this very delivery is called in the store; undefined where the vendor says nothing that tells it from others. */
const deliveryOf = ({ gateway, id }: Hook, auth: WebhookAuth): string | undefined =>
  auth.result === 'ok' && auth.replayKey !== undefined
    ? digest(`delivery ${gateway.name} ${id ?? ''} ${auth.replayKey}`)
    : undefined;

/** Remembered after it was worked through, so that a vendor who comes again after our 503 is heard. */
async function once(
  core: Core,
  delivery: string | undefined,
  work: (delivery: string | undefined) => Promise<WebhookReply>,
): Promise<WebhookReply> {
  if (delivery === undefined) return work(delivery);
  const name = key(delivery, 'heard');
  const now = core.clock.now();
  if ((await core.store.get(name, now)) !== undefined) return OK;
  const wanted = await work(delivery);
  await core.store.put(name, now, now + REMEMBERED, now);
  return wanted;
}

const saysWord = (events: WebhookResult['events']): boolean =>
  Array.isArray(events) && events.some((event) => event?.type === 'inbound');

/**
 * When a delivery with something from a phone came for the first time: a START that is brought again, for whatever reason,
 * is no younger than the STOP that came since.
 */
async function firstHeard(core: Core, delivery: string | undefined): Promise<number> {
  const now = core.clock.now();
  if (delivery === undefined) return now;
  const name = key(delivery, 'came');
  if (await core.store.add(name, now, now + BROUGHT_AGAIN, now)) return now;
  const first = await core.store.get(name, now);
  return typeof first === 'number' ? first : now;
}

/** Says what a call says. That a key was pressed is what makes a call heard; nothing a vendor reports can. */
async function answer(
  core: Core,
  { gateway, webhook, id }: Hook,
  request: RawWebhook,
): Promise<WebhookReply> {
  const sealed = request.url.searchParams.get('s') ?? '';
  const said = id === undefined ? undefined : openAnswer(core, gateway.name, id, sealed);
  if (!webhook.answer || !said) return NOTHING;
  const { pressed, reply: wanted } = await webhook.answer(request, said.script);
  if (!pressed) return wanted;
  const standing = await readable(core, gateway.name, id!, said.expiresAt);
  if (standing === 'dead') return (await webhook.answer(request, said.dead)).reply;
  if (standing === 'no') return NOTHING;
  core.receive(gateway, [{ type: 'call', state: 'heard', id: id! }]);
  return wanted;
}

/** As they came: a header that came twice is a list. */
function headersOf(req: IncomingMessage): RawWebhook['headers'] {
  return Object.fromEntries(
    Object.entries(req.headersDistinct).map(([name, values]) => [
      name,
      values?.length === 1 ? values[0] : values,
    ]),
  );
}

function reply(res: ServerResponse, { status, type, body }: WebhookReply): void {
  if (res.headersSent) return;
  res.statusCode = status;
  res.setHeader('Cache-Control', 'no-store');
  res.setHeader('X-Content-Type-Options', 'nosniff');
  // What was not read to its end is not worth being read.
  if (status >= 400) res.setHeader('Connection', 'close');
  if (body !== undefined) res.setHeader('Content-Type', type ?? 'text/plain; charset=utf-8');
  res.end(body);
}
