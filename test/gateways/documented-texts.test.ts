import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { describe, it } from 'node:test';
import { PRESETS } from '../../src/gateways/http/presets.ts';
import { createHttpGateway } from '../../src/gateways/http.ts';
import { createSekisho } from '../../src/index.ts';
import type { Gateway } from '../../src/ports/gateway.ts';
import { openSqliteStore } from '../../src/stores/sqlite.ts';
import { GATEWAYS, makeGateway } from '../support/made-gateways.ts';
import { blocksOn } from './http-examples.ts';

/** Secrets that have to look like what they are. */
const SECRETS: Readonly<Record<string, string>> = {
  TELNYX_PUBLIC_KEY: 'A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg=',
  ZETTAI_REACH_TOKEN: 't'.repeat(32),
};
const KEY = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({
  ...{ type: 'pkcs8', format: 'pem' },
});

type Settings = { type: string; preset?: string };

/** The gateways on a page, with their secrets; a page may show scenarios besides. */
const shownOn = (page: string): Settings[] =>
  blocksOn(page)
    .map((block) =>
      JSON.parse(block, (_, value) => {
        if (typeof value?.env === 'string') return SECRETS[value.env] ?? `secret-${value.env}-1234567890`;
        return typeof value?.file === 'string' ? KEY : value;
      }),
    )
    .filter(({ rules }) => rules === undefined);

const pagesIn = (folder: string): string[] =>
  readdirSync(folder)
    .filter((file) => /^(?!email)[^.]+\.md$/.test(file))
    .map((file) => `${folder}/${file}`);
const PAGES = [...pagesIn('docs/gateways'), ...pagesIn('docs/gateways/presets')];

/** Starts with this gateway and the texts that come with us, in every language, and ends again. */
async function start(gateway: Gateway): Promise<void> {
  const sekisho = await createSekisho({
    issuer: 'https://login.example.jp',
    secrets: [Buffer.alloc(32, 1).toString('base64url')],
    store: await openSqliteStore({ file: ':memory:' }),
    gateway,
    countries: ['JP'],
    brand: { name: 'みらい銀行', names: { en: 'Mirai Bank' } },
    voice: { allowUnguarded: true },
    log: { info() {}, warn() {}, error() {} },
  });
  await sekisho.close();
}

describe('every gateway as its page shows it', () => {
  it('starts with the texts that come with us (OTP-17, GWY-08)', async () => {
    for (const page of PAGES) {
      for (const { type, ...settings } of shownOn(page)) {
        const gateway = type === 'http' ? createHttpGateway(settings) : makeGateway(type, settings);
        await assert.doesNotReject(start(gateway), page);
      }
    }
  });

  it('is every gateway and preset there is, but the handset', () => {
    const shown = PAGES.flatMap(shownOn).map(({ type, preset }) => preset ?? type);
    const all = [...Object.keys(GATEWAYS), ...Object.keys(PRESETS), 'http'].filter(
      (one) => one !== 'handset',
    );
    assert.deepEqual([...new Set(shown)].sort(), all.sort());
  });
});
