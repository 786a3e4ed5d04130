import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';

/** What it does in place of an answer: to the connection, to EHLO, or to the end of the message. */
export type Rudeness =
  | 'no greeting'
  | 'an endless greeting'
  | 'no answer'
  | 'an endless answer'
  | 'no receipt'
  | 'drops the message';

export interface RudeServer {
  port: number;
  /** Connections that came. */
  connections: number;
  /** Commands that came, in order. */
  commands: string[];
  /** Messages that came whole. */
  messages: number;
  close(): Promise<void>;
}

/** A server in clear text that is not polite at a chosen moment; no library for servers can be made to be so. */
export async function startRudeServer(rudeness: Rudeness): Promise<RudeServer> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    rude.connections += 1;
    sockets.add(socket.on('error', () => {}));
    talk(socket, rudeness, rude);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const rude: RudeServer = {
    port: (server.address() as AddressInfo).port,
    connections: 0,
    commands: [],
    messages: 0,
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
  return rude;
}

function talk(socket: Socket, rudeness: Rudeness, heard: RudeServer): void {
  let inMessage = false;
  socket.setEncoding('latin1').on('data', (chunk: string) => {
    if (inMessage) return endOf(chunk, socket, rudeness, heard);
    heard.commands.push(chunk.trim());
    inMessage = answer(chunk, socket, rudeness);
  });
  if (rudeness === 'an endless greeting') endless(socket, '220-and');
  else if (rudeness !== 'no greeting') socket.write('220 rude\r\n');
}

/** Answers a command; tells whether what comes next is a message. */
function answer(command: string, socket: Socket, rudeness: Rudeness): boolean {
  const isData = command.startsWith('DATA');
  if (rudeness === 'an endless answer') endless(socket, '250-and');
  else if (!rudeness.startsWith('no ') || rudeness === 'no receipt')
    socket.write(isData ? '354 go on\r\n' : '250 ok\r\n');
  return isData;
}

function endOf(chunk: string, socket: Socket, rudeness: Rudeness, heard: RudeServer): void {
  if (!chunk.endsWith('\r\n.\r\n')) return;
  heard.messages += 1;
  if (rudeness === 'drops the message') socket.destroy();
}

/** Always another line, so that no pause is ever long enough for a timeout between lines. */
function endless(socket: Socket, line: string): void {
  const timer = setInterval(() => socket.write(`${line}\r\n`), 10);
  socket.on('close', () => clearInterval(timer));
}
