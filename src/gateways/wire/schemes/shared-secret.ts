import { equalText } from '../../../equal-text.ts';
import { anyOf, createScheme, demand, type Scheme, takeHeader } from './scheme.ts';

/*
 * Two ways to show a secret with a webhook. They prove who calls, not what is said, and nothing names a delivery: whoever
 * reads one request can make others.
 */

/**
 * HTTP Basic (RFC 7617): `Authorization: Basic`, with name and password that were given to the vendor.
 *
 * @param passwords The newest first.
 */
export function basicScheme({ user, passwords }: { user: string; passwords: readonly string[] }): Scheme {
  return createScheme((request) => {
    const given = takeHeader(request, 'authorization');
    const [, credentials] = /^Basic ([A-Za-z0-9+/=]+)$/i.exec(given) ?? [];
    demand(credentials !== undefined);
    demand(anyOf(passwords, (password) => equalText(encode(user, password), credentials!)));
    return undefined;
  });
}

/** The value of `Authorization` for a name and a password. */
export const signBasic = (user: string, password: string): string => `Basic ${encode(user, password)}`;

const encode = (user: string, password: string): string =>
  Buffer.from(`${user}:${password}`, 'utf8').toString('base64');

/**
 * A header of the vendor's choice that holds a secret.
 *
 * @param name Lower case.
 * @param values Whole values of the header, the newest first.
 */
export function headerScheme({ name, values }: { name: string; values: readonly string[] }): Scheme {
  return createScheme((request) => {
    const given = takeHeader(request, name);
    demand(anyOf(values, (value) => equalText(value, given)));
    return undefined;
  });
}
