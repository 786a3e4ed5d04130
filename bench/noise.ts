import { readdirSync, readFileSync } from 'node:fs';

/** Watches what else the machine does. */
export interface Watch {
  /** The part of the machine that others had since the watch began, from 0 to 1; 0 where it cannot be known. */
  foreign(): number;
}

/** Linux tells in hundredths of a second; elsewhere nothing is known. */
export function watchNoise(): Watch {
  const before = read();
  return {
    foreign() {
      const after = read();
      if (!before || !after) return 0;
      const all = after.all - before.all;
      return all <= 0 ? 0 : Math.max(0, (after.busy - before.busy - (after.ours - before.ours)) / all);
    },
  };
}

interface Ticks {
  all: number;
  busy: number;
  ours: number;
}

function read(): Ticks | undefined {
  try {
    const [user, nice, system, idle, wait, irq, soft, steal] = readFileSync('/proc/stat', 'utf8')
      .split('\n')[0]!
      .split(/\s+/)
      .slice(1)
      .map(Number) as [number, number, number, number, number, number, number, number];
    // Interrupts are the loopback traffic of whoever runs, and nobody's in particular.
    const busy = user + nice + system + steal;
    return { all: busy + idle + wait + irq + soft, busy, ours: ownTicks() };
  } catch {
    return undefined;
  }
}

/** User and system time of this process and its children. */
function ownTicks(): number {
  let sum = 0;
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const fields = fieldsOf(name);
    if (!fields) continue;
    if (name === `${process.pid}` || fields[1] === `${process.pid}`)
      sum += Number(fields[11]) + Number(fields[12]);
  }
  return sum;
}

/** The fields of a process from its state on; undefined when it ended meanwhile. */
function fieldsOf(pid: string): string[] | undefined {
  try {
    const line = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return line.slice(line.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}
