import type { Store } from '../../ports/store.ts';
import { keepFor } from './expiry.ts';
import type { Link } from './link.ts';
import { JOIN, LEAVE } from './set-scripts.ts';

type SetMethods = Pick<Store, 'join' | 'leave' | 'members'>;

/** Sets with a cap and an expiry. */
export function sets({ commands, name, run }: Link): SetMethods {
  return {
    join: async (key, member, cap, expiresAt, now) =>
      (await run(JOIN, [key], [now, member, cap, expiresAt ?? '', keepFor(expiresAt, now)])) === 1,
    async leave(key, member) {
      await run(LEAVE, [key], [member]);
    },
    async members(key, now) {
      const { e = '', ...fields } = await commands.hgetall(name(key));
      if (e !== '' && Number(e) <= now) return [];
      return Object.keys(fields).map((field) => field.slice('m:'.length));
    },
  };
}
