import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Visitor } from '../support/browser-client.ts';

const PROCESS = new URL('../support/host-process.ts', import.meta.url).pathname;

/** A host in a process of its own, on a file; it tells its port and the codes it sends on its standard output. */
class HostProcess {
  private readonly child: ChildProcess;
  readonly lines: string[] = [];
  constructor(file: string, port: number) {
    this.child = spawn(process.execPath, ['--conditions=source', PROCESS, file, String(port)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.child
      .stdout!.setEncoding('utf8')
      .on('data', (text: string) => this.lines.push(...text.trim().split('\n')));
  }
  async line(start: string): Promise<string> {
    for (;;) {
      const found = this.lines.find((line) => line.startsWith(start));
      if (found) return found.slice(start.length);
      if (this.child.exitCode !== null) throw new Error('the host ended');
      await once(this.child.stdout!, 'data');
    }
  }
  async kill(): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      this.child.kill('SIGKILL');
      await once(this.child, 'exit');
    }
  }
}

describe('a host that is killed between send and verify', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sekisho-restart-'));
  const hosts: HostProcess[] = [];
  before(() => {});
  after(async () => {
    for (const host of hosts) await host.kill();
    rmSync(folder, { recursive: true, force: true });
  });

  it('goes on after the restart: same code, same interaction, same binding, same session (DESIGN 10)', async () => {
    const start = (port: number) => {
      const host = new HostProcess(join(folder, 'state.db'), port);
      hosts.push(host);
      return host;
    };
    const first = start(0);
    const port = Number(await first.line('port '));
    const visitor = new Visitor();
    const login = await visitor.open(`http://127.0.0.1:${port}/start`);
    const number = await login.submit('login', { account: 'alice', password: 'right' });
    const code = await number.submit('number', { phone: '090-1234-0001' });
    const sent = await first.line('code ');
    await first.kill();

    const second = start(port);
    await second.line('port ');
    const done = await code.submit('code', { code: sent });
    assert.ok(done.next, done.text());
    const callback = await visitor.open(done.next, { stopAt: 'http://127.0.0.1:1/' });
    assert.ok(new URL(callback.url).searchParams.has('code'));
    await second.kill();

    const third = start(port);
    await third.line('port ');
    const silent = await visitor.open(`http://127.0.0.1:${port}/start`, { stopAt: 'http://127.0.0.1:1/' });
    assert.ok(new URL(silent.url).searchParams.has('code'), 'the session survived');
  });
});
