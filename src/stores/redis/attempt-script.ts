import type { Script } from './script.ts';

/**
 * Counts a try, then compares, then consumes (OTP-12, OTP-13, lessons 1 and 3). The checks stand in the order of
 * `AttemptOutcome`. Plain equality is enough: what is compared are keyed digests, whose common beginning says nothing
 * about that of the codes (OTP-11).
 *
 * KEYS: challenge (a hash, challenge-scripts.ts), tally (a hash: failures, notBefore, failedAt,
 * expiresAt with '' for none).
 * ARGV: now, given, maxTries, ceiling, expiry of the tally ('': none), milliseconds to keep it ('': for ever), number of
 * expected digests, those digests, then the delays.
 * Result: the outcome, then disabled: failures; wait: retryAt; stale: generation; verified: data, channel, expiresAt;
 * wrong: triesLeft, failures, retryAt, 1 when this failure disabled the authenticator.
 */
export const ATTEMPT: Script = {
  name: 'sekishoAttempt',
  keys: 2,
  timed: true,
  lua: `
local challenge, tally = KEYS[1], KEYS[2]
local now, given, maxTries, ceiling = tonumber(ARGV[1]), ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
local digests = tonumber(ARGV[7])

local state = redis.call('HMGET', challenge,
  'status', 'tries', 'generation', 'expiresAt', 'keepUntil', 'data', 'channel', 'issuedAt', 'term')
local status, tries, generation = state[1], tonumber(state[2] or 0), tonumber(state[3] or 0)
local expiresAt = tonumber(state[4] or 0)
if not status or tonumber(state[5]) <= now then return {'unknown'} end

local counted = redis.call('HMGET', tally, 'failures', 'notBefore', 'expiresAt', 'failedAt')
local over = counted[3] and counted[3] ~= '' and tonumber(counted[3]) <= now
local failures = over and 0 or tonumber(counted[1] or 0)
local ahead = tonumber(counted[4] or 0) > now + TOLERANCE
local notBefore = (over or ahead) and 0 or tonumber(counted[2] or 0)
if failures >= ceiling then return {'disabled', failures} end
if status ~= 'live' then return {status} end
if tries >= maxTries then return {'exhausted'} end
local void = tonumber(state[8]) > now + TOLERANCE or (state[9] and state[9] ~= TERM)
if expiresAt <= now or void then return {'expired'} end
if notBefore > now then return {'wait', notBefore} end
if generation > digests then return {'stale', generation} end

tries, failures = tries + 1, failures + 1
redis.call('HSET', challenge, 'tries', tries)
redis.call('HSET', tally, 'failures', failures, 'notBefore', 0, 'failedAt', ARGV[1], 'expiresAt', ARGV[5])
if ARGV[6] == '' then redis.call('PERSIST', tally) else redis.call('PEXPIRE', tally, ARGV[6]) end

if given == ARGV[7 + generation] then
  redis.call('HSET', challenge, 'status', 'consumed')
  redis.call('DEL', tally)
  return {'verified', state[6], state[7], expiresAt}
end

local delays, delay = #ARGV - 7 - digests, 0
if delays > 0 then delay = tonumber(ARGV[7 + digests + math.min(failures, delays)]) end
if delay > 0 then redis.call('HSET', tally, 'notBefore', string.format('%.0f', now + delay)) end
return {'wrong', maxTries - tries, failures, now + delay, failures >= ceiling and 1 or 0}
`,
};
