import { generateKeyPairSync, randomBytes } from 'node:crypto';

/** Which of the two systems a server is. */
export type Kind = 'bare' | 'sekisho';
/** Where a server keeps its state. */
export type Place = { sqlite: string } | { redis: string };

/** What a server process is told, as JSON in its first argument. */
export interface ServerSettings {
  kind: Kind;
  place: Place;
  /** Same keys for both systems. */
  keys: Keys;
}

export interface Keys {
  /** RS256 key of the provider, as JWK. */
  signing: object;
  cookie: string;
  /** Secret of Sekisho. */
  secret: string;
}

export const CLIENT = { id: 'app', secret: 'relying-party-secret-relying-party-secret' };
export const REDIRECT_URI = 'http://127.0.0.1:1/cb';
export const PASSWORD = 'correct horse battery staple';
/** Whether the password page computes scrypt (N=16384, r=8), or compares two strings. */
export type Hashing = 'scrypt' | 'none';

/** People who sign in one after the other, each with a number and an address of their own. */
export const PEOPLE = 2000;

export const accountOf = (at: number): string => `person-${at % PEOPLE}`;
export const phoneOf = (at: number): string => `+8190${10_000_000 + (at % PEOPLE)}`;
export const addressOf = (at: number): string => `10.20.${(at % PEOPLE) >> 8}.${(at % PEOPLE) & 255}`;

/** Header with which the driver names a number, and the one that brings its newest code back. */
export const PHONE_HEADER = 'x-bench-phone';
export const CODE_HEADER = 'x-bench-code';

export function makeKeys(): Keys {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return {
    signing: { ...privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'RS256', kid: 'bench' },
    cookie: randomBytes(32).toString('base64url'),
    secret: randomBytes(32).toString('base64url'),
  };
}
