import { watchTrust } from '../sekisho/identity.ts';
import { loadConfig } from '../server/config.ts';
import { openStore } from '../server/parts.ts';
import { readPlugins } from '../server/plugins.ts';
import { rememberStore } from '../server/store-identity.ts';
import type { Typed } from './commands.ts';
import { configFileOf, noMoreWords, sentenceOf } from './typed.ts';
import { UsageError } from './usage.ts';

/** `sekisho store …`. The embedded store serves one process: the server has to be stopped meanwhile. */
export async function store(typed: Typed): Promise<number> {
  const [action = '', ...more] = typed.words;
  if (action !== 'show' && action !== 'confirm')
    throw new UsageError('store takes show or confirm. See: sekisho --help');
  noMoreWords(more);
  const config = loadConfig(configFileOf(typed));
  const opened = await openStore(config, readPlugins(config.plugins, config.folder));
  const said = new Set<string>();
  const log = {
    warn(fields: object, reason: string) {
      const { field = 'store', fix = '' } = fields as { field?: string; fix?: string };
      said.add(sentenceOf({ field, reason, fix }));
    },
  };
  try {
    const memory = rememberStore(config, log);
    // Whoever only looks remembers nothing: a store that was never served may be the wrong one.
    const look = action === 'show' ? { read: memory.read, write: async () => {} } : memory;
    const trust = await watchTrust(opened, look, () => {});
    if (action === 'confirm') await trust.confirm();
    const state = await trust.trust();
    const lines = [`id     ${await opened.epoch()}`, `state  ${state}`, ...said];
    process.stdout.write(`${lines.join('\n')}\n`);
    return state === 'ok' ? 0 : 1;
  } finally {
    await opened.close();
  }
}
