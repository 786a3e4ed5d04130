import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { SekishoError } from '../errors.ts';
import type { KeyRing } from './keys.ts';

/** A phone number at rest: `keyId.iv.ciphertext.tag`, each base64url. */
export type Sealed = string;

/**
 * Encrypts with AES-256-GCM (PRV-01).
 *
 * @param context Who it belongs to and what for. It is not stored: opening under any other context fails, so a
 *   ciphertext moved to another row is worthless.
 */
export function seal(ring: KeyRing, clear: string, context: string): Sealed {
  const iv = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', ring.current.seal, iv);
  cipher.setAAD(Buffer.from(context));
  const body = Buffer.concat([cipher.update(clear, 'utf8'), cipher.final()]);
  return [ring.current.id, ...[iv, body, cipher.getAuthTag()].map((part) => part.toString('base64url'))].join(
    '.',
  );
}

/** @throws SekishoError `store_unavailable` when the key is gone or the data was altered: never a wrong number. */
export function unseal(ring: KeyRing, sealed: Sealed, context: string): string {
  const [id = '', ...parts] = sealed.split('.');
  const keys = ring.byId(id);
  if (!keys) {
    throw new SekishoError(
      'store_unavailable',
      `A number was sealed with secret ${id}. Put it back into secrets`,
    );
  }
  const [iv, body, tag] = parts.map((part) => Buffer.from(part, 'base64url'));
  try {
    const decipher = createDecipheriv('aes-256-gcm', keys.seal, iv!, { authTagLength: 16 });
    decipher.setAAD(Buffer.from(context));
    decipher.setAuthTag(tag!);
    return Buffer.concat([decipher.update(body!), decipher.final()]).toString('utf8');
  } catch (cause) {
    throw new SekishoError('store_unavailable', 'A stored number does not open: it was altered or moved', {
      cause,
    });
  }
}
