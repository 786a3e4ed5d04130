import type { Script } from './script.ts';

// A challenge is a hash: data (JSON), status, generation, issuedAt, sentAt, expiresAt, keepUntil, tries, sends, channel,
// term (guard.ts).

/**
 * Starts a challenge where none lives (OTP-07).
 * KEYS: challenge. ARGV: now, data, expiresAt, keepUntil, channel, milliseconds to keep. Result: 1 or 0.
 */
export const OPEN_CHALLENGE: Script = {
  name: 'sekishoOpenChallenge',
  keys: 1,
  timed: true,
  lua: `
local kept = redis.call('HGET', KEYS[1], 'keepUntil')
if kept and tonumber(kept) > tonumber(ARGV[1]) then return 0 end
if kept then redis.call('DEL', KEYS[1]) end
redis.call('HSET', KEYS[1],
  'data', ARGV[2], 'status', 'live', 'generation', 1, 'issuedAt', ARGV[1], 'sentAt', ARGV[1], 'expiresAt', ARGV[3],
  'keepUntil', ARGV[4], 'tries', 0, 'sends', 1, 'channel', ARGV[5], 'term', TERM)
redis.call('PEXPIRE', KEYS[1], ARGV[6])
return 1
`,
};

/** Kills a challenge. KEYS: challenge. ARGV: none. Result: nothing. */
export const CLOSE_CHALLENGE: Script = {
  name: 'sekishoCloseChallenge',
  keys: 1,
  lua: `
if redis.call('EXISTS', KEYS[1]) == 1 then redis.call('HSET', KEYS[1], 'status', 'closed') end
`,
};

/**
 * Registers another send: the same code in the first half of its life, a new one later (OTP-09). Tries are never given
 * back (OTP-04).
 * KEYS: challenge. ARGV: now, ttl of a new code, maxSends, maxTries, channel, least milliseconds to keep, sends
 * before a send that nobody pressed for, or nothing. Result: {0, reason}, or {1, generation, expiresAt, sends, rotated}.
 */
export const RESEND: Script = {
  name: 'sekishoResend',
  keys: 1,
  timed: true,
  lua: `
local now = tonumber(ARGV[1])
local state = redis.call('HMGET', KEYS[1],
  'status', 'tries', 'sends', 'generation', 'issuedAt', 'expiresAt', 'keepUntil', 'term')
local status, tries, sends = state[1], tonumber(state[2] or 0), tonumber(state[3] or 0)
local generation, issuedAt, expiresAt = tonumber(state[4] or 0), tonumber(state[5] or 0), tonumber(state[6] or 0)
local keepUntil = tonumber(state[7] or 0)
if not status or keepUntil <= now then return {0, 'unknown'} end
if status ~= 'live' or tries >= tonumber(ARGV[4]) then return {0, 'spent'} end
if sends >= tonumber(ARGV[3]) then return {0, 'sends'} end
local byItself = ARGV[7] ~= ''
local over = now >= expiresAt or issuedAt > now + TOLERANCE or (state[8] and state[8] ~= TERM)
if byItself and (over or sends ~= tonumber(ARGV[7])) then return {0, 'spent'} end

local rotated = not byItself and (over or now - issuedAt > (expiresAt - issuedAt) / 2)
redis.call('HSET', KEYS[1], 'sends', sends + 1, 'sentAt', ARGV[1], 'channel', ARGV[5])
if rotated then
  local ends = now + tonumber(ARGV[2])
  -- The record outlives the new code by as much as it would have outlived the old one.
  keepUntil = keepUntil + ends - expiresAt
  generation, expiresAt = generation + 1, ends
  redis.call('HSET', KEYS[1], 'generation', generation, 'issuedAt', ARGV[1], 'term', TERM,
    'expiresAt', string.format('%.0f', expiresAt), 'keepUntil', string.format('%.0f', keepUntil))
  redis.call('PEXPIRE', KEYS[1], string.format('%.0f', math.max(tonumber(ARGV[6]), keepUntil - now)))
end
return {1, generation, expiresAt, sends + 1, rotated and 1 or 0}
`,
};
