import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { openSqliteStore } from '../../src/stores/sqlite.ts';
import { type Site, type SiteSettings, startSite } from './site.ts';

/** A site of one node with the embedded store; it ends with the test. */
export async function startSqliteSite(
  test: TestContext,
  options: SiteSettings['options'] = {},
  given?: string,
): Promise<Site> {
  const folder = given ?? (await mkdtemp(join(tmpdir(), 'faults-')));
  if (given === undefined) test.after(() => rm(folder, { recursive: true }));
  const site = await startSite({
    ...{ nodes: 1, store: { type: 'sqlite' }, options, folder },
    openStore: () => openSqliteStore({ file: join(folder, 'sekisho.db') }),
  });
  test.after(() => site.close());
  return site;
}
