#!/usr/bin/env node
// Plain JavaScript that old versions of Node can read too, so that they can say what is wrong.
import { existsSync, readFileSync } from 'node:fs';
import module from 'node:module';
import { dirname, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
// In the repository the sources run as they are; as a package, where Node strips no types, what was built from them.
const packaged = root.split(sep).includes('node_modules');
const entry = (packaged ? ['dist/cli/main.js'] : ['src/cli/main.ts', 'dist/cli/main.js']).find((file) =>
  existsSync(join(root, file)),
);

function refusal() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major < 22 || (major === 22 && minor < 13)) {
    return `needs Node.js 22.13 or newer, and this is ${process.versions.node}. Install it from nodejs.org`;
  }
  if (entry === undefined) return 'is not complete. Install the package again';
  if (entry.endsWith('.ts') && !process.features.typescript) {
    return `runs from its sources on Node.js 22.18 or newer, and this is ${process.versions.node}. Run: npm run build`;
  }
  return undefined;
}

const refused = refusal();
if (refused === undefined) {
  // Compiled code is kept beside the packages it comes from: the second start does not compile anything.
  const modules = [join(root, 'node_modules'), dirname(root)].find((folder) =>
    existsSync(join(folder, 'express')),
  );
  if (modules !== undefined) module.enableCompileCache(join(modules, '.cache', 'sekisho'));
  const { main } = await import(new URL(`../${entry}`, import.meta.url).href);
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  process.exit(await main(process.argv.slice(2), { version, ready: () => module.flushCompileCache?.() }));
} else {
  console.error(`sekisho ${refused}.`);
  process.exitCode = 1;
}
