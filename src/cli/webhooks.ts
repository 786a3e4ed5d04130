import { createDirectory } from '../accounts/directory.ts';
import { systemClock } from '../ports/clock.ts';
import { createSekisho } from '../sekisho.ts';
import { unconnected } from '../server/config/gateways.ts';
import { loadConfig, type ServerConfig, sekishoOptions } from '../server/config.ts';
import { keyFileIn, parseKeys, readKeyFile } from '../server/keys/file.ts';
import { openGateways } from '../server/parts.ts';
import { readPlugins } from '../server/plugins.ts';
import { openSqliteStore } from '../stores/sqlite.ts';
import type { Typed } from './commands.ts';
import { configFileOf, noMoreWords } from './typed.ts';

/**
 * `sekisho webhooks`: prints the address for each vendor that is told one for a whole account. They hold secrets derived
 * from ours, so they go to whoever may read the key file, and nowhere else.
 */
export async function webhooks(typed: Typed): Promise<number> {
  noMoreWords(typed.words);
  const config = loadConfig(configFileOf(typed));
  const secrets = await secretsOf(config);
  const gateways = (await openGateways(config, readPlugins(config.plugins, config.folder))).map(unconnected);
  const store = await openSqliteStore({ file: ':memory:' });
  const sekisho = await createSekisho({
    ...{ ...sekishoOptions(config), production: false, store, gateways, secrets },
    accounts: createDirectory({ store, clock: systemClock }),
    log: { info() {}, warn() {}, error() {} },
  });
  const lines = gateways.map(({ name, webhook }) =>
    webhook ? `${name}  ${sekisho.webhookUrl(name)}` : `${name}  its vendor tells nothing over HTTP`,
  );
  await sekisho.close();
  process.stdout.write(`${lines.join('\n')}\n`);
  return 0;
}

async function secretsOf({ secrets, keysText, data }: ServerConfig): Promise<string[]> {
  if (secrets !== undefined) return secrets;
  const keys =
    keysText === undefined ? await readKeyFile(keyFileIn(data)) : parseKeys(keysText, 'SEKISHO_KEYS');
  return keys.secrets;
}
