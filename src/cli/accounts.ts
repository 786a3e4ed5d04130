import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import { createDirectory, type Directory } from '../accounts/directory.ts';
import type { Account } from '../ports/accounts.ts';
import type { Store } from '../ports/store.ts';
import { followStore } from '../sekisho/store-clock.ts';
import { createSekisho, type Sekisho } from '../sekisho.ts';
import { placeholders } from '../server/config/gateways.ts';
import { loadConfig, parseConfig, type ServerConfig, sekishoOptions } from '../server/config.ts';
import { keyFileIn, parseKeys, readKeyFile } from '../server/keys/file.ts';
import { checkLogin, checkPassword } from '../server/new-account.ts';
import { openNotices, openStore } from '../server/parts.ts';
import { readPlugins } from '../server/plugins.ts';
import type { Typed } from './commands.ts';
import { readPassword } from './password.ts';
import { noMoreWords, textOf } from './typed.ts';
import { UsageError } from './usage.ts';

interface Office {
  config: ServerConfig;
  store: Store;
  accounts: Directory;
}

type Action = (office: Office, login: string, json: boolean) => Promise<string>;
const ACTIONS: Readonly<Record<string, Action>> = {
  add,
  show,
  'set-password': setPassword,
  'end-sessions': endSessions,
  'reset-phone': resetPhone,
  'resume-sms': resumeSms,
};

/** `sekisho accounts …`. The embedded store serves one process: the server has to be stopped meanwhile. */
export async function accounts({ options, words: [name = '', login = '', ...more] }: Typed): Promise<number> {
  const action = Object.hasOwn(ACTIONS, name) ? ACTIONS[name] : undefined;
  if (!action || login === '')
    throw new UsageError(
      'accounts takes add, show, set-password, end-sessions, reset-phone or resume-sms, and a LOGIN. See: sekisho --help',
    );
  const json = options['json'] === true;
  if (json && name !== 'show') throw new UsageError('--json is for accounts show');
  noMoreWords(more);
  const config = configOf(textOf(options['config']), textOf(options['data']));
  const store = await openStore(config, readPlugins(config.plugins, config.folder));
  try {
    const directory = createDirectory({ store, clock: await followStore(store) });
    process.stdout.write(`${await action({ config, store, accounts: directory }, login, json)}\n`);
    return 0;
  } finally {
    await store.close();
  }
}

/** Without a configuration it is about the database in the data folder, as the demo has it. */
function configOf(file: string | undefined, data: string | undefined): ServerConfig {
  const config =
    file === undefined && process.env['SEKISHO_ISSUER'] === undefined
      ? parseConfig({ issuer: 'http://localhost', gateway: { type: 'handset' }, countries: ['JP'] }, PLAIN)
      : loadConfig(file);
  return data === undefined ? config : { ...config, data: resolve(data) };
}
const PLAIN = { folder: process.cwd(), production: false };

async function add({ config, accounts: directory }: Office, login: string): Promise<string> {
  if (/[\s\p{C}]/u.test(login) || login.length < 3 || login.length > 254) {
    throw new UsageError('LOGIN has 3 to 254 characters, and no blanks');
  }
  checkLogin(login);
  const password = await newPassword(config, login);
  if (await directory.findByLogin(login)) throw new UsageError(`${login} is there already`);
  const passwordHash = await directory.hashPassword(password);
  const { accountId } = await directory.create({ accountId: randomUUID(), login, passwordHash });
  return `Added ${login} as ${accountId}. The first sign-in binds a number.`;
}

async function newPassword(config: ServerConfig, login: string): Promise<string> {
  const password = await readPassword();
  checkPassword(config, login, password);
  return password;
}

/** Whoever knew the old one is out: sessions end after the change, so that none begins with it in between (SES-11). */
async function setPassword(office: Office, login: string): Promise<string> {
  await accountOf(office, login);
  const { accounts: directory } = office;
  await directory.changePassword(
    login,
    await directory.hashPassword(await newPassword(office.config, login)),
  );
  return `${login} has a new password. ${await endSessions(office, login)}`;
}

async function endSessions(office: Office, login: string): Promise<string> {
  const count = await withAccount(office, login, (sekisho, id) => sekisho.endSessions(id));
  return `${login} is signed out everywhere; sessions ended: ${count}. The number stays.`;
}

/**
 * What the desk may know before it does anything; nothing of it lets anybody in. Events name accounts by id, so an id will do
 * here; where something is changed it will not, for a person may have chosen the id of another as login.
 */
async function show({ accounts: directory, ...rest }: Office, named: string, json: boolean): Promise<string> {
  const office = { accounts: directory, ...rest };
  const { login } = (await directory.findByLogin(named)) ?? (await directory.find(named)) ?? { login: named };
  const [account, state] = await withAccount(
    office,
    login,
    async (sekisho, id) => [id, await sekisho.describeAccount(id)] as const,
  );
  if (json) return JSON.stringify({ login, account, ...state });
  const { phone, failures, waitsUntil, disabled, trustedBrowsers, known } = state;
  const wait = waitsUntil === null ? '' : `, waits until ${timeOf(waitsUntil)}`;
  const lines = [
    ['login', login],
    ['account', account],
    ['number', phone ? `${phone.number}, since ${timeOf(phone.boundAt)}` : 'none'],
    ...(phone ? [['STOP', phone.stopped ? 'yes: calls only' : 'no']] : []),
    ['wrong codes', `${failures} in a row${disabled ? ', the number must be bound anew' : wait}`],
    ['trusted browsers', String(trustedBrowsers)],
    ...known.map(({ signal, at }) => [`not ${signal}`, `known since a sign-in at ${timeOf(at)}`]),
  ];
  return lines.map(([name, value]) => `${name!.padEnd(18)}${value}`).join('\n');
}

const timeOf = (milliseconds: number): string => new Date(milliseconds).toISOString();

async function resetPhone(office: Office, login: string): Promise<string> {
  const removed = await withAccount(office, login, (sekisho, id) => sekisho.removePhone(id));
  if (!removed) return `${login} had no number.`;
  return `${login} has no number now, and no trusted or known browser. The next sign-in binds a number anew.`;
}

async function resumeSms(office: Office, login: string): Promise<string> {
  const resumed = await withAccount(office, login, (sekisho, id) => sekisho.resumeSms(id));
  return resumed ? `${login} gets text messages again.` : `${login} had not stopped text messages.`;
}

async function accountOf({ accounts: directory }: Office, login: string): Promise<Account> {
  const account = await directory.findByLogin(login);
  if (!account) throw new UsageError(`there is no account ${login}`);
  return account;
}

async function withAccount<T>(
  office: Office,
  login: string,
  work: (sekisho: Sekisho, accountId: string) => Promise<T>,
): Promise<T> {
  const account = await accountOf(office, login);
  const { config, store, accounts: directory } = office;
  const { data, keysText, secrets } = config;
  const keys =
    keysText === undefined ? await readKeyFile(keyFileIn(data)) : parseKeys(keysText, 'SEKISHO_KEYS');
  const sekisho = await createSekisho({
    ...{ ...sekishoOptions(config), production: false, store, accounts: directory },
    ...{ secrets: secrets ?? keys.secrets, gateways: placeholders(config), notices: openNotices(config) },
    log: SILENT,
  });
  const done = await work(sekisho, account.accountId);
  await sekisho.idle();
  return done;
}

const SILENT = { info() {}, warn() {}, error() {} };
