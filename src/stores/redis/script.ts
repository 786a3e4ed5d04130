import type { Cluster, Redis } from 'ioredis';
import { CLOCK_TOLERANCE_MS } from '../../ports/clock.ts';
import { GUARD } from './guard.ts';

/** One atomic step in Lua. Redis runs it whole, and nothing else meanwhile. */
export interface Script {
  /** Name of the command it becomes. */
  name: string;
  keys: number;
  /** It decides by the caller's time, which is its first argument, and is held to the guard (guard.ts). */
  timed?: boolean;
  lua: string;
}

type Defined = Record<string, (...args: (string | number)[]) => Promise<unknown>>;

/** Teaches the client a script: sent by its digest, and whole where the server does not know it (EVALSHA, EVAL). */
export function define(client: Redis | Cluster, scripts: readonly Script[]): void {
  for (const { name, keys, lua, timed } of scripts)
    client.defineCommand(name, { numberOfKeys: keys, lua: `${PROLOGUE}${timed ? GUARD : ''}${lua}` });
}

/** What every script may use. */
const PROLOGUE = `local TOLERANCE = ${CLOCK_TOLERANCE_MS}\n`;

export function call(
  client: Redis | Cluster,
  script: Script,
  keys: readonly string[],
  args: readonly (string | number)[],
): Promise<unknown> {
  return (client as unknown as Defined)[script.name]!(...keys, ...args);
}
