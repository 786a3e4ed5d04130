import { createHmac, createSecretKey, hash, hkdfSync, type KeyObject } from 'node:crypto';

/** What one secret is turned into. Each use has a key of its own, so that no output of one can stand in for another. */
export interface KeySet {
  /** Short public name of the secret, stored beside what it sealed. */
  id: string;
  /** Derives codes (OTP-10). */
  otp: KeyObject;
  /** AES-256-GCM for phone numbers (PRV-01). */
  seal: KeyObject;
  /** HMAC for the number index (PRV-02). */
  index: KeyObject;
  /** HMAC for form tokens (WEB-08). */
  form: KeyObject;
  /** HMAC for the secrets in webhook addresses (GWY-03). */
  hook: KeyObject;
}

/** All secrets, the newest first. New things use `current`; old ones name the key they were made with. */
export interface KeyRing {
  current: KeySet;
  all: readonly KeySet[];
  /** The set with this id, or undefined when its secret was taken out of the configuration. */
  byId(id: string): KeySet | undefined;
}

/**
 * Derives every key once, as KeyObjects: Node converts a Buffer key anew on each call, at five times the cost.
 *
 * @param secrets base64url, at least 32 bytes each, the newest first.
 */
export function createKeyRing(secrets: readonly string[]): KeyRing {
  const all = secrets.map(deriveKeys);
  const byId = new Map(all.map((set) => [set.id, set]));
  return { current: all[0]!, all, byId: (id) => byId.get(id) };
}

function deriveKeys(secret: string): KeySet {
  const input = Buffer.from(secret, 'base64url');
  const derive = (use: string) => Buffer.from(hkdfSync('sha256', input, '', `sekisho ${use} v1`, 32));
  const keyFor = (use: string) => createSecretKey(derive(use));
  return {
    id: derive('key id').subarray(0, 6).toString('base64url'),
    otp: keyFor('one-time code'),
    seal: keyFor('number at rest'),
    index: keyFor('number index'),
    form: keyFor('form token'),
    hook: keyFor('webhook address'),
  };
}

/** HMAC-SHA-256 as base64url. */
export function mac(secret: KeyObject, text: string): string {
  return createHmac('sha256', secret).update(text).digest('base64url');
}

/** SHA-256 as base64url, cut to 128 bits: names for records, so that no id of a session stands in the store. */
export function digest(text: string): string {
  return hash('sha256', text, 'base64url').slice(0, 22);
}
