// Loads every entry of the installed package, as its `exports` lead to them.
import { existsSync, readdirSync, readFileSync } from 'node:fs';

const home = 'node_modules/sekisho/';
const { exports: entries } = JSON.parse(readFileSync(`${home}package.json`, 'utf8'));
let loaded = 0;

async function load(name) {
  if (Object.keys(await import(name)).length === 0) throw new Error(`${name} exports nothing`);
  loaded += 1;
}

for (const [name, entry] of Object.entries(entries)) {
  const full = name.replace('.', 'sekisho');
  if (typeof entry === 'string') {
    if (!existsSync(home + entry)) throw new Error(`${entry} is not in the package`);
  } else if (name.includes('*')) {
    const folder = home + entry.default.slice(0, entry.default.indexOf('*'));
    const files = readdirSync(folder).filter((file) => file.endsWith('.js'));
    for (const file of files) await load(full.replace('*', file.slice(0, -'.js'.length)));
  } else await load(full);
}
console.log(`${loaded} entries load`);
