import type { Script } from './script.ts';

// A set is a hash: 'e' holds its expiry ('': none), and each member is a field 'm:<member>'.

/**
 * Adds a member unless the set is full.
 * KEYS: set. ARGV: now, member, cap, expiry ('': none), milliseconds to keep ('': for ever). Result: 1 when it is in.
 */
export const JOIN: Script = {
  name: 'sekishoJoin',
  keys: 1,
  timed: true,
  lua: `
local field, expiry = 'm:' .. ARGV[2], ARGV[4]
local old = redis.call('HGET', KEYS[1], 'e')
if old and old ~= '' and tonumber(old) <= tonumber(ARGV[1]) then
  redis.call('DEL', KEYS[1])
  old = false
end
if redis.call('HEXISTS', KEYS[1], field) == 0 then
  local members = old and redis.call('HLEN', KEYS[1]) - 1 or 0
  if members >= tonumber(ARGV[3]) then return 0 end
end
redis.call('HSET', KEYS[1], field, 1)
local longer = not old or (old ~= '' and (expiry == '' or tonumber(expiry) > tonumber(old)))
if longer then
  redis.call('HSET', KEYS[1], 'e', expiry)
  if ARGV[5] == '' then redis.call('PERSIST', KEYS[1]) else redis.call('PEXPIRE', KEYS[1], ARGV[5]) end
end
return 1
`,
};

/** Removes a member, and the set with the last one. KEYS: set. ARGV: member. Result: nothing. */
export const LEAVE: Script = {
  name: 'sekishoLeave',
  keys: 1,
  lua: `
redis.call('HDEL', KEYS[1], 'm:' .. ARGV[1])
if redis.call('HLEN', KEYS[1]) <= 1 then redis.call('DEL', KEYS[1]) end
`,
};
