import type { ConnectionOptions } from 'node:tls';

export interface RedisAddress {
  host: string;
  port: number;
}

/** Exactly one of `url`, `sentinel` and `cluster` says where Redis is. */
export interface RedisOptions {
  /** `redis://user:password@host:6379/0`, or `rediss://` for TLS. */
  url?: string;
  /** Redis Sentinel: the name of the master group, some Sentinels, and their own password if they have one. */
  sentinel?: { name: string; nodes: readonly RedisAddress[]; password?: string };
  /** Redis Cluster: some of its nodes. */
  cluster?: { nodes: readonly RedisAddress[] };
  /** Starts every key. Default `sekisho:`. No braces. */
  prefix?: string;
  username?: string;
  password?: string;
  /** `true`, or options of `tls.connect`, such as `ca`. */
  tls?: boolean | ConnectionOptions;
  /**
   * Replicas that must have what is written to stay, such as a bound number, before it counts; where fewer have it the
   * binding is refused. Default 0. With a cluster, replicas of each master.
   */
  waitForReplicas?: number;
  /** Milliseconds to wait for a connection. Default 3000. */
  connectTimeoutMs?: number;
  /** Milliseconds after which a call gives up. Default 1000; then "no" is the answer to everything (OPS-01). */
  commandTimeoutMs?: number;
}
