import type { Json, Key, RotateOutcome, RotateRequest, RotatingRecord, Store } from '../../ports/store.ts';
import { demandNextRev } from '../shared/revision.ts';
import { keepFor } from './expiry.ts';
import type { Link } from './link.ts';
import { ADD, CONSUME, REPLACE, ROTATE } from './record-scripts.ts';

type RecordMethods = Pick<Store, 'get' | 'put' | 'add' | 'replace' | 'delete' | 'consume' | 'rotate'>;

/** Records under one key each: a string of two lines, a head for the scripts and the JSON as it was written. */
export function records(link: Link): RecordMethods {
  const { commands, name, run } = link;
  return {
    get: async (key, now) => decode(await commands.get(name(key)), now),
    async put(key, value, expiresAt, now) {
      const keep = keepFor(expiresAt, now);
      if (keep !== '') await commands.set(name(key), encode(value, expiresAt), 'PX', keep);
      else {
        await commands.set(name(key), encode(value, expiresAt));
        await toStay(link, key);
      }
    },
    async add(key, value, expiresAt, now) {
      const args = [now, encode(value, expiresAt), keepFor(expiresAt, now)];
      if ((await run(ADD, [key], args)) !== 1) return false;
      // What is refused must not be there at the next try.
      if (expiresAt === null) await toStay(link, key).catch((error) => undo(link, key, error));
      return true;
    },
    async replace(key, value, expectedRev, expiresAt, now) {
      demandNextRev(value, expectedRev);
      const args = [now, encode(value, expiresAt), keepFor(expiresAt, now), expectedRev];
      if ((await run(REPLACE, [key], args)) !== 1) return false;
      if (expiresAt === null) await toStay(link, key);
      return true;
    },
    async delete(key) {
      link.written.forget(name(key));
      return (await commands.del(name(key))) === 1;
    },
    consume: async (key, at, now) => (await run(CONSUME, [key], [now, at])) === 1,
    rotate: (request) => rotate(link, request),
  };
}

async function toStay({ name, written, replicated }: Link, key: Key): Promise<void> {
  await replicated(key);
  written.note(name(key));
}

async function undo({ commands, name }: Link, key: Key, error: unknown): Promise<never> {
  await commands.del(name(key));
  throw error;
}

interface Head {
  /** Expiry; absent: none. */
  e?: number;
  /** Revision, where the record has one. */
  r?: number;
  /** Members that scripts set over those in the JSON. */
  o: { [name: string]: Json };
}

function encode(value: Json, expiresAt: number | null): string {
  const head: Head = { o: {} };
  if (expiresAt !== null) head.e = expiresAt;
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    if (typeof value['rev'] === 'number') head.r = value['rev'];
    if (value['consumed'] !== undefined && value['consumed'] !== null) head.o['consumed'] = value['consumed'];
  }
  return `${JSON.stringify(head)}\n${JSON.stringify(value)}`;
}

function decode(text: string | null, now: number): Json | undefined {
  if (text === null) return undefined;
  const end = text.indexOf('\n');
  const head = JSON.parse(text.slice(0, end)) as Head;
  if (head.e !== undefined && head.e <= now) return undefined;
  const value = JSON.parse(text.slice(end + 1)) as Json;
  return Object.keys(head.o).length === 0 ? value : { ...(value as object), ...head.o };
}

type RotateReply = ['unknown'] | ['rotated' | 'grace' | 'replayed', string, number];

async function rotate({ run }: Link, request: RotateRequest): Promise<RotateOutcome> {
  const { key, now, presented, next, grace } = request;
  const life =
    request.expiresAt === undefined ? ['', ''] : [request.expiresAt, keepFor(request.expiresAt, now)];
  const reply = (await run(ROTATE, [key], [now, presented, next, grace, ...life])) as RotateReply;
  if (reply[0] === 'unknown') return { result: 'unknown' };
  const [result, body, expiresAt] = reply;
  const { data } = JSON.parse(body) as RotatingRecord;
  if (result === 'replayed') return { result, data };
  return { result, data, expiresAt };
}
