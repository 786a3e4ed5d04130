import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { Visitor } from '../support/browser-client.ts';
import { onEveryStore } from '../support/every-store.ts';
import { bindPhone, FREE_SENDS, type Host, refresh, startHost } from '../support/host.ts';
import { interruptedStore } from '../support/interrupted-store.ts';
import { MINUTE, SECOND, stopTime } from '../support/time.ts';

const time = stopTime();
const OFFLINE = { scope: 'openid offline_access', prompt: 'consent' };

onEveryStore('a token that is refreshed while a remedy is applied (fault A.8, SES-11)', ({ open }) => {
  let host: Host;
  let store: ReturnType<typeof interruptedStore>;
  /** Refresh tokens as they were written, whoever got them. */
  const written: string[] = [];
  before(async () => {
    store = interruptedStore(await open(), (key) => key.endsWith('oidc:RefreshToken'), 'consume');
    host = await startHost({
      store: store.store,
      options: { sends: FREE_SENDS },
      configuration: { rotateRefreshToken: true },
    });
    host.provider.on('refresh_token.saved', ({ jti }) => written.push(jti));
  });
  after(() => host.close());

  for (const [remedy, number] of [
    ['removePhone', '+819012340011'],
    ['endSessions', '+819012340012'],
  ] as const) {
    it(`is not renewed past ${remedy}, for whoever asked and in the store`, async () => {
      const { tokens } = await bindPhone(host, new Visitor(), remedy, number, false, OFFLINE);
      time.advance(MINUTE);
      store.interrupt(async () => {
        await host.sekisho[remedy](remedy);
        time.advance(2 * SECOND);
      });
      await assert.rejects(refresh(host, tokens!.refresh_token!), { error: 'invalid_grant' });
      time.advance(SECOND);
      await assert.rejects(refresh(host, written.at(-1)!), { error: 'invalid_grant' });
    });
  }

  it('is renewed where nothing was ended', async () => {
    const { tokens } = await bindPhone(host, new Visitor(), 'carol', '+819012340013', false, OFFLINE);
    time.advance(MINUTE);
    const once = await refresh(host, tokens!.refresh_token!);
    time.advance(MINUTE);
    assert.ok((await refresh(host, once.refresh_token!)).access_token);
  });
});
