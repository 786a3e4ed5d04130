import { SekishoError } from '../../errors.ts';
import { OTHER_MASTER } from './guard.ts';
import type { Link } from './link.ts';

/** What to check, by what Redis or the connection says. The first that fits is told. */
const ADVICE: readonly [RegExp, string][] = [
  [/READONLY/, 'This is a read-only replica: name the master, the Sentinels or the cluster'],
  [/^OOM|OOM command/, 'Redis is out of memory: raise maxmemory or remove what others keep there'],
  [
    /NOAUTH|WRONGPASS|NOPERM/,
    'Check the username and password, and that the user may run scripts on these keys',
  ],
  [/MISCONF/, 'Redis cannot write to its disk: check that there is room'],
  [/SEKISHOCLOCK/, 'Turn on time synchronisation (NTP), here and where Redis runs'],
  [/replicas have it/, 'Check that the replicas follow, or lower waitForReplicas'],
  [/CLUSTERDOWN/, 'A part of the cluster is down: check "CLUSTER INFO"'],
  [/certificate|SSL|TLS/i, 'Check the options under tls'],
];
const REACHABLE = 'Check that it is up and can be reached from here';

/**
 * Turns whatever was thrown into the one error of a store. The cause is a plain copy: ioredis hangs the arguments of the
 * command on its errors, so a password or a digest would end in a log (LOG-02).
 */
export function failure(
  operation: string,
  cause: unknown,
  link: Pick<Link, 'address' | 'secrets'>,
): SekishoError {
  if (cause instanceof SekishoError) return cause;
  const reason = cleaned(cause, link.secrets);
  const advice = ADVICE.find(([pattern]) => pattern.test(reason))?.[1] ?? REACHABLE;
  return new SekishoError(
    'store_unavailable',
    `Redis at ${link.address} failed in "${operation}": ${reason}. ${advice}.`,
    {
      cause: copyOf(cause, reason),
    },
  );
}

/** Gives up on `work` after so many milliseconds; what was sent may still happen (OPS-01: the caller is told "no"). */
export function within<T>(milliseconds: number, work: Promise<T>): Promise<T> {
  // One promise and no race: this runs for every command.
  return new Promise<T>((resolve, reject) => {
    const late = () => reject(new Error(`no answer within ${milliseconds} ms`));
    const timer = setTimeout(late, milliseconds);
    work.then(
      (value) => {
        clearTimeout(timer);
        resolve(value);
      },
      (error) => {
        clearTimeout(timer);
        reject(error);
      },
    );
  });
}

/** Whether a script found a server that it was not told of. It did nothing. */
export function isOtherMaster(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith(OTHER_MASTER);
}

/** Whether a node of a cluster refused because the slot is elsewhere. Such a command did nothing. */
export function isMoved(error: unknown): boolean {
  return error instanceof Error && /^(MOVED|ASK|TRYAGAIN) /.test(error.message);
}

/** A command that the server refuses says nothing about the settings; a server that does not answer is a failure. */
export async function refusedAs<T>(value: T, reply: Promise<T>): Promise<T> {
  return reply.catch((error: Error) => {
    if (/^(NOPERM|ERR unknown (sub)?command)/i.test(error.message)) return value;
    throw error;
  });
}

function cleaned(cause: unknown, secrets: readonly string[]): string {
  const text = cause instanceof Error ? cause.message : String(cause);
  // "ERR unknown command 'HELLO', with args beginning with: …": those arguments may be the password.
  const [start = ''] = text.split(', with args');
  return secrets.reduce((clean, secret) => clean.replaceAll(secret, '***'), start).replace(/\.$/, '');
}

function copyOf(cause: unknown, reason: string): Error {
  const copy = new Error(reason);
  if (!(cause instanceof Error)) return copy;
  copy.name = cause.name;
  return Object.assign(copy, 'code' in cause ? { code: cause.code } : {});
}
