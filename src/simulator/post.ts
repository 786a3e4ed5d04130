import { isIP } from 'node:net';
import { Agent, request } from 'undici';
import type { SimClock } from './clock.ts';
import type { SimCallback, SimReply } from './stand-in.ts';

/** A webhook that was posted, or was to be. */
export interface PostedCallback extends SimCallback {
  vendor: string;
  /** What the receiver answered; null where it did not. */
  status: number | null;
  /** Why there is no status: `refused target`, or a word such as ECONNREFUSED. */
  problem?: string;
}

export interface Post {
  /** Posts a webhook; once more, and once more again, where the receiver fails. Resolves after the first attempt. */
  tell(vendor: string, callback: SimCallback): Promise<void>;
  /** Asks what to say in a call. Where nobody answers, that counts as a 502. */
  ask(vendor: string, callback: SimCallback): Promise<SimReply>;
  posted(): readonly PostedCallback[];
  clear(): void;
  close(): Promise<void>;
}

/** Milliseconds between the attempts. */
const RETRIES = [5000, 60_000];
/** Milliseconds a receiver has: what vendors give, roughly. */
const PATIENCE = 10_000;
const MOST_BYTES = 65_536;
const MOST = 10_000;

/**
 * Calls whoever a request or the configuration names, which must be this machine unless it was allowed: the simulator must
 * not be the way into somebody's network.
 *
 * A simulator that others reach must not be their way to what listens on this machine only, either.
 *
 * @param allowTargets Host names that may be called besides this machine.
 * @param reachable Whether others than this machine reach the simulator: then this machine has to be allowed, too.
 */
export function createPost(clock: SimClock, allowTargets: readonly string[], reachable = false): Post {
  const agent = new Agent({ keepAliveTimeout: 1000, connections: 16 });
  const allowed = new Set(allowTargets.map((host) => host.toLowerCase()));
  const isTarget = (host: string) => allowed.has(host) || (!reachable && isLoopback(host));
  const posted: PostedCallback[] = [];
  // What was under way when everything was cleared belongs to no test any more.
  let era = 0;

  const once = async (
    vendor: string,
    callback: SimCallback,
  ): Promise<PostedCallback & { reply?: SimReply }> => {
    const made = { ...callback, headers: { ...callback.headers }, vendor };
    if (!isAllowed(callback.url, isTarget)) return { ...made, status: null, problem: 'refused target' };
    try {
      const reply = await call(agent, callback);
      return { ...made, status: reply.status, reply };
    } catch (error) {
      return { ...made, status: null, problem: wordFor(error) };
    }
  };
  const keep = ({ reply, ...record }: PostedCallback & { reply?: SimReply }) => {
    posted.push(record);
    if (posted.length > MOST) posted.shift();
    return { ...record, reply };
  };
  const attempt = async (vendor: string, callback: SimCallback, retries: readonly number[]) => {
    const mine = era;
    const made = await once(vendor, callback);
    if (mine !== era) return;
    const { status, problem } = keep(made);
    const [wait, ...more] = retries;
    if (wait === undefined || problem === 'refused target' || (status !== null && status < 500)) return;
    clock.at(clock.now() + wait, () => attempt(vendor, callback, more));
  };

  return {
    tell: (vendor, callback) => attempt(vendor, callback, RETRIES),
    async ask(vendor, callback) {
      return keep(await once(vendor, callback)).reply ?? { status: 502, body: '' };
    },
    posted: () => posted.map((one) => ({ ...one, headers: { ...one.headers } })),
    clear() {
      era += 1;
      posted.splice(0);
    },
    close: () => agent.destroy(),
  };
}

/** Nothing but http and https, and nothing but hosts that may be called; no credentials in the address. */
function isAllowed(address: string, isTarget: (host: string) => boolean): boolean {
  if (!URL.canParse(address)) return false;
  const { protocol, hostname, username, password } = new URL(address);
  if (protocol !== 'http:' && protocol !== 'https:') return false;
  if (username !== '' || password !== '') return false;
  return isTarget(hostname);
}

/** Whether a host, as a `URL` writes it or a person does, is this machine. */
export function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[(.*)\]$/, '$1');
  if (isIP(bare) === 4) return bare.startsWith('127.');
  return bare === 'localhost' || bare === '::1';
}

async function call(agent: Agent, { method, url, headers, body }: SimCallback): Promise<SimReply> {
  const answer = await request(url, {
    dispatcher: agent,
    method,
    headers,
    body: method === 'GET' ? null : body,
    signal: AbortSignal.timeout(PATIENCE),
  });
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of answer.body) {
    size += (chunk as Buffer).length;
    if (size > MOST_BYTES) throw Object.assign(new Error('too large'), { code: 'answer_too_large' });
    chunks.push(chunk as Buffer);
  }
  return {
    status: answer.statusCode,
    headers: Object.fromEntries(
      Object.entries(answer.headers).map(([name, value]) => [name, [value ?? ''].flat()[0] ?? '']),
    ),
    body: Buffer.concat(chunks).toString('utf8'),
  };
}

function wordFor(error: unknown): string {
  const { code, name } = (error ?? {}) as { code?: unknown; name?: unknown };
  return String(typeof code === 'string' ? code : name).replace(/[^\w.-]/g, '');
}
