/** What every script that decides something is held to. */
export interface Guard {
  /** Most milliseconds between the caller's time and that of Redis; 0: not compared. */
  drift: number;
  /** Codes of another term are void: time stepped back, or records may have been lost. */
  term: string;
  /** Replication ids of the masters that are known; empty: not compared. */
  masters: string;
}

/** Begins the error of a script that found another master than it was told of; it did nothing. */
export const OTHER_MASTER = 'SEKISHOMASTER';
/** Begins the error of a script whose caller does not agree with Redis what time it is; it did nothing. */
export const OTHER_TIME = 'SEKISHOCLOCK';

export const guardArguments = ({ drift, term, masters }: Guard): (string | number)[] => [
  drift,
  term,
  masters,
];

/**
 * Stands before such a script. Its three arguments come last, and are taken away. A replica that became master has another
 * replication id, and so has a server that was started anew: what it lost is looked into before it decides anything.
 */
export const GUARD = `
local MASTERS, TERM, DRIFT = table.remove(ARGV), table.remove(ARGV), tonumber(table.remove(ARGV))
if MASTERS ~= '' then
  local info = redis.pcall('INFO', 'replication')
  local id = type(info) == 'string' and string.match(info, 'master_replid:(%w+)')
  if id and not string.find(MASTERS, id, 1, true) then return redis.error_reply('${OTHER_MASTER} not seen before') end
end
if DRIFT > 0 then
  local time = redis.call('TIME')
  local off = time[1] * 1000 + time[2] / 1000 - tonumber(ARGV[1])
  if math.abs(off) > DRIFT then
    return redis.error_reply(string.format('${OTHER_TIME} this Redis is %.0f ms ahead of the caller', off))
  end
end
`;
