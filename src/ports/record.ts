/**
 * Name of a record: `{tag}rest`. Records with the same tag may be touched in one atomic step, and a Redis Cluster keeps
 * them on one node. Made by `key()`; a store treats it as opaque text.
 */
export type Key = `{${string}}${string}`;

/** Builds a key. `tag` must be a digest or an id of ours, never user input. */
export function key(tag: string, ...parts: string[]): Key {
  return `{${tag}}${parts.join(':')}`;
}

/** What a record may hold. */
export type Json = string | number | boolean | null | Json[] | { [name: string]: Json | undefined };
/** A record that several requests may change at once; `rev` starts at 1 and grows by 1. */
export type Versioned = { [name: string]: Json | undefined; rev: number };
