import { equalText } from '../equal-text.ts';
import type { Purpose } from '../events.ts';
import { serviceName } from '../options.ts';
import type { CallScript } from '../ports/gateway.ts';
import type { Core } from './core.ts';
import { mac } from './keys.ts';
import { seal, unseal } from './seal.ts';
import { composeCall, type Wording } from './wording.ts';

/**
 * Addresses for vendors: `{mountPath}/hooks/{gateway}/{token}` for all that a gateway's vendor tells, and
 * `…/{token}/{id}` for one message. The token is 256 bits of HMAC under every secret there is, so that secrets can change
 * while receipts are under way (GWY-03).
 */
const HOOKS = 'hooks';

const tokenText = (gateway: string, id: string | undefined) => JSON.stringify(['hook', gateway, id ?? null]);

function address(core: Core, gateway: string, id?: string): string {
  const { issuer, mountPath, webhooks } = core.options;
  const token = mac(core.ring.current.hook, tokenText(gateway, id));
  const path = [mountPath.slice(1), HOOKS, gateway, token, ...(id === undefined ? [] : [id])].join('/');
  return `${new URL(webhooks.baseUrl ?? issuer).origin}/${path}`;
}

/** Address to enter in the console of a vendor that has one for all messages. It is a secret. */
export const gatewayUrl = (core: Core, gateway: string): string => address(core, gateway);
/** Address for the receipts of one message. */
export const messageUrl = (core: Core, gateway: string, id: string): string => address(core, gateway, id);

/** Whether the token in an address is ours for this gateway and message; constant time for any token. */
export function isOurToken(core: Core, gateway: string, id: string | undefined, token: string): boolean {
  return core.ring.all.map(({ hook }) => equalText(mac(hook, tokenText(gateway, id)), token)).some(Boolean);
}

/** The address as vendors see it, whatever proxies made of it. */
export const externalUrl = (core: Core, pathAndQuery: string): URL =>
  new URL(pathAndQuery, new URL(core.options.webhooks.baseUrl ?? core.options.issuer).origin);

/** What a call is about, as it lies sealed in the address where the vendor asks what to say. */
export interface Spoken {
  code: string;
  purpose: Purpose;
  locale: string;
  expiresAt: number;
}

/**
 * Where a vendor asks for what to say after the key press. The code lies in it sealed, so that it is stored nowhere
 * (OTP-10); without our key it says nothing to the vendor's logs.
 */
export function answerUrl(core: Core, gateway: string, id: string, spoken: Spoken): string {
  const { code, purpose, locale, expiresAt } = spoken;
  const text = JSON.stringify([code, purpose, locale, expiresAt]);
  return `${messageUrl(core, gateway, id)}/answer?s=${seal(core.ring, text, `call ${gateway} ${id}`)}`;
}

/** What a call says, and what it says in place of it once the code is dead. */
export interface Answer {
  script: CallScript;
  dead: CallScript;
  /** When the code dies, unless another one took its place before. */
  expiresAt: number;
}

/** What to say, opened from such an address; undefined when it was altered or moved. */
export function openAnswer(core: Core, gateway: string, id: string, sealed: string): Answer | undefined {
  try {
    const opened = unseal(core.ring, sealed, `call ${gateway} ${id}`);
    const [code, purpose, locale, expiresAt] = JSON.parse(opened) as [string, Purpose, string, number];
    const { text, farewell } = composeCall(wordingOf(core, { code, purpose, locale }));
    const dead = { text: core.texts.say(locale, 'call.expired'), farewell, locale };
    return { script: { text, farewell, locale }, dead, expiresAt };
  } catch {
    return undefined;
  }
}

export function wordingOf(core: Core, about: Pick<Spoken, 'code' | 'purpose' | 'locale'>): Wording {
  const { brand, code } = core.options;
  const { locale, purpose } = about;
  return {
    texts: core.texts,
    ...{ locale, purpose, code: about.code },
    service: serviceName(brand, locale),
    minutes: Math.ceil(code.ttl / 60),
  };
}
