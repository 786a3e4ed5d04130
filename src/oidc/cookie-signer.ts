import { createHmac, createSecretKey } from 'node:crypto';
import { equalText } from '../equal-text.ts';

/** Signs cookies: the interface of the package `keygrip`, which the library expects. */
export interface Signer {
  sign(data: string): string;
  verify(data: string, signature: string): boolean;
  /** Which key made the signature, the newest first; -1 for none. */
  index(data: string, signature: string): number;
}

/**
 * A signer the library keeps as it is, so that `attach` knows a provider made from a configuration of ours by it. A class,
 * because the library copies plain objects.
 */
export class CookieSigner implements Signer {
  readonly #signer: Signer;

  /** @param keys A list of keys, the newest first, or a signer of the host's own. */
  constructor(keys: readonly string[] | Signer) {
    this.#signer = 'sign' in keys ? keys : signerOf(keys);
  }
  sign(data: string): string {
    return this.#signer.sign(data);
  }
  verify(data: string, signature: string): boolean {
    return this.#signer.verify(data, signature);
  }
  index(data: string, signature: string): number {
    return this.#signer.index(data, signature);
  }
}

/**
 * The default algorithm of `keygrip`, so that cookies signed before stay valid, with KeyObjects: a sign-in signs about twenty
 * cookies, and Node converts a plain key anew each time.
 */
function signerOf(keys: readonly string[]): Signer {
  const secrets = keys.map((text) => createSecretKey(Buffer.from(text)));
  const signWith = (secret: (typeof secrets)[number], data: string) =>
    createHmac('sha1', secret).update(data).digest('base64url');
  const index = (data: string, signature: string) =>
    secrets.findIndex((secret) => equalText(signWith(secret, data), signature));
  return {
    sign: (data) => signWith(secrets[0]!, data),
    verify: (data, signature) => index(data, signature) >= 0,
    index,
  };
}
