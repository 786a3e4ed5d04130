import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request as it came over the wire. */
export interface Heard {
  method: string;
  /** Path with query. */
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
}

export interface Canned {
  status: number;
  headers?: Record<string, string>;
  body: unknown;
}

/** A vendor that answers every request with what it was told to, and keeps what it heard. */
export interface CannedVendor {
  url: string;
  /** What it heard, the oldest first. */
  heard: Heard[];
  /** The answer to every request from now on. An object is sent as JSON. */
  answer: Canned;
  close(): Promise<void>;
}

export async function startCannedVendor(answer: Canned): Promise<CannedVendor> {
  const server = createServer(async (req, res) => {
    const chunks: Buffer[] = [];
    for await (const chunk of req) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString('utf8');
    vendor.heard.push({ method: req.method ?? '', path: req.url ?? '', headers: req.headers, body });
    const { status, headers = {}, body: said } = vendor.answer;
    res.writeHead(status, { 'content-type': 'application/json', ...headers });
    res.end(typeof said === 'string' ? said : JSON.stringify(said));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const vendor: CannedVendor = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    heard: [],
    answer,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return vendor;
}
