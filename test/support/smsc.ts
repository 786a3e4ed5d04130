import { createSmppGateway } from '../../src/gateways/smpp.ts';
import type { Gateway, GatewayEvent, Link, OutboundMessage, SendOutcome } from '../../src/ports/gateway.ts';
import { type Simulator, startSimulator } from '../../src/simulator/simulator.ts';
import {
  SMSC_CREDENTIALS,
  type Smsc,
  type SmscSettings,
  startSmscSimulator,
} from '../../src/simulator/smpp.ts';

/** An SMSC, a gateway that is connected to it, and what the gateway told. */
export interface AtSmsc {
  simulator: Simulator;
  smsc: Smsc;
  gateway: Gateway;
  events: GatewayEvent[];
  /** How it said that its connection stands. */
  links: Link[];
  /** Sends a text; to a number that is delivered unless said. */
  send(changes?: Partial<OutboundMessage>, signal?: AbortSignal): Promise<SendOutcome>;
  /** Every text as the phones got it. */
  texts(): string[];
  close(): Promise<void>;
}

let ids = 0;
export const smsMessage = (now: number, changes: Partial<OutboundMessage> = {}): OutboundMessage => {
  ids += 1;
  return {
    id: String(ids).padStart(22, '0'),
    ...{ to: '+819012345678', channel: 'sms', text: '482913 is your code', locale: 'en' },
    expiresAt: now + 300_000,
    ...changes,
  };
};

/** Settings of a gateway for that SMSC; quick about everything. */
export const smppSettings = ({ port }: { port: number }, changes: object = {}) => ({
  ...SMSC_CREDENTIALS,
  ...{ host: '127.0.0.1', port, tls: false, insecure: true, sender: 'Sekisho' },
  ...{ reconnectDelay: 10, responseTimeout: 2000, connectTimeout: 1000 },
  ...changes,
});

/** @param settings Of the gateway. @param own Of the SMSC. */
export async function startAtSmsc(
  settings: object = {},
  own: Omit<Partial<SmscSettings>, 'simulator'> = {},
): Promise<AtSmsc> {
  const simulator = await startSimulator({ vendors: [], virtualTime: true });
  const smsc = await startSmscSimulator({ simulator, ...own });
  const gateway = createSmppGateway(smppSettings(smsc, settings));
  const events: GatewayEvent[] = [];
  const links: Link[] = [];
  gateway.listen!(
    async (told) => void events.push(...told),
    (link) => void links.push(link),
  );
  return {
    ...{ simulator, smsc, gateway, events, links },
    send: (changes, signal = AbortSignal.timeout(8000)) =>
      gateway.send(smsMessage(simulator.now(), changes), { now: simulator.now(), signal }),
    texts: () => simulator.messages().map(({ text }) => text),
    async close() {
      await gateway.close!();
      await smsc.close();
      await simulator.close();
    },
  };
}

/** Waits until something holds, for a second or two. */
export async function until(holds: () => boolean, what: string): Promise<void> {
  const end = performance.now() + 3000;
  while (!holds()) {
    if (performance.now() > end) throw new Error(`it never came: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
