import type { Script } from './script.ts';

// The uses under a limit are a sorted set: the score is the time, the member '<time>:<n>' with n from 0 for uses in one
// millisecond, so that uses at the same time count each.

/**
 * Records one use, or says when there is room (THR-03). A use at t counts until t + window, that moment excluded.
 * KEYS: uses. ARGV: now, milliseconds to keep, number of windows, then window and max of each, then the pauses.
 * Result: {1}, or {0, reason, retryAt}.
 */
export const RESERVE: Script = {
  name: 'sekishoReserve',
  keys: 1,
  timed: true,
  lua: `
local NEVER = 8640000000000000
local now, count = tonumber(ARGV[1]), tonumber(ARGV[3])
local longest, room = 0, now
-- Once and for all: counted as of now at each request, a use from the future would stay one of now.
local future = string.format('(%.0f', now + TOLERANCE)
for _, use in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], future, '+inf')) do
  redis.call('ZREM', KEYS[1], use)
  redis.call('ZADD', KEYS[1], ARGV[1], ARGV[1] .. ':' .. redis.call('ZCOUNT', KEYS[1], ARGV[1], ARGV[1]))
end
for i = 1, count do
  local window, max = tonumber(ARGV[2 + 2 * i]), tonumber(ARGV[3 + 2 * i])
  if window > longest then longest = window end
  if max < 1 then
    room = NEVER
  else
    local blocking = redis.call('ZREVRANGE', KEYS[1], max - 1, max - 1, 'WITHSCORES')[2]
    if blocking and tonumber(blocking) + window > room then room = tonumber(blocking) + window end
  end
end

local ready, before = room, 3 + 2 * count
local pauses = #ARGV - before
if count > 0 and pauses > 0 then
  local window = tonumber(ARGV[4])
  local from = string.format('(%.0f', room - window)
  local found = redis.call('ZRANGEBYSCORE', KEYS[1], from, '+inf', 'WITHSCORES')
  local uses = #found / 2
  local latest = tonumber(found[#found])
  for i = 1, uses do
    local leaves = tonumber(found[2 * i]) + window
    if leaves > ready then
      local over = latest + tonumber(ARGV[before + math.min(uses - i + 1, pauses)])
      if over < leaves then
        if over > ready then ready = over end
        break
      end
      ready = leaves
    end
  end
end
if ready > now then return {0, room > now and 'window' or 'cooldown', ready} end

local same = redis.call('ZCOUNT', KEYS[1], ARGV[1], ARGV[1])
redis.call('ZADD', KEYS[1], ARGV[1], ARGV[1] .. ':' .. same)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', string.format('%.0f', now - longest))
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return {1}
`,
};

/**
 * Takes back one use. Of several in one millisecond it takes the one with the highest number, so that the numbers stay
 * without gaps and the next use does not overwrite one. KEYS: uses. ARGV: time of the use. Result: nothing.
 */
export const RELEASE: Script = {
  name: 'sekishoRelease',
  keys: 1,
  lua: `
local same = redis.call('ZCOUNT', KEYS[1], ARGV[1], ARGV[1])
if same > 0 then redis.call('ZREM', KEYS[1], ARGV[1] .. ':' .. same - 1) end
`,
};
