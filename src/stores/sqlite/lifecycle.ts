import { randomUUID } from 'node:crypto';
import { statSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import type { StoreFinding } from '../../ports/store.ts';
import type { Direct } from './direct.ts';
import type { MachineTime } from './machine-time.ts';

type LifecycleMethods = Direct<
  'epoch' | 'time' | 'refuseDrift' | 'doubt' | 'confirm' | 'ping' | 'findings' | 'close'
>;

/** Everything about the file itself. */
export function lifecycle(
  database: DatabaseSync,
  file: string,
  synchronous: 'full' | 'normal',
  time: MachineTime,
): LifecycleMethods {
  const epoch = database.prepare("SELECT value FROM meta WHERE name = 'epoch'");
  const probe = database.prepare(
    "INSERT INTO meta (name, value) VALUES ('probe', ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
  );
  return {
    epoch: () => String(epoch.get()!['value']),
    time: () => time.clock.now(),
    refuseDrift: (maximum) => time.refuseDrift(maximum),
    // One process, one file: what was acknowledged is there, or the file is another one and has another epoch.
    doubt: () => undefined,
    confirm: () => {},
    ping: () => void probe.run(randomUUID()),
    findings: () => {
      database.prepare('SELECT 1').get();
      return [...lostAtExit(file), ...lostInPowerCut(synchronous), ...readableByOthers(file)];
    },
    close: () => {
      if (database.isOpen) database.close();
    },
  };
}

function lostAtExit(file: string): StoreFinding[] {
  if (file !== ':memory:') return [];
  return [
    {
      severity: 'fatal',
      message:
        'The store is in memory: failed codes, limits and trusted browsers are forgotten at every restart',
      fix: 'Name a file on a local disk for the SQLite store, or use the Redis store',
    },
  ];
}

function lostInPowerCut(synchronous: 'full' | 'normal'): StoreFinding[] {
  if (synchronous === 'full') return [];
  return [
    {
      severity: 'warning',
      message:
        'The SQLite store runs with synchronous "normal": a power cut gives back the last moments of wrong codes',
      fix: 'Leave "synchronous" out, unless the speed is needed',
    },
  ];
}

function readableByOthers(file: string): StoreFinding[] {
  if (file === ':memory:' || process.platform === 'win32') return [];
  if ((statSync(file).mode & 0o077) === 0) return [];
  return [
    {
      severity: 'warning',
      message: `Other users of this machine may read ${file}`,
      fix: `Run: chmod 600 ${file}`,
    },
  ];
}
