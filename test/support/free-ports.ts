import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer, type Server } from 'node:net';

/** A port nobody listens on, whose neighbour above is free as well. */
export async function freePorts(): Promise<number> {
  for (let round = 0; round < 50; round += 1) {
    const first = await listen(0);
    const { port } = first.address() as AddressInfo;
    const second = port < 65_000 ? await listen(port + 1).catch(() => undefined) : undefined;
    await Promise.all([first, second].map((server) => server && shut(server)));
    if (second) return port;
  }
  throw new Error('there are no two free ports side by side');
}

async function listen(port: number): Promise<Server> {
  const server = createServer();
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

async function shut(server: Server): Promise<void> {
  server.close();
  await once(server, 'close');
}
