import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts } from './free-ports.ts';

const MODULES = '/usr/lib/apache2/modules';
/** Whether Debian's Apache and its module for OpenID Connect are on this machine. */
export const HAS_APACHE = existsSync(`${MODULES}/mod_auth_openidc.so`);

export interface Apache {
  url: string;
  errors(): Promise<string>;
  close(): Promise<void>;
}

/** An Apache of its own that serves one page, with these settings. */
export async function startApache(settings: (url: string) => string, port?: number): Promise<Apache> {
  const root = await mkdtemp(join(tmpdir(), 'apache-'));
  const at = port ?? (await freePorts());
  const url = `http://localhost:${at}`;
  await mkdir(join(root, 'page'));
  await writeFile(join(root, 'page', 'index.html'), '<h1>protected page</h1>');
  await chmod(root, 0o755);
  const modules = ['mpm_event', 'authn_core', 'authz_core', 'authz_user', 'dir', 'auth_openidc'];
  const lines = [
    ...modules.map((name) => `LoadModule ${name}_module ${MODULES}/mod_${name}.so`),
    ...[`ServerRoot ${root}`, `PidFile ${root}/pid`, `ErrorLog ${root}/errors`, `Listen 127.0.0.1:${at}`],
    ...['User www-data', 'Group www-data', 'ServerName localhost', `DocumentRoot ${root}/page`],
    ...['DirectoryIndex index.html', 'StartServers 1', `DefaultRuntimeDir ${root}`],
    `Mutex file:${root} default`,
    settings(url),
  ];
  await writeFile(join(root, 'apache.conf'), lines.join('\n'));
  const child = spawn('/usr/sbin/apache2', ['-DFOREGROUND', '-f', join(root, 'apache.conf')], {
    stdio: 'inherit',
  });
  await answers(url, child);
  return {
    url,
    errors: () => readFile(join(root, 'errors'), 'utf8'),
    async close() {
      child.kill('SIGTERM');
      if (child.exitCode === null) await once(child, 'exit');
      await rm(root, { recursive: true });
    },
  };
}

async function answers(url: string, child: ChildProcess): Promise<void> {
  for (let tries = 0; tries < 100 && child.exitCode === null; tries += 1) {
    if (
      await fetch(url, { redirect: 'manual' }).then(
        () => true,
        () => false,
      )
    )
      return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('Apache did not start');
}
