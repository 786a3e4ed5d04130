/** What the launcher tells the command line. */
export interface Launch {
  version: string;
  /** Called once a server answers. */
  ready(): void;
}

/** What was typed after the name of a command. */
export interface Typed {
  options: Record<string, string | boolean | (string | boolean)[] | undefined>;
  words: readonly string[];
  launch: Launch;
}

/** What a command takes, and what runs it. */
export interface Command {
  /** Options that take a value. */
  options: readonly string[];
  /** Options that take a value and can come again and again. */
  lists?: readonly string[];
  /** Options without a value. */
  flags?: readonly string[];
  /** Answers the exit code. */
  run(typed: Typed): Promise<number>;
}

/** Every command. What it needs is imported when it runs: `--help` and `keys` do not wait for the server. */
export const COMMANDS: Readonly<Record<string, Command>> = {
  demo: {
    options: ['port', 'data'],
    run: async (typed) => (await import('./serve.ts')).demo(typed),
  },
  serve: {
    options: ['config'],
    run: async (typed) => (await import('./serve.ts')).serve(typed),
  },
  check: {
    options: ['config'],
    run: async (typed) => (await import('./check.ts')).check(typed),
  },
  webhooks: {
    options: ['config'],
    run: async (typed) => (await import('./webhooks.ts')).webhooks(typed),
  },
  simulate: {
    options: ['port', 'host', 'scenario', 'smpp-port'],
    lists: ['webhook', 'allow-target'],
    flags: ['virtual-time'],
    run: async (typed) => (await import('./simulate.ts')).simulate(typed),
  },
  keys: {
    options: ['data'],
    run: async (typed) => (await import('./keys.ts')).keys(typed),
  },
  store: {
    options: ['config'],
    run: async (typed) => (await import('./store.ts')).store(typed),
  },
  accounts: {
    options: ['config', 'data'],
    flags: ['json'],
    run: async (typed) => (await import('./accounts.ts')).accounts(typed),
  },
};

export const HELP = `Sekisho: a second factor by SMS and voice for OpenID providers

  sekisho demo [--port 3000] [--data ./data]    everything to try it with, in the browser
  sekisho serve [--config FILE]                 the server
  sekisho check [--config FILE]                 what is wrong with a configuration, and what to do

  sekisho webhooks [--config FILE]              addresses to enter at vendors that report all messages to one place

  sekisho simulate [--port 4010]                every vendor's API on this machine, and the phones behind them
                   [--smpp-port 2775]           SMPP as well; 0 for none
                   [--scenario FILE]            what happens to which message; otherwise the number chooses
                   [--webhook VENDOR=URL]       address configured at a vendor for all messages; again for another
                   [--allow-target HOST]        webhooks may go to that host too; to this machine they may unless --host is another
                   [--host 127.0.0.1] [--virtual-time]    see docs/simulator.md

  sekisho keys generate [--data ./data]         makes the key file of a server
  sekisho keys list                             shows which keys there are, and since when
  sekisho keys rotate                           next step of a new signing key; 48 hours lie between the steps
  sekisho keys rotate secrets                   puts a new secret in front, for codes, numbers and forms
  sekisho keys rotate cookies                   puts a new cookie key in front
  sekisho keys secret                           prints a new secret, for the option secrets

  sekisho store show [--config FILE]            the id of the store, and whether it may be believed
  sekisho store confirm [--config FILE]         says that this store is the right one, after it was emptied or lost something

  sekisho accounts add LOGIN                    adds an account; the password comes from standard input
  sekisho accounts show LOGIN [--json]          its account id, the end of its number, STOP, waits, trusted browsers; LOGIN may be an account id
  sekisho accounts set-password LOGIN           a new password, from standard input; ends all sessions
  sekisho accounts end-sessions LOGIN           signs the account out everywhere; the number stays
  sekisho accounts reset-phone LOGIN            takes the number off an account: the next sign-in binds one anew
  sekisho accounts resume-sms LOGIN             takes back that the person answered STOP

keys and accounts take --data, accounts also --config. SEKISHO_ variables go before the configuration file:
SEKISHO_PORT is port, SEKISHO_STORE__FILE is store.file.`;
