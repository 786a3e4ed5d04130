import type { Script } from './script.ts';

// A record is one string of two lines (records.ts): a small head that scripts read and change, and the JSON as it was
// written. Lua never writes that JSON back: it cannot tell [] from {} and rounds long numbers.

/** Writes a record where none lives. KEYS: record. ARGV: now, text, milliseconds to keep ('': for ever). Result: 1 or 0. */
export const ADD: Script = {
  name: 'sekishoAdd',
  keys: 1,
  timed: true,
  lua: `
local there = redis.call('GET', KEYS[1])
if there then
  local expiry = cjson.decode(string.match(there, '^[^\\n]*')).e
  if not expiry or expiry > tonumber(ARGV[1]) then return 0 end
end
if ARGV[3] == '' then
  redis.call('SET', KEYS[1], ARGV[2])
else
  redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
end
return 1
`,
};

/**
 * Writes a record over the one that has this revision.
 * KEYS: record. ARGV: now, text, milliseconds to keep ('': for ever), revision. Result: 1 or 0.
 */
export const REPLACE: Script = {
  name: 'sekishoReplace',
  keys: 1,
  timed: true,
  lua: `
local there = redis.call('GET', KEYS[1])
if not there then return 0 end
local head = cjson.decode(string.match(there, '^[^\\n]*'))
if head.e and head.e <= tonumber(ARGV[1]) then return 0 end
if head.r ~= tonumber(ARGV[4]) then return 0 end
if ARGV[3] == '' then
  redis.call('SET', KEYS[1], ARGV[2])
else
  redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
end
return 1
`,
};

/** Marks a record as consumed, once. KEYS: record. ARGV: now, time of the mark. Result: 1 or 0. */
export const CONSUME: Script = {
  name: 'sekishoConsume',
  keys: 1,
  timed: true,
  lua: `
local there = redis.call('GET', KEYS[1])
if not there then return 0 end
local line, body = string.match(there, '^([^\\n]*)\\n(.*)$')
local head = cjson.decode(line)
if head.e and head.e <= tonumber(ARGV[1]) then return 0 end
if head.o.consumed then return 0 end
head.o.consumed = tonumber(ARGV[2])
redis.call('SET', KEYS[1], cjson.encode(head) .. '\\n' .. body, 'KEEPTTL')
return 1
`,
};

/**
 * Swaps the secret of a trusted browser; any secret but the current one, and the previous one in its grace, is a copy
 * that came back and removes the record.
 * KEYS: record. ARGV: now, presented, next, grace, a new expiry and how long that is ('' for both: as before).
 * Result: outcome, and unless it is unknown the JSON of the record as it was written first, and its expiry.
 */
export const ROTATE: Script = {
  name: 'sekishoRotate',
  keys: 1,
  timed: true,
  lua: `
local there = redis.call('GET', KEYS[1])
if not there then return {'unknown'} end
local now, presented = tonumber(ARGV[1]), ARGV[2]
local line, body = string.match(there, '^([^\\n]*)\\n(.*)$')
local head, record = cjson.decode(line), cjson.decode(body)
local changed = head.o
local expiresAt = changed.expiresAt or record.expiresAt
if head.e and head.e <= now or expiresAt <= now then return {'unknown'} end
local secret = changed.secret or record.secret
local previous = changed.previous or record.previous
local rotatedAt = changed.rotatedAt or record.rotatedAt
if presented == secret then
  changed.secret, changed.previous, changed.rotatedAt = ARGV[3], secret, now
  if ARGV[5] == '' then
    redis.call('SET', KEYS[1], cjson.encode(head) .. '\\n' .. body, 'KEEPTTL')
  else
    expiresAt = tonumber(ARGV[5])
    head.e, changed.expiresAt = expiresAt, expiresAt
    redis.call('SET', KEYS[1], cjson.encode(head) .. '\\n' .. body, 'PX', ARGV[6])
  end
  return {'rotated', body, expiresAt}
end
local inTime = now < rotatedAt + tonumber(ARGV[4]) and rotatedAt <= now + TOLERANCE
if presented == previous and inTime then return {'grace', body, expiresAt} end
redis.call('DEL', KEYS[1])
return {'replayed', body, expiresAt}
`,
};

/** The mark that tells an emptied Redis from the one before. KEYS: mark. ARGV: a new id. Result: the id that stands. */
export const EPOCH: Script = {
  name: 'sekishoEpoch',
  keys: 1,
  lua: `
redis.call('SET', KEYS[1], ARGV[1], 'NX')
return redis.call('GET', KEYS[1])
`,
};
