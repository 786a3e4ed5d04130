import { openSqliteStore } from '../../src/stores/sqlite.ts';
import { startHost } from './host.ts';
import { createInbox } from './inbox.ts';

// Run by a test as `host-process.ts FILE PORT`, to be killed at any moment. The secret is fixed, as an operator's is.
const [file = '', port = '0'] = process.argv.slice(2);
const inbox = createInbox();
inbox.behave(async () => {
  process.stdout.write(`code ${inbox.lastCode()}\n`);
  return { outcome: 'accepted' };
});
const host = await startHost({
  store: await openSqliteStore({ file }),
  inbox,
  port: Number(port),
  options: { secrets: [Buffer.alloc(32, 7).toString('base64url')] },
  before: (app) =>
    app.get('/start', async (_req, res) => res.redirect((await host.request({ scope: 'openid' })).url)),
});
process.stdout.write(`port ${new URL(host.issuer).port}\n`);
