import type { Log } from '../options.ts';
import type { RunningDemo } from '../server/demo.ts';

/** What a person sees who starts the demo. */
export function printDemo({ app, handset, provider, accounts }: RunningDemo, ms: number, data: string): void {
  const logins = accounts.map(({ login }) => login).join(', ');
  process.stdout.write(`
Sekisho demo, ready in ${ms} ms

  Application   ${app}
  Test phone    ${handset}
  Provider      ${provider}/.well-known/openid-configuration

  Accounts      ${logins}; password ${accounts[0]?.password}
  Data          ${data} (delete it to begin anew)

For trying out only. Ctrl-C stops it.

`);
}

/** A log for people, one line an event; quiet until the demo is ready. */
export function createDemoLog(): Log & { begin(): void } {
  let begun = false;
  const line = (fields: object, message: string) => {
    if (!begun) return;
    const { type: _, ...rest } = fields as Record<string, unknown>;
    const told = Object.entries(rest).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
    process.stdout.write(
      `${new Date().toISOString().slice(11, 19)}  ${[message.padEnd(22), ...told].join(' ')}\n`,
    );
  };
  return {
    info: line,
    warn: line,
    error: line,
    begin() {
      begun = true;
    },
  };
}
