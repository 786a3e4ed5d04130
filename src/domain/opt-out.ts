import { SekishoError } from '../errors.ts';
import type { GatewayEvent } from '../ports/gateway.ts';
import { type Json, type Key, key } from '../ports/store.ts';
import type { Core } from './core.ts';
import { mac } from './keys.ts';
import { maskPhone, readPhone } from './phone.ts';

/** The last word of the person at a number. It says when, for what was said before it may be brought later. */
type LastWord = { rev: number; stopped: boolean; at: number };

/** START is remembered for so long against older news; STOP until START. Vendors come again for days. */
const KEPT = 7 * 86_400_000;
const ROUNDS = 12;

/** By every secret there is: one made under an older secret still counts. */
const stoppedKeys = (core: Core, e164: string): Key[] =>
  core.ring.all.map(({ index }) => key(mac(index, e164), 'stopped'));

/**
 * Whether the person at this number said STOP: no SMS goes there, whatever asks for it. Calls and other factors stay.
 */
export async function isStopped(core: Core, e164: string): Promise<boolean> {
  const now = core.clock.now();
  const names = stoppedKeys(core, e164);
  const words = (await Promise.all(names.map((name) => core.store.get(name, now)))).map(asWord);
  const stop = words.find((word) => word?.stopped);
  if (stop === undefined) return false;
  // It has to outlive the secret it was written under.
  if (!words[0]?.stopped) await remember(core, names[0]!, true, stop.at);
  return true;
}

/**
 * Takes in what a person wrote. Numbers of countries we do not send to have nothing to stop.
 *
 * @param told When we were told for the first time.
 */
export async function hear(
  core: Core,
  event: Extract<GatewayEvent, { type: 'inbound' }>,
  told: number,
): Promise<void> {
  const { from, keyword } = event;
  if (keyword !== 'stop' && keyword !== 'start') return;
  const e164 = numberOf(core, from);
  if (e164 === undefined) return;
  // A time to come would keep out whatever is said until then.
  const at = typeof event.at === 'number' && event.at < told ? event.at : told;
  await (keyword === 'stop' ? stopSms : resumeSms)(core, e164, at);
}

/**
 * Vendors write numbers with and without plus. What begins with neither plus nor zero is international: read as one of this
 * country it could be a stranger's.
 */
function numberOf(core: Core, from: string): string | undefined {
  try {
    return readPhone(/^[1-9]/.test(from) ? `+${from}` : from, core.options.countries).e164;
  } catch (error) {
    if (error instanceof SekishoError) return undefined;
    throw error;
  }
}

/**
 * Remembers it until the person says START.
 *
 * @param at When it was said; a START since then stands.
 */
export async function stopSms(core: Core, e164: string, at = core.clock.now()): Promise<void> {
  // Under every secret: during a roll-out another process may not have the newest one in front yet.
  const changed = await changeAll(core, e164, true, at);
  if (changed.every(Boolean)) core.emit({ type: 'sms.stopped', number: maskPhone(e164) });
}

/**
 * @param at When it was said; a STOP since then stands.
 * @returns whether the number was stopped, and is no more.
 */
export async function resumeSms(core: Core, e164: string, at = core.clock.now()): Promise<boolean> {
  const changed = await changeAll(core, e164, false, at);
  const resumed = changed.some(Boolean);
  if (resumed) core.emit({ type: 'sms.resumed', number: maskPhone(e164) });
  return resumed;
}

const changeAll = (core: Core, e164: string, stopped: boolean, at: number): Promise<boolean[]> =>
  Promise.all(stoppedKeys(core, e164).map((name) => remember(core, name, stopped, at)));

/** Writes what was said unless something later is known. Answers whether SMS stopped, or goes on, because of it. */
async function remember(core: Core, name: Key, stopped: boolean, at: number): Promise<boolean> {
  for (let round = 0; round < ROUNDS; round += 1) {
    const now = core.clock.now();
    const known = asWord(await core.store.get(name, now));
    if (known && known.at > at) return false;
    const next: LastWord = { rev: (known?.rev ?? 0) + 1, stopped, at };
    const until = stopped ? null : now + KEPT;
    const written = known
      ? await core.store.replace(name, next, known.rev, until, now)
      : await core.store.add(name, next, until, now);
    if (written) return (known?.stopped ?? false) !== stopped;
  }
  throw new SekishoError('store_unavailable', 'Too many wrote about one number at the same moment');
}

const asWord = (record: Json | undefined): LastWord | undefined => record as LastWord | undefined;
