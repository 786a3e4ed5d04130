import { Agent, type IncomingHttpHeaders, type OutgoingHttpHeaders, request } from 'node:http';

export interface Reply {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
}

/** A connection pool, with as many connections as there are sign-ins at once. */
export const createPool = (connections: number): Agent =>
  new Agent({ keepAlive: true, maxSockets: connections, maxFreeSockets: connections });

/** As little of a browser as a sign-in needs: cookies by path, one request at a time, no redirects by itself. */
export class Browser {
  private readonly cookies = new Map<string, { name: string; value: string; path: string }>();
  private readonly origin: URL;
  private readonly pool: Agent;
  private readonly always: OutgoingHttpHeaders;

  constructor(issuer: string, pool: Agent, always: OutgoingHttpHeaders) {
    this.origin = new URL(issuer);
    this.pool = pool;
    this.always = always;
  }

  get(path: string): Promise<Reply> {
    return this.send('GET', path, {});
  }

  post(path: string, fields: Record<string, string>, headers: OutgoingHttpHeaders = {}): Promise<Reply> {
    const body = new URLSearchParams(fields).toString();
    const about = {
      'content-type': 'application/x-www-form-urlencoded',
      'content-length': Buffer.byteLength(body),
    };
    return this.send('POST', path, { ...about, ...headers }, body);
  }

  private async send(
    method: string,
    path: string,
    headers: OutgoingHttpHeaders,
    body?: string,
  ): Promise<Reply> {
    const pathname = path.split('?')[0]!;
    const cookie = [...this.cookies.values()]
      .filter((each) => pathname.startsWith(each.path))
      .map(({ name, value }) => `${name}=${value}`)
      .join('; ');
    const all = { ...this.always, ...headers, ...(cookie === '' ? {} : { cookie }) };
    const { hostname, port } = this.origin;
    const reply = await new Promise<Reply>((resolve, reject) => {
      const sent = request({ hostname, port, method, path, headers: all, agent: this.pool }, (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => {
          text += chunk;
        });
        response.on('end', () =>
          resolve({ status: response.statusCode!, headers: response.headers, body: text }),
        );
        response.on('error', reject);
      });
      sent.on('error', reject);
      sent.end(body);
    });
    for (const line of reply.headers['set-cookie'] ?? []) this.keep(line, pathname);
    return reply;
  }

  private keep(line: string, pathname: string): void {
    const [, name = '', value = ''] = /^([^=]*)=([^;]*)/.exec(line)!;
    const path = /;\s*path=([^;]*)/i.exec(line)?.[1] ?? pathname;
    if (value === '') this.cookies.delete(`${path} ${name}`);
    else this.cookies.set(`${path} ${name}`, { name, value, path });
  }
}
