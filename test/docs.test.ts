import assert from 'node:assert/strict';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { PRESETS } from '../src/gateways/http/presets.ts';
import { createChooser, parseScenario } from '../src/simulator/scenario.ts';
import { committedFiles, read } from './support/source-text.ts';

const files = committedFiles();
const documents = files.filter((path) => path.endsWith('.md'));
const guides = documents.filter((path) => path.startsWith('docs/'));
const manifest = JSON.parse(read('plugin-manifest.json')) as { gateways: { name: string }[] };

/** Text without program text, in which brackets mean something else. */
const prose = (path: string): string =>
  read(path)
    .replace(/^```[\s\S]*?^```/gm, '')
    .replace(/`[^`\n]*`/g, '');

const linksOf = (path: string): string[] =>
  [...prose(path).matchAll(/\]\((?!https?:|mailto:)([^)\s]+)\)/g)].map(([, link]) => link!);

/** The name by which GitHub leads to a heading: lower case, blanks as dashes, other signs left out. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\p{M}\s_-]/gu, '')
    .replace(/\s/g, '-');

const anchorsOf = (path: string): string[] =>
  [
    ...read(path)
      .replace(/^```[\s\S]*?^```/gm, '')
      .matchAll(/^#+ (.+)$/gm),
  ].map(([, heading]) => anchorOf(heading!));

/** Where a link of a document leads, as a path from the root. */
const targetOf = (path: string, link: string): string =>
  link.startsWith('#') ? path : join(dirname(path), link.split('#')[0]!);

describe('every document', () => {
  it('leads to files and chapters that exist', () => {
    const isThere = (target: string) =>
      files.some((file) => file === target || file.startsWith(`${target.replace(/\/$/, '')}/`));
    const gone = documents.flatMap((path) =>
      linksOf(path)
        .filter((link) => {
          const target = targetOf(path, link);
          const anchor = link.split('#')[1];
          if (!isThere(target)) return true;
          return anchor !== undefined && !anchorsOf(target).includes(decodeURIComponent(anchor));
        })
        .map((link) => `${path}: ${link}`),
    );
    assert.deepEqual(gone, []);
  });
});

const SECURITY = ['SECURITY.md', 'SECURITY.ja.md'] as const;
for (const file of SECURITY) {
  describe(file, () => {
    it('says of every gateway what proves its receipts (GWY-03)', () => {
      const rows = read(file).match(/^\| (?:Gateway|ゲートウェイ) \|.*\n(?:\|.*\n)+/m)![0];
      const named = [...rows.matchAll(/^\| ((?:`[\w-]+`(?:, |、)?)+) \|/gm)].flatMap(([, cell]) =>
        [...cell!.matchAll(/[\w-]+/g)].map(([name]) => name),
      );
      const types = manifest.gateways.map(({ name }) => name).filter((name) => name !== 'handset');
      assert.deepEqual(named.sort(), types.sort());
    });
  });
}

describe('both documents about security', () => {
  it('have the same chapters, rows, steps and names of rules', () => {
    const [english, japanese] = SECURITY.map((path) => {
      const text = read(path);
      return {
        shape: [...text.matchAll(/^(#+|\||- |\d+\.)(?= ?)/gm)].map(([, sign]) => sign),
        rules: (text.match(/\b[A-Z]{3}-\d\d|(?:lesson|attack) \d+/g) ?? []).sort(),
      };
    });
    assert.deepEqual(japanese, english);
  });
});

describe('the guides', () => {
  it('are there for every gateway and every preset, in English and in Japanese', () => {
    const gateways = manifest.gateways.map(({ name }) => name).filter((name) => name !== 'handset');
    const expected = [
      ...[...gateways, 'email'].map((name) => `docs/gateways/${name}`),
      ...Object.keys(PRESETS).map((name) => `docs/gateways/presets/${name}`),
      ...[
        'docs/README',
        'docs/simulator',
        'docs/operations',
        'docs/stores',
        'docs/relying-parties',
        'docs/rules',
      ],
    ];
    assert.deepEqual([...guides].sort(), expected.flatMap((path) => [`${path}.md`, `${path}.ja.md`]).sort());
  });

  it('stay in their language, with the way to the other one', () => {
    const strays = guides.flatMap((path) => {
      const japanese = path.endsWith('.ja.md');
      const other = japanese ? path.replace(/\.ja\.md$/, '.md') : path.replace(/\.md$/, '.ja.md');
      const targets = linksOf(path).map((link) => targetOf(path, link));
      const foreign = targets.filter(
        (target) => target !== other && guides.includes(target) && target.endsWith('.ja.md') !== japanese,
      );
      return [
        ...(targets.includes(other) ? [] : [`${path} does not lead to ${other}`]),
        ...foreign.map((target) => `${path} leads to ${target}`),
      ];
    });
    assert.deepEqual(strays, []);
  });

  it('are all in the index', () => {
    for (const [index, isOwn] of [
      ['docs/README.md', (path: string) => !path.endsWith('.ja.md')],
      ['docs/README.ja.md', (path: string) => path.endsWith('.ja.md')],
    ] as const) {
      const listed = linksOf(index).map((link) => targetOf(index, link));
      const missing = guides.filter((path) => path !== index && isOwn(path) && !listed.includes(path));
      assert.deepEqual(missing, [], index);
    }
  });

  it('have the same tables of settings and the same program text in both languages', () => {
    const bare = (path: string) => {
      const text = read(path);
      return {
        rows: [...text.matchAll(/^\| `[^`]+` \|/gm)].map(([row]) => row),
        programs: [...text.matchAll(/^```(?:js|json|sh|yaml)\b[^\n]*\n([\s\S]*?)^```/gm)].map(([, code]) =>
          code!.replace(/ *(\/\/|#) .*/g, ''),
        ),
      };
    };
    for (const path of guides.filter((guide) => !guide.endsWith('.ja.md')))
      assert.deepEqual(bare(path.replace(/\.md$/, '.ja.md')), bare(path), path);
  });

  it('of the simulator hold scenarios that do what they say', () => {
    const blocks = [...read('docs/simulator.md').matchAll(/^```json\n([\s\S]*?)^```/gm)];
    const [mixed, calls, second, ...more] = blocks
      .map(([, json]) => JSON.parse(json!) as object)
      .filter((one) => 'rules' in one)
      .map((one) => createChooser(parseScenario(one)));
    const to = '+819012345678';
    const fate = (chooser: typeof mixed, vendor: string, channel: 'sms' | 'voice') =>
      chooser!.choose(vendor, { to, channel }).fate;
    assert.deepEqual([fate(mixed, 'twilio', 'sms'), fate(mixed, 'twilio', 'sms')], ['error', 'delivered']);
    assert.deepEqual(
      (['sms', 'sms', 'voice'] as const).map((channel) => fate(calls, 'twilio', channel)),
      ['delivered', 'filtered', 'delivered'],
    );
    assert.deepEqual([fate(second, 'karaden', 'sms'), fate(second, 'twilio', 'sms')], ['error', 'delivered']);
    assert.deepEqual(more, []);
  });
});

/** What a reader meets who has no sources: names of rules are explained in SECURITY.md and stand nowhere else. */
const manuals = documents.filter((path) => /^(README|docs\/|examples\/)/.test(path));

const RULES =
  /\b(?:(?:OTP|RST|BND|REC|THR|SES|OID|EAM|DLG|TXN|PRV|WEB|GWY|LOG|OPS|SIG|A11)-\d\d|lesson \d+|attack \d+)\b/g;

describe('the manuals', () => {
  it('name no rule without explaining it', () => {
    const strays = manuals.flatMap((path) =>
      (prose(path).match(RULES) ?? []).map((name) => `${path}: ${name}`),
    );
    assert.deepEqual(strays, []);
  });

  it('in Japanese have one word for one thing', () => {
    // receipt, vendor, carrier, owner of a number, route, sign-in
    const others =
      /受信結果|配信通知|送信会社|配信事業者|ベンダー|通信事業者|携帯会社|名義人|番号の持ち主|ルートが|サインイン/g;
    const strays = [...manuals, 'SECURITY.ja.md']
      .filter((path) => path.endsWith('.ja.md'))
      .flatMap((path) => (read(path).match(others) ?? []).map((word) => `${path}: ${word}`));
    assert.deepEqual(strays, []);
  });

  it('lead to what is in the package', () => {
    const { files: packed } = JSON.parse(read('package.json')) as { files: string[] };
    // npm adds these by itself.
    const all = [...packed, 'README.md', 'LICENSE', 'package.json'];
    const isPacked = (target: string) => all.some((one) => target === one || target.startsWith(`${one}/`));
    const gone = [...manuals, ...SECURITY].flatMap((path) =>
      linksOf(path)
        .map((link) => targetOf(path, link))
        .filter((target) => !isPacked(target))
        .map((target) => `${path}: ${target}`),
    );
    assert.deepEqual(gone, []);
  });
});
