import { randomUUID } from 'node:crypto';
import type { Purpose } from '../events.ts';
import type { Gateway, SendOutcome } from '../ports/gateway.ts';
import { type Channel, type Json, key } from '../ports/store.ts';
import type { Core } from './core.ts';
import { maskPhone } from './phone.ts';
import { within } from './risk.ts';

/** How far a message got, for the page. */
export interface Delivery {
  state: 'sending' | SendOutcome['outcome'];
  channel: Channel;
  at: number;
}

export interface Letter {
  e164: string;
  code: string;
  channel: Channel;
  purpose: Purpose;
  locale: string;
  /** Where the outcome is noted. */
  tag: string;
  challengeId: string;
}

/** A gateway that has not answered by then is left alone; what it was given may still arrive (GWY-02). */
const PATIENCE = 8000;
const KEPT = 3_600_000;

const deliveryKey = (tag: string, challengeId: string) => key(tag, 'delivery', challengeId);

/**
 * Hands a code to the gateway after the response went out (THR-06): the page never waits for a vendor. The challenge is
 * on record already, so nothing is sent that nobody counted (OPS-01).
 */
export function dispatch(core: Core, gateway: Gateway, letter: Letter): void {
  core.background('dispatch', async () => {
    const outcome = await handOver(gateway, letter, compose(core, letter));
    const at = core.clock.now();
    core.emit({
      type: 'delivery.finished',
      channel: letter.channel,
      number: maskPhone(letter.e164),
      gateway: gateway.name,
      outcome: outcome.outcome,
      ...(outcome.outcome === 'rejected' ? { class: outcome.class } : {}),
    });
    const delivery: Delivery = { state: outcome.outcome, channel: letter.channel, at };
    await core.store.put(deliveryKey(letter.tag, letter.challengeId), { ...delivery } as Json, at + KEPT);
  });
}

async function handOver(gateway: Gateway, letter: Letter, text: string): Promise<SendOutcome> {
  const message = { id: randomUUID(), to: letter.e164, channel: letter.channel, text, locale: letter.locale };
  try {
    return await within(PATIENCE, gateway.send(message));
  } catch {
    return { outcome: 'ambiguous' }; // its words may hold the number or the text, so they are not passed on (LOG-02)
  }
}

/** How the last message got on; `sending` while the gateway has not answered. */
export async function readDelivery(core: Core, tag: string, challengeId: string): Promise<Delivery['state']> {
  const record = await core.store.get(deliveryKey(tag, challengeId), core.clock.now());
  return (record as unknown as Delivery | undefined)?.state ?? 'sending';
}

/**
 * The words of a message (OTP-17). An SMS ends with the line that binds the code to our host, so that a phone offers it
 * on no other site; nothing that comes from a request is in the text.
 */
function compose(core: Core, { code, channel, purpose, locale }: Letter): string {
  const { brand, code: settings, issuer } = core.options;
  const values = { service: plain(brand.name), minutes: Math.floor(settings.ttl / 60) };
  if (channel === 'voice') {
    const digits = [...code].map((digit) => core.texts.say(locale, `voice.digit.${digit}`)).join(', ');
    return core.texts.say(locale, `voice.${purpose}`, { ...values, code: digits });
  }
  const words = core.texts.say(locale, `sms.${purpose}`, { ...values, code });
  return `${words}\n\n@${new URL(issuer).hostname} #${code}`;
}

/** A name without line breaks, controls, direction marks and the signs an origin-bound line starts with (attack 13). */
function plain(name: string): string {
  return name
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}@#]/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, 40);
}
