import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { underLoad } from './promises.ts';
import { startSqliteSite } from './sqlite-site.ts';

/** A file system of a few megabytes; undefined where this user may not mount one. */
async function smallDisk(test: TestContext): Promise<string | undefined> {
  const folder = await mkdtemp(join(tmpdir(), 'faults-disk-'));
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=24m', 'tmpfs', folder]).status === 0;
  test.after(async () => {
    if (mounted) spawnSync('umount', ['-l', folder]);
    await rm(folder, { recursive: true });
  });
  return mounted ? folder : undefined;
}

/** Writes until nothing more fits. */
async function fill(file: string): Promise<void> {
  const stream = createWriteStream(file);
  const full = once(stream, 'error');
  const more = () => stream.write(Buffer.alloc(65_536), (error) => error ?? more());
  more();
  await full.catch(() => {});
}

describe('a disk that is full', () => {
  it('stops everything that would have to be written down, and loses nothing of what was', async (test) => {
    const disk = await smallDisk(test);
    if (disk === undefined) return test.skip('only root may mount a small file system');
    const site = await startSqliteSite(test, {}, disk);
    const filler = join(disk, 'filler');
    const { ledger, sentTwice } = await underLoad(test, site, async () => {
      await pause(1000);
      await fill(filler);
      await pause(5000);
      await rm(filler);
    });
    assert.ok((ledger.seen.get('503') ?? 0) > 0, 'people saw it');
    assert.equal(ledger.seen.get('500'), undefined);
    assert.equal(sentTwice, 0);
  });
});
