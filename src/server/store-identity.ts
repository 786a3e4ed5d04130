import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Log, StoreIdentity } from '../options.ts';
import type { ServerConfig } from './config.ts';

/** Where it is remembered which store a server has, beside its keys and away from the store (fault A.3). */
export const storeIdFileIn = (data: string): string => join(data, 'store-id');

/** The option `storeId` where it is set, such as for read-only folders; otherwise a file in the data folder. */
export function rememberStore(
  { data, storeId }: Pick<ServerConfig, 'data' | 'storeId'>,
  log: Pick<Log, 'warn'>,
): StoreIdentity {
  const file = storeIdFileIn(data);
  return {
    read: async () => storeId ?? (await readId(file)),
    async write(id) {
      if (storeId !== undefined) {
        if (storeId !== id)
          log.warn({ field: 'storeId', fix: `Set storeId to ${id}` }, 'names another store');
        return;
      }
      await writeId(file, id).catch((error: NodeJS.ErrnoException) => {
        const fix = `Let ${dirname(file)} be written, or set storeId to ${id}`;
        const reason = `cannot be written (${error.code}): an emptied store would not be noticed after a restart`;
        log.warn({ field: file, fix }, reason);
      });
    },
  };
}

async function readId(file: string): Promise<string | undefined> {
  try {
    return (await readFile(file, 'utf8')).trim() || undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** In one step: after a power cut it is the old id or the new one. */
async function writeId(file: string, id: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const draft = `${file}.${process.pid}`;
  const handle = await open(draft, 'w', 0o600);
  try {
    await handle.writeFile(`${id}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(draft, file);
}
