// Starts the demo of the installed package, looks at its pages, and stops it in good order.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';

// Below the range that the system hands out for outgoing connections, one of which may hold any port of that range.
const PORT = 28_417;
const demo = spawn('node_modules/.bin/sekisho', ['demo', '--port', `${PORT}`, '--data', 'data'], {
  stdio: ['ignore', 'ignore', 'inherit'],
});
const ended = once(demo, 'exit');

async function read(url) {
  for (let look = 0; look < 100; look += 1) {
    const response = await fetch(url).catch(() => undefined);
    if (response?.ok) return response.text();
    await pause(100);
  }
  throw new Error(`${url} does not answer`);
}

try {
  const { issuer } = JSON.parse(await read(`http://localhost:${PORT}/.well-known/openid-configuration`));
  const page = await read(`http://localhost:${PORT + 1}/`);
  if (issuer !== `http://localhost:${PORT}` || !/<title>/.test(page))
    throw new Error('the demo is not whole');
  await read(`http://localhost:${PORT + 1}${/href="([^"]+\.css)"/.exec(page)[1]}`);
} finally {
  demo.kill('SIGTERM');
}
const [code] = await ended;
if (code !== 0) throw new Error(`the demo ended with ${code}`);
console.log('the demo starts and stops');
