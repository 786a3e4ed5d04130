import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { freePorts } from './free-ports.ts';

/** Kannel, the gateway of somebody else: its two processes, in a folder of their own. */
export interface Kannel {
  /** Where it takes messages. */
  url: string;
  username: string;
  password: string;
  stop(): Promise<void>;
}

const HOST = '127.0.0.1';
const USER = { username: 'sekisho', password: 'kannel-pass' };
/** Debian puts both where only the administrator looks. */
const ENV = { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin` };
const running = new Set<ChildProcess>();
// A test process that dies takes them with it.
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** @throws Error saying how to install it, where it is not there: this is no test to be skipped. */
export function demandKannel(): void {
  const missing = ['bearerbox', 'smsbox'].filter(
    (name) => spawnSync(name, ['--version'], { env: ENV }).error,
  );
  if (missing.length > 0) {
    throw new Error(`there is no ${missing.join(' and no ')} here: apt-get install kannel`);
  }
}

/**
 * Starts bearerbox and smsbox, bound to an SMSC.
 *
 * @param smsc Where it is, and whom it lets in.
 */
export async function startKannel(smsc: {
  port: number;
  systemId: string;
  password: string;
}): Promise<Kannel> {
  demandKannel();
  const folder = await mkdtemp(join(tmpdir(), 'sekisho-kannel-'));
  const [admin, sendsms] = [await freePorts(), await freePorts()];
  const file = join(folder, 'kannel.conf');
  await writeFile(file, configuration({ admin, boxes: admin + 1, sendsms, folder, smsc }));
  const children: ChildProcess[] = [];
  const stop = async () => {
    for (const child of children.reverse()) await end(child);
    await rm(folder, { recursive: true, force: true });
  };
  try {
    for (const [name, port] of [
      ['bearerbox', admin + 1],
      ['smsbox', sendsms],
    ] as const) {
      children.push(launch(name, file));
      await untilListening(port, children.at(-1)!, join(folder, `${name}.log`));
    }
    return { url: `http://${HOST}:${sendsms}`, ...USER, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

interface Places {
  admin: number;
  /** Where smsbox connects to bearerbox. */
  boxes: number;
  sendsms: number;
  folder: string;
  smsc: { port: number; systemId: string; password: string };
}

/** Groups stand apart by an empty line; one of each kind. */
function configuration({ admin, boxes, sendsms, folder, smsc }: Places): string {
  const groups = [
    {
      group: 'core',
      'admin-port': admin,
      'admin-password': 'kannel-admin',
      'admin-interface': HOST,
      'smsbox-port': boxes,
      'smsbox-interface': HOST,
      'box-allow-ip': HOST,
      'log-file': join(folder, 'bearerbox.log'),
      'log-level': 1,
      'store-type': 'file',
      'store-location': join(folder, 'store'),
      'dlr-storage': 'internal',
    },
    {
      group: 'smsc',
      smsc: 'smpp',
      'smsc-id': 'sekisho',
      host: HOST,
      port: smsc.port,
      'transceiver-mode': true,
      'smsc-username': smsc.systemId,
      'smsc-password': smsc.password,
      'system-type': '',
      'source-addr-autodetect': true,
      'dest-addr-ton': 1,
      'dest-addr-npi': 1,
      'enquire-link-interval': 5,
      'reconnect-delay': 1,
    },
  ];
  return textOf([...groups, ...smsboxGroups(sendsms, folder)]);
}

function smsboxGroups(sendsms: number, folder: string): object[] {
  return [
    {
      group: 'smsbox',
      'bearerbox-host': HOST,
      'sendsms-port': sendsms,
      'sendsms-interface': HOST,
      'log-file': join(folder, 'smsbox.log'),
      'log-level': 1,
      'http-request-retry': 2,
      'http-queue-delay': 1,
    },
    { group: 'sendsms-user', ...USER, concatenation: true, 'max-messages': 10 },
    { group: 'sms-service', keyword: 'default', text: '""', 'omit-empty': true, 'max-messages': 0 },
  ];
}

const textOf = (groups: readonly object[]): string =>
  groups
    .map((group) =>
      Object.entries(group)
        .map(([name, value]) => `${name} = ${value}\n`)
        .join(''),
    )
    .join('\n');

function launch(name: string, file: string): ChildProcess {
  const child = spawn(name, [file], { stdio: 'ignore', env: ENV });
  running.add(child);
  child.once('exit', () => running.delete(child));
  return child;
}

async function untilListening(port: number, child: ChildProcess, log: string): Promise<void> {
  for (let round = 0; round < 400; round += 1) {
    if (child.exitCode !== null || child.signalCode !== null) break;
    if (await isListening(port)) return;
    await pause(25);
  }
  const said = await readFile(log, 'utf8').catch(() => 'it wrote no log');
  throw new Error(`Kannel did not start:\n${said.split('\n').slice(-12).join('\n')}`);
}

async function isListening(port: number): Promise<boolean> {
  const socket = connect(port, HOST);
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), 3000);
  await ended;
  clearTimeout(timer);
}
