import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import type {
  CallScript,
  Gateway,
  GatewayContext,
  GatewayEvent,
  OutboundMessage,
  SendOutcome,
  SentMessage,
} from '../../ports/gateway.ts';
import type { GatewayHandle, Reception, TakenMessage } from './handle.ts';
import { type OpenReception, openReception, type Told } from './reception.ts';

/** The code in every message of the suite. Longer than usual, so that no time stamp holds it by chance. */
export const CODE = '4829137506';
/** The code as a call says it: twice, as our texts do (GWY-08). */
export const SPOKEN = `your code is ${CODE}, again, ${CODE}`;
export const INVITATION = 'This is Canary Bank. Press any key to hear it.';
export const FAREWELL = 'No key was pressed. Goodbye.';
/** Milliseconds that any single answer of a gateway may take here: eight seconds and some (GWY-02). */
const PATIENCE = 10_000;

export interface Sent {
  message: OutboundMessage;
  outcome: SendOutcome;
  vendorId?: string;
  /** What the vendor took through this send, after `settle`. */
  taken(): readonly TakenMessage[];
}

/** What the checks work with. */
export interface GatewayBench {
  readonly handle: GatewayHandle;
  readonly gateway: Gateway;
  readonly reception: OpenReception;
  /** Everything the gateway said, for the check that it says nothing it must not (LOG-02). */
  readonly said: unknown[];
  /** Sends a message with the code in it; fails the test where the gateway throws, or takes longer than it may. */
  send(changes?: Partial<OutboundMessage>, signal?: AbortSignal, through?: Gateway): Promise<Sent>;
  /** What a message is like, without sending it. */
  message(changes?: Partial<OutboundMessage>): OutboundMessage;
  /** Everything that was told about this message until now, the oldest first. */
  eventsOf(sent: Sent): readonly GatewayEvent[];
  /** The webhooks about this message, the oldest first. */
  webhooksOf(sent: Sent): readonly Told[];
  /** What the gateway is told when it asks; nothing where it throws, as the core has it. */
  poll(sent: Pick<Sent, 'message' | 'vendorId'>, through?: Gateway): Promise<readonly GatewayEvent[]>;
  /** Another gateway and vendor, for a test that closes it. */
  another(): Promise<GatewayHandle>;
  now(): number;
  close(): Promise<void>;
}

/** @param open Opens gateway and vendor; see `gatewayContract`. */
export async function openBench(
  open: (reception: Reception) => Promise<GatewayHandle>,
): Promise<GatewayBench> {
  const reception = await openReception();
  const another = () => open({ url: reception.url });
  const handle = await another().catch(async (error) => {
    await reception.close();
    throw error;
  });
  const { gateway, vendor } = handle;
  const now = () => vendor.now?.() ?? Date.now();
  const said: unknown[] = [];
  reception.serve(gateway, now);
  const { learn, ...news } = createNews(gateway, reception);
  const message = (changes: Partial<OutboundMessage> = {}) => newMessage(handle, reception, now(), changes);
  return {
    ...{ handle, gateway, reception, said, message, now, another, ...news },
    async send(changes, signal = AbortSignal.timeout(8000), through = gateway) {
      const before = vendor.messages().length;
      const outgoing = message(changes);
      const outcome = await answerOf('send', through.send(outgoing, { now: now(), signal }), said);
      const vendorId = outcome.outcome === 'accepted' ? outcome.vendorId : undefined;
      if (vendorId !== undefined) learn(vendorId, outgoing.id);
      return {
        ...{ message: outgoing, outcome, taken: () => vendor.messages().slice(before) },
        ...(vendorId === undefined ? {} : { vendorId }),
      };
    },
    async poll({ message: { id, to, channel }, vendorId }, through = gateway) {
      const asked: SentMessage = { id, to, channel, sentAt: now(), ...(vendorId ? { vendorId } : {}) };
      const context: GatewayContext = { now: now(), signal: AbortSignal.timeout(8000) };
      const answer = through.poll!(asked, context).catch((error) => {
        said.push(error);
        return [];
      });
      return answerOf('poll', answer, said);
    },
    async close() {
      await handle.close();
      await reception.close();
    },
  };
}

/** Finds what was told about a message, by the rules of the port: our id, the vendor's id, the address. */
function createNews(gateway: Gateway, { told }: OpenReception) {
  const connected: GatewayEvent[] = [];
  const ids = new Map<string, string>();
  gateway.listen?.(async (events) => void connected.push(...events));
  const idOf = ({ vendorId = '' }: { vendorId?: string }) =>
    gateway.correlation === 'vendorId' ? ids.get(vendorId) : undefined;
  const isAbout = (event: GatewayEvent, { message }: Sent, about?: string): boolean => {
    if (event.type === 'inbound') return false;
    const named = event.id ?? idOf(event) ?? about;
    return named === message.id && (about ?? named) === named;
  };
  return {
    learn: (vendorId: string, id: string) => void ids.set(vendorId, id),
    webhooksOf: (sent: Sent): readonly Told[] =>
      told.filter(
        ({ about, events }) => about === sent.message.id || events.some((event) => isAbout(event, sent)),
      ),
    eventsOf: (sent: Sent): readonly GatewayEvent[] => [
      ...told.flatMap(({ events, about }) => events.filter((event) => isAbout(event, sent, about))),
      ...connected.filter((event) => isAbout(event, sent)),
    ],
  };
}

/** Awaits what a gateway answers; it may neither throw nor keep us waiting. */
export async function answerOf<T>(what: string, answer: Promise<T>, said: unknown[]): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${PATIENCE} ms`)), PATIENCE);
  });
  try {
    const value = await Promise.race([answer, late]);
    said.push(value);
    return value;
  } catch (error) {
    said.push(error);
    return assert.fail(`${what} must not throw: ${error instanceof Error ? error.message : String(error)}`);
  } finally {
    clearTimeout(timer);
  }
}

function newMessage(
  { gateway, vendor }: GatewayHandle,
  reception: OpenReception,
  now: number,
  changes: Partial<OutboundMessage>,
): OutboundMessage {
  const channel = changes.channel ?? gateway.channels[0]!;
  const id = changes.id ?? randomBytes(16).toString('base64url');
  const text = changes.text ?? (channel === 'voice' ? SPOKEN : textOf(id));
  const script: CallScript = { text, locale: 'en', farewell: FAREWELL };
  const told = gateway.webhook
    ? { webhookUrl: reception.messageUrl(id), answerUrl: reception.answerUrl(id, script) }
    : {};
  return {
    ...{ id, channel, text, to: vendor.numbers.taken, locale: 'en', expiresAt: now + 300_000 },
    ...(told.webhookUrl ? { webhookUrl: told.webhookUrl } : {}),
    ...(channel === 'voice'
      ? {
          call: {
            invitation: INVITATION,
            farewell: FAREWELL,
            ...(told.answerUrl ? { answerUrl: told.answerUrl } : {}),
          },
        }
      : {}),
    ...changes,
  };
}

/** A text that no other message has. */
const textOf = (id: string): string =>
  `${CODE} is your code, canary ${id.slice(0, 6)}\n\n@login.example #${CODE}`;
