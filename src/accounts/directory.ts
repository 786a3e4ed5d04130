import { hash } from 'node:crypto';
import { SekishoError } from '../errors.ts';
import type { Account, Accounts, NewAccount } from '../ports/accounts.ts';
import type { Clock } from '../ports/clock.ts';
import { type Json, key, type Store } from '../ports/store.ts';
import { typedText } from '../typed-text.ts';
import { type HashQueue, processQueue } from './hash-queue.ts';
import { hashPassword, nobodysHash, verifyPassword } from './password.ts';

type AccountRecord = {
  accountId: string;
  login: string;
  name: string | null;
  passwordHash: string;
  /** Milliseconds since the epoch. */
  createdAt: number;
};

/** What a host's accounts have, and what the command line does beside it. */
export interface Directory extends Accounts {
  /** Gives an account another password; whoever calls it ends the sessions. False where there is no such account. */
  changePassword(login: string, passwordHash: string): Promise<boolean>;
}

/**
 * The built-in users of the server, kept in the Store. An account lies under its login, so that taking the name and
 * making the account are one atomic step; a pointer leads there from the account id.
 *
 * @param queue Where passwords wait to be hashed; that of the process unless said.
 */
export function createDirectory({
  store,
  clock,
  queue = processQueue,
}: {
  store: Store;
  clock: Clock;
  queue?: HashQueue;
}): Directory {
  const readByLogin = async (login: string) =>
    (await store.get(recordKey(login), clock.now())) as AccountRecord | undefined;

  async function find(accountId: string): Promise<Account | undefined> {
    const login = await store.get(pointerKey(accountId), clock.now());
    const record = typeof login === 'string' ? await readByLogin(login) : undefined;
    // A pointer whose account never came to be may lead to somebody who took the name since.
    return record?.accountId === accountId ? asAccount(record) : undefined;
  }

  async function create({ accountId, login, name, passwordHash }: NewAccount): Promise<Account> {
    const now = clock.now();
    const record: AccountRecord = { accountId, login, name: name ?? null, passwordHash, createdAt: now };
    await store.put(pointerKey(accountId), login, null, now);
    if (await store.add(recordKey(login), record as Json, null, now)) return asAccount(record);
    await store.delete(pointerKey(accountId));
    throw new SekishoError('login_taken', 'Another account has this login');
  }

  const unknown = nobodysHash();
  async function authenticate(login: string, password: string, from?: string): Promise<Account | undefined> {
    const record = await readByLogin(login);
    // The hash is computed for an unknown login too: nobody can tell one from the other by the time (THR-05).
    const right = await queue.run(from, () => verifyPassword(password, record?.passwordHash ?? unknown));
    return record && right ? asAccount(record) : undefined;
  }

  return {
    find,
    create,
    authenticate,
    hashPassword: (password, from) => queue.run(from, () => hashPassword(password)),
    async findByLogin(login) {
      const record = await readByLogin(login);
      return record && asAccount(record);
    },
    async changePassword(login, passwordHash) {
      const record = await readByLogin(login);
      if (record) await store.put(recordKey(login), { ...record, passwordHash } as Json, null, clock.now());
      return record !== undefined;
    },
  };
}

/** Logins that a person would call the same: case, width, blanks around it and what nobody sees do not matter. */
export const comparableLogin = (login: string): string => typedText(login).toLowerCase().normalize('NFKC');

const recordKey = (login: string) => key(digest(`login ${comparableLogin(login)}`), 'account');
const pointerKey = (accountId: string) => key(digest(`account ${accountId}`), 'login');

/** A name for a record that does not show what it is made of. */
const digest = (text: string): string => hash('sha256', text, 'base64url').slice(0, 22);

function asAccount({ accountId, login, name }: AccountRecord): Account {
  return {
    accountId,
    login,
    // Names that were cut in half by earlier versions lie here still; strict readers of JSON refuse them (lesson 33).
    ...(name === null ? {} : { name: name.toWellFormed() }),
    ...(login.includes('@') ? { email: login } : {}),
  };
}
