import { SekishoError } from '../../src/errors.ts';
import type { Account, Accounts, NewAccount } from '../../src/ports/accounts.ts';

/** Accounts of a host that keeps them itself; passwords are of no interest here. */
export function createAccounts(): Accounts & { all: Map<string, Account & { passwordHash: string }> } {
  const all = new Map<string, Account & { passwordHash: string }>();
  const byLogin = (login: string) =>
    [...all.values()].find((account) => account.login === login.toLowerCase());
  return {
    all,
    find: async (accountId) => all.get(accountId),
    findByLogin: async (login) => byLogin(login),
    async create({ login, ...account }: NewAccount) {
      if (byLogin(login)) throw new SekishoError('login_taken', 'taken');
      const made = { ...account, login: login.toLowerCase() };
      all.set(account.accountId, made);
      return made;
    },
    hashPassword: async (password) => `hash of ${password.length} characters`,
    authenticate: async () => undefined,
  };
}
