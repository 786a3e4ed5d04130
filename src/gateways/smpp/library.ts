import { createRequire } from 'node:module';
import type { Socket } from 'node:net';
import { ConfigurationError } from '../../errors.ts';

/**
 * The package `smpp` as we use it: it has no types of its own and has not changed since 2022, so nothing beyond this file
 * knows its shape. What it would do by itself (encodings, validity periods, keeping the link alive) is not used.
 */
export interface SmppLibrary {
  connect(options: ConnectOptions): SmppSession;
  createServer(options: ServerOptions, listener: (session: SmppSession) => void): SmppServer;
}

/** Goes to `net.connect` or `tls.connect` as it is. */
export interface ConnectOptions {
  host: string;
  port: number;
  tls?: boolean;
  [tlsOption: string]: unknown;
}

export interface ServerOptions {
  key?: string;
  cert?: string;
}

export interface SmppServer {
  listen(port: number, host: string): unknown;
  address(): { port: number } | string | null;
  close(callback?: () => void): unknown;
  once(event: 'listening' | 'close', listener: () => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
}

/** One connection. Without listeners for `error` the process dies, so `quieted` is what makes it usable. */
export interface SmppSession {
  readonly socket: Socket;
  /** @returns false where the socket takes nothing any more, so that nothing has left. */
  send(pdu: Pdu, whenAnswered?: (response: Pdu) => void): boolean;
  on(event: 'pdu', listener: (pdu: Pdu) => void): unknown;
  on(event: 'connect' | 'secureConnect' | 'close', listener: () => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
  close(): void;
  destroy(): void;
}

/** A protocol data unit; parameters and TLVs stand in it by name. */
export interface Pdu {
  command: string;
  command_status: number;
  sequence_number: number;
  isResponse(): boolean;
  response(options?: Record<string, unknown>): Pdu;
  [parameter: string]: unknown;
}

type Loaded = SmppLibrary & { PDU: new (command: string, options?: Record<string, unknown>) => Pdu };

/** The library, and its constructor of PDUs as a function. */
export type Smpp = SmppLibrary & { pdu(command: string, options?: Record<string, unknown>): Pdu };

/**
 * Loads the package, which only an installation that speaks SMPP has; when the gateway is made, so that a missing package
 * stops the start and not the first login.
 *
 * @throws ConfigurationError where it is not installed.
 */
export function loadSmpp(): Smpp {
  try {
    const loaded = createRequire(import.meta.url)('smpp') as Loaded;
    return {
      connect: (options) => quieted(loaded.connect(options)),
      createServer: (options, listener) =>
        loaded.createServer(options, (session) => listener(quieted(session))),
      pdu: (command, options) => new loaded.PDU(command, options),
    };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'MODULE_NOT_FOUND') throw error;
    throw new ConfigurationError([
      {
        field: 'gateway smpp',
        reason: 'needs a package that is not installed',
        fix: 'Run: npm install smpp',
      },
    ]);
  }
}

/**
 * What every session needs. An error without listener would end the process. After one the session is of no use: the library stops reading at a PDU
 * it cannot make out, so the connection is cut.
 */
function quieted(session: SmppSession): SmppSession {
  session.on('error', () => session.destroy());
  // PDUs are small, and somebody waits for the answer to each.
  session.socket.setNoDelay(true);
  return session;
}
