import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A relying party in a browser: a page that can open a popup, and the address where sign-ins come back to. */
export interface Application {
  url: string;
  callback: string;
  close(): void;
}

/** What comes back is told to the window that opened this one, where there is one, as single-page applications do. */
const CALLBACK = `<title>back</title><p id="answer"></p><script>
document.querySelector('#answer').textContent = location.search;
if (window.opener) { window.opener.postMessage(location.search, location.origin); window.close(); }
</script>`;

const PAGE = `<title>application</title><p id="answer"></p><script>
addEventListener('message', ({ origin, data }) => {
  if (origin === location.origin) document.querySelector('#answer').textContent = data;
});
</script>`;

export async function startApplication(): Promise<Application> {
  const server = createServer((req, res) => {
    const page = req.url?.startsWith('/callback') ? CALLBACK : PAGE;
    res.writeHead(200, { 'Content-Type': 'text/html' }).end(page);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    callback: `${url}/callback`,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
