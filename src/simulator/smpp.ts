import { ConfigurationError } from '../errors.ts';
import { loadSmpp, type SmppServer } from '../gateways/smpp/library.ts';
import type { Simulator } from './simulator.ts';
import { createBench } from './smpp/bench.ts';
import type { NationalForm } from './smpp/numbers.ts';
import { createOffice } from './smpp/office.ts';
import { serve } from './smpp/session.ts';

/** How the SMSC behaves, and whom it lets in. All of it is publicly known. */
export interface SmscSettings {
  /** The phones behind it; the SMSC is the vendor `smpp` there. */
  simulator: Pick<Simulator, 'line'>;
  /** 0, which is usual: any free one. */
  port?: number;
  /** 127.0.0.1 unless said. */
  host?: string;
  systemId?: string;
  password?: string;
  /** Speaks TLS with these; PEM. */
  key?: string;
  cert?: string;
  /** Most submit_sm that one connection may leave unanswered; more is throttled. 100 unless said. */
  window?: number;
  /** How submit_sm_resp writes ids. `decimal` unless said. */
  ids?: 'decimal' | 'hex';
  /** How receipts write them: many an SMSC takes the other way. `decimal` unless said. */
  receiptIds?: 'decimal' | 'hex';
  /** Where a receipt says what it says. `both` unless said. */
  receipts?: 'both' | 'tlv' | 'text';
  /** Takes and brings numbers of one country as national ones, and takes none of it in another form. */
  national?: NationalForm;
  /** Its default alphabet, which is `data_coding` 0. `gsm7` unless said. */
  alphabet?: 'gsm7' | 'ascii';
}

/** An SMSC for tests and for trying things out. */
export interface Smsc {
  readonly host: string;
  readonly port: number;
  /** What binds to it, now: `bind_transceiver`, … */
  binds(): readonly string[];
  /** PDUs that came in, without those that keep the link alive, the oldest first. */
  received(): readonly SmscPdu[];
  /** submit_sm that wait for their answer now, and the most that ever did at once. */
  waiting(): { now: number; most: number };
  /** Answers no submit_sm until `resume`. */
  pause(): void;
  resume(): void;
  /** Cuts every connection without a word. */
  cut(): void;
  /** Asks every ESME whether it is there. Resolves with how many said so. */
  enquire(): Promise<number>;
  close(): Promise<void>;
}

/** What came in, with its parameters. */
export type SmscPdu = Readonly<Record<string, unknown>> & { command: string };

/** Whom the SMSC lets in unless told otherwise. */
export const SMSC_CREDENTIALS = { systemId: 'sekisho', password: 'sekisho1' } as const;

/**
 * Starts an SMSC (SMPP 3.4): binds, takes messages whole and in parts, sends receipts and what phones write, keeps the link
 * alive. The number of the phone chooses what happens, as everywhere in the simulator.
 *
 * @throws ConfigurationError where the package `smpp` is missing, or the port is taken.
 */
export async function startSmscSimulator(settings: SmscSettings): Promise<Smsc> {
  const { host = '127.0.0.1', port = 0, key, cert, simulator } = settings;
  const smpp = loadSmpp();
  const line = simulator.line('smpp');
  const bench = createBench();
  const office = createOffice(smpp, line, settings);
  const secure = key !== undefined && cert !== undefined ? { key, cert } : {};
  const server = smpp.createServer(secure, (session) =>
    serve(smpp, session, {
      ...{ line, bench, office },
      ...{
        systemId: SMSC_CREDENTIALS.systemId,
        password: SMSC_CREDENTIALS.password,
        ids: 'decimal',
        window: 100,
      },
      ...withoutAbsent(settings),
    }),
  );
  const taken = await listen(server, port, host);
  return {
    host,
    port: taken,
    binds: bench.binds,
    received: bench.received,
    waiting: bench.waiting,
    pause: bench.pause,
    resume: bench.resume,
    cut: bench.cut,
    enquire: () => office.enquire(bench.connections()),
    close: () =>
      new Promise((resolve) => {
        office.close();
        server.close(() => resolve());
        bench.cut();
      }),
  };
}

const withoutAbsent = <T extends object>(settings: T): Partial<T> =>
  Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined)) as Partial<T>;

function listen(server: SmppServer, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.on('error', (error) => {
      const { code } = error as NodeJS.ErrnoException;
      const reason = code === 'EADDRINUSE' ? 'is in use by another process' : `cannot be used (${code})`;
      reject(
        new ConfigurationError([
          { field: 'smpp.port', reason, fix: 'Stop that process, or use another port' },
        ]),
      );
    });
    server.once('listening', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address ? address.port : port);
    });
    server.listen(port, host);
  });
}
