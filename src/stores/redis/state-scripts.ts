import type { Script } from './script.ts';

// The state of the store is one hash: term (guard.ts), latest (time seen last), masters (replication and run ids),
// changedAt (when another master was found), lost ('1': acknowledged records were missing then). On a cluster its key
// chooses whose clock is asked, the same one for every process.

/**
 * What time it is and which term; another one where the time stepped back, so that no code outlives its time.
 * KEYS: state. ARGV: a new term. Result: {time, term, changedAt, lost}.
 */
export const READ_STATE: Script = {
  name: 'sekishoState',
  keys: 1,
  lua: `
local now = redis.call('TIME')
local time = now[1] * 1000 + math.floor(now[2] / 1000)
local state = redis.call('HMGET', KEYS[1], 'latest', 'term', 'changedAt', 'lost')
local latest, term = tonumber(state[1] or 0), state[2]
local steppedBack = time < latest - TOLERANCE
if not term or steppedBack then
  term = ARGV[1]
  redis.call('HSET', KEYS[1], 'term', term)
end
if steppedBack or time > latest + 1000 then
  redis.call('HSET', KEYS[1], 'latest', string.format('%.0f', time))
end
return {time, term, tonumber(state[3] or 0), state[4] or ''}
`,
};

/**
 * Notes which masters there are, unless another process noted others meanwhile.
 * KEYS: state. ARGV: masters that were noted before, those of now, a new term where records may be missing ('' else).
 * Result: 1 or 0.
 */
export const NOTE_MASTERS: Script = {
  name: 'sekishoNoteMasters',
  keys: 1,
  lua: `
if (redis.call('HGET', KEYS[1], 'masters') or '') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'masters', ARGV[2])
if ARGV[3] ~= '' then
  local now = redis.call('TIME')
  redis.call('HSET', KEYS[1], 'term', ARGV[3], 'changedAt', string.format('%.0f', now[1] * 1000))
end
return 1
`,
};

/** Whether acknowledged records are missing. KEYS: state. ARGV: '1' or ''. Result: nothing. */
export const NOTE_LOST: Script = {
  name: 'sekishoNoteLost',
  keys: 1,
  lua: `
redis.call('HSET', KEYS[1], 'lost', ARGV[1])
if ARGV[1] == '' then redis.call('HDEL', KEYS[1], 'changedAt') end
`,
};
