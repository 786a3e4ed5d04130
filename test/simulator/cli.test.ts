import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, it } from 'node:test';
import { createTwilioGateway } from '../../src/gateways/twilio.ts';
import { allVendors } from '../../src/simulator/vendors.ts';
import { assertRefused, commandIn, type Outcome, outcomeOf, untilSaid } from '../support/command.ts';
import { freePorts } from '../support/free-ports.ts';

const { start, run, write } = commandIn('simulate-');

interface Running {
  child: ChildProcess;
  ended: Promise<Outcome>;
  url: string;
  smpp: number;
}

async function startOne(args: readonly string[] = []): Promise<Running> {
  const port = await freePorts();
  const child = start(['simulate', '--port', String(port), '--smpp-port', String(port + 1), ...args]);
  const ended = outcomeOf(child);
  await untilSaid(child, /ready in \d+ ms[\s\S]*Ctrl-C/);
  return { child, ended, url: `http://127.0.0.1:${port}`, smpp: port + 1 };
}

const get = async (address: string) => (await fetch(address)).json();

const message = (to: string) => ({
  ...({ id: 'AAAAAAAAAAAAAAAAAAAAAA', to, channel: 'sms', locale: 'en' } as const),
  text: '482913 is your code.\n\n@login.example #482913',
  expiresAt: Date.now() + 300_000,
});

describe('sekisho simulate', () => {
  it('says where every vendor is, lets a gateway send to it, and ends in good order on SIGTERM', async () => {
    const scenario = write('scenario.json', { rules: [{ suffix: '0001', fate: 'opted-out' }] });
    const { child, ended, url, smpp } = await startOne(['--virtual-time', '--scenario', scenario]);
    const { vendors } = (await get(`${url}/_sim/vendors`)) as {
      vendors: { vendor: string; url: string; credentials: Record<string, string> }[];
    };
    assert.deepEqual(
      vendors.map(({ vendor }) => vendor),
      allVendors().map(({ vendor }) => vendor),
    );
    const twilio = vendors.find(({ vendor }) => vendor === 'twilio')!;
    const { accountSid, authToken } = twilio.credentials;
    const gateway = createTwilioGateway({
      ...{ accountSid, authToken, from: '+15005550006', baseUrl: twilio.url, insecure: true },
    });
    const context = { now: Date.now(), signal: AbortSignal.timeout(8000) };
    assert.equal((await gateway.send(message('+819012345678'), context)).outcome, 'accepted');
    const refused = await gateway.send(message('+819000000001'), context);
    assert.ok(refused.outcome === 'rejected' && refused.class === 'opt-out');
    await gateway.close!();
    await fetch(`${url}/_sim/advance`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: '{"milliseconds":2000}',
    });
    assert.match(await (await fetch(url)).text(), /<code>482913<\/code>/);
    const esme = connect(smpp, '127.0.0.1');
    await once(esme, 'connect');
    child.kill('SIGTERM');
    const { code, err, out } = await ended;
    assert.deepEqual([code, err], [0, '']);
    assert.match(out, new RegExp(`SMPP +127\\.0\\.0\\.1:${smpp}, system id sekisho`));
    for (const { url: address } of vendors) assert.ok(out.includes(` ${address}\n`), address);
  });

  it('runs on the clock of the machine unless told otherwise', async () => {
    const { child, ended, url } = await startOne();
    const [before, first] = [Date.now(), await advance(url)];
    assert.ok(first - before >= 1000 && first - before < 60_000);
    child.kill('SIGINT');
    assert.equal((await ended).code, 0);
  });

  it('says in one line what stops it', async () => {
    const wrong = write('wrong.json', { rules: [{ fate: 'lost' }] });
    const refused: [args: readonly string[], reason: RegExp][] = [
      [['now'], /"now" means nothing here/],
      [['--port', 'many'], /--port must be a number/],
      [['--port', '0', '--smpp-port', 'x'], /--smpp-port must be a number/],
      [['--webhook', 'twilio'], /--webhook takes VENDOR=URL/],
      [['--webhook', 'nobody=http://127.0.0.1/'], /webhooks\.nobody is no vendor/],
      [['--scenario', 'nowhere.json'], /nowhere\.json does not exist/],
      [['--scenario', wrong], /scenario\.rules\.0\.fate must be one of/],
    ];
    await Promise.all(refused.map(([args, reason]) => assertRefused(run(['simulate', ...args]), reason)));
    const production = outcomeOf(start(['simulate'], { NODE_ENV: 'production' }));
    await assertRefused(production, /refuses to run in production/);
  });
});

async function advance(url: string): Promise<number> {
  const answer = await fetch(`${url}/_sim/advance`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: '{"milliseconds":1000}',
  });
  return ((await answer.json()) as { now: number }).now;
}
