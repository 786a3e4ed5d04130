import type { Redis } from 'ioredis';
import type { Key } from '../../ports/store.ts';
import type { Guard } from './guard.ts';
import type { Script } from './script.ts';
import type { Written } from './written.ts';

/** A connection, whatever stands at its other end. */
export interface Link {
  /** The plain commands that are atomic by themselves. */
  commands: Commands;
  /** The name of a key in Redis. */
  name(key: Key): string;
  /** Runs one script on the server; it touches the keys it is given and no other. */
  run(script: Script, keys: readonly Key[], args: readonly (string | number)[]): Promise<unknown>;
  /** Every node that takes writes. */
  masters(): Redis[];
  isCluster: boolean;
  guard: Guard;
  written: Written;
  /** Throws unless as many replicas as the options ask for have what was just written under the key. */
  replicated(key: Key): Promise<void>;
  /** How many those are. */
  replicas: number;
  /** Asks the cluster anew which node holds what; nothing to do elsewhere. */
  refresh(): Promise<void>;
  close(): Promise<void>;
  commandTimeoutMs: number;
  /** Hosts and ports, for messages. */
  address: string;
  /** What must never stand in a message. */
  secrets: readonly string[];
}

/** The part of ioredis that a node and a cluster have in common and that is used here. */
export interface Commands {
  get(key: string): Promise<string | null>;
  set(key: string, value: string): Promise<unknown>;
  set(key: string, value: string, px: 'PX', milliseconds: number): Promise<unknown>;
  del(key: string): Promise<number>;
  hgetall(key: string): Promise<Record<string, string>>;
  hmget(key: string, ...fields: string[]): Promise<(string | null)[]>;
}
