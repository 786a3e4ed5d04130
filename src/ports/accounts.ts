/**
 * The host's users. A plugin host needs none of this for the second factor alone: Sekisho knows accounts by their id.
 * `find` and `create` are needed for sign-up; `authenticate` only by the standalone server.
 */
export interface Accounts {
  /** The account, or undefined. */
  find(accountId: string): Promise<Account | undefined>;
  /** The account that owns this login name or e-mail, compared as the directory compares; undefined when free. */
  findByLogin(login: string): Promise<Account | undefined>;
  /**
   * Makes the account. Called once the phone number is proved, never before. `passwordHash` is what `hashPassword`
   * returned. Rejects with code `login_taken` when the name was taken meanwhile.
   */
  create(account: NewAccount): Promise<Account>;
  /**
   * Turns a password into what `create` stores. The clear password is not kept anywhere. Rejects with code `busy` when too
   * many wait.
   *
   * @param from Where the request comes from, as limits count it (an IPv4 address or an IPv6 /48), so that one address does
   *   not keep all others waiting; undefined when it is unknown.
   */
  hashPassword(password: string, from?: string): Promise<string>;
  /**
   * The account when the password is right; the same time is spent for an unknown login (THR-05). Rejects with code `busy`
   * when too many wait.
   *
   * @param from As for `hashPassword`.
   */
  authenticate(login: string, password: string, from?: string): Promise<Account | undefined>;
}

export interface Account {
  accountId: string;
  login: string;
  name?: string;
  email?: string;
}

export interface NewAccount {
  accountId: string;
  login: string;
  name?: string;
  passwordHash: string;
}
