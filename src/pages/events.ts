import type { IncomingMessage, ServerResponse } from 'node:http';
import { readChallenge } from '../domain/challenge.ts';
import type { Core } from '../domain/core.ts';
import { readDelivery } from '../domain/delivery.ts';
import { flowName, flowNumber } from '../domain/flow.ts';
import { isStopped } from '../domain/opt-out.ts';
import { askAbout } from '../domain/reception.ts';
import type { Parts } from '../oidc/parts.ts';
import { newsOf } from './code-page.ts';
import type { Look, Sight, Streams } from './streams.ts';
import type { Visit } from './visit.ts';

/**
 * Tells a waiting page how its message gets on: as server-sent events, or once as JSON for a browser that cannot. Sends
 * nothing and verifies nothing (WEB-10); asking the vendor is all it sets going.
 */
export async function answerEvents(parts: Parts, streams: Streams, visit: Visit): Promise<void> {
  const { req, res, uid } = visit;
  const look = lookout(parts, visit);
  const first = await look();
  if (!first) return plain(res, 204);
  if (!takesEvents(req)) return json(res, first);
  if (res.destroyed || streams.open(req, res, flowName(uid), first, look)) return;
  res.setHeader('Retry-After', '10');
  plain(res, 503);
}

const takesEvents = ({ headers }: IncomingMessage): boolean =>
  /(^|[,\s])text\/event-stream\b/.test(headers.accept ?? '');

/** Nothing is awaited once the code is used up, expired or replaced, or the interaction is over. */
function lookout({ core }: Parts, { flow, interaction, uid, locale }: Visit): Look {
  const { challengeId, tag } = flow;
  if (challengeId === null || flow.ended || interaction.result) return async () => undefined;
  const e164 = flowNumber(core, uid, flow)!;
  return async (): Promise<Sight | undefined> => {
    const [challenge, { messages }, stopped] = await Promise.all([
      readChallenge(core, flow),
      readDelivery(core, tag, challengeId),
      isStopped(core, e164),
    ]);
    if (challenge?.status !== 'live' || core.clock.now() >= challenge.expiresAt) return undefined;
    if (challenge.tries >= core.options.code.tries) return undefined;
    askAbout(core, messages);
    const { progress, news } = await newsOf(core, { flow, e164, locale, challenge, messages, stopped });
    const silent = progress.late && !tellsMore(core, messages.at(-1)?.gateway);
    return { news, final: progress.final || silent, done: progress.arrived };
  };
}

/** Whether anything more can come from this gateway than its answer to the send. */
function tellsMore({ exchange }: Core, name: string | undefined): boolean {
  const gateway = name === undefined ? undefined : exchange.find(name);
  return gateway === undefined || Boolean(gateway.webhook ?? gateway.listen ?? gateway.poll);
}

function plain(res: ServerResponse, status: number): void {
  res.statusCode = status;
  res.setHeader('Cache-Control', 'no-store');
  res.end();
}

function json(res: ServerResponse, { news, done }: Sight): void {
  const text = JSON.stringify({ ...news, done });
  res.statusCode = 200;
  res.setHeader('Content-Type', 'application/json; charset=utf-8');
  res.setHeader('Content-Length', Buffer.byteLength(text));
  res.setHeader('Cache-Control', 'no-store');
  res.setHeader('X-Content-Type-Options', 'nosniff');
  res.end(text);
}
