import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmod, readFile, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { createKeyFile, keyFileIn, readKeyFile } from '../../src/server/keys/file.ts';
import { generateKeys } from '../../src/server/keys.ts';
import { assertRefused, commandIn, outcomeOf, untilSaid } from '../support/command.ts';
import { freePorts } from '../support/free-ports.ts';

const { folder, start, run, write, configuration } = commandIn('cli-');

describe('the command line', () => {
  it('says its version and its commands', async () => {
    const { version } = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8'));
    assert.deepEqual(await run(['--version']), { code: 0, out: `${version}\n`, err: '' });
    for (const args of [['--help'], [], ['keys', '--help']]) {
      const { code, out } = await run(args);
      assert.equal(code, 0);
      for (const command of ['demo', 'serve', 'check', 'keys rotate', 'accounts reset-phone']) {
        assert.ok(out.includes(`sekisho ${command}`), command);
      }
    }
  });

  it('says in one line that Node is too old, on that Node too', async () => {
    const older =
      'Object.defineProperty(process, "versions", { value: { ...process.versions, node: "22.12.9" } })';
    const outcome = outcomeOf(
      start(['--version'], { NODE_OPTIONS: `--import=${write('older.mjs', older)}` }),
    );
    const { code, err } = await outcome;
    assert.equal(code, 1);
    assert.match(err, /^sekisho needs Node\.js 22\.13 or newer, and this is 22\.12\.9\..*\n$/);
  });

  it('says in one line what was typed wrong', async () => {
    await assertRefused(run(['sevre']), /there is no command "sevre"/);
    await assertRefused(run(['demo', '--prot', '1']), /Unknown option '--prot/);
    await assertRefused(run(['demo', '--port', 'many']), /--port must be a number/);
    await assertRefused(run(['serve']), /name a configuration with --config FILE/);
    await assertRefused(run(['serve', 'now']), /"now" means nothing here/);
    await assertRefused(run(['keys', 'melt']), /keys takes generate, list, rotate or secret/);
    await assertRefused(run(['accounts', 'add']), /accounts takes add, .* and a LOGIN/);
  });
});

describe('sekisho demo', () => {
  it('says how long it took and where everything is, and ends in good order on SIGTERM (OPS-04)', async () => {
    const port = await freePorts();
    const child = start(['demo', '--port', String(port), '--data', 'demo']);
    const ended = outcomeOf(child);
    await untilSaid(child, /ready in \d+ ms[\s\S]*Ctrl-C/);
    const card = await fetch(`http://localhost:${port}/.well-known/openid-configuration`);
    assert.equal(((await card.json()) as { issuer: string }).issuer, `http://localhost:${port}`);
    assert.equal((await fetch(`http://localhost:${port + 1}/`)).status, 200);
    assert.equal((await stat(join(folder, 'demo'))).mode & 0o777, 0o700);
    child.kill('SIGTERM');
    const { code, out, err } = await ended;
    assert.deepEqual([code, err], [0, '']);
    for (const address of [
      `http://localhost:${port + 1}\n`,
      `http://localhost:${port}/handset`,
      'hakone-1619',
    ]) {
      assert.ok(out.includes(address), address);
    }
  });

  it('says in one line that a port is taken, be it the first or the second', async () => {
    const port = await freePorts();
    for (const taken of [port, port + 1]) {
      const other = createServer().listen(taken, '127.0.0.1');
      await once(other, 'listening');
      await assertRefused(
        run(['demo', '--port', String(port), '--data', 'taken']),
        new RegExp(`port ${taken} is in use by another process`),
      );
      other.close();
      await once(other, 'close');
    }
  });
});

describe('sekisho serve', () => {
  it('runs from a configuration file, prints no secret, and ends on SIGINT', async () => {
    const config = await configuration('serve');
    const child = start(['serve', '--config', write('serve.json', config)]);
    const ended = outcomeOf(child);
    await untilSaid(child, /ready in \d+ ms at http:\/\/localhost/);
    assert.equal((await fetch(`${config.issuer}/ready`)).status, 200);
    const keys = await readKeyFile(keyFileIn(join(folder, 'serve')));
    child.kill('SIGINT');
    const { code, out } = await ended;
    assert.equal(code, 0);
    for (const secret of [...keys.secrets, ...keys.cookieKeys]) assert.ok(!out.includes(secret));
  });

  it('says in one line what stops it', async () => {
    await assertRefused(run(['serve', '--config', 'nowhere.json']), /nowhere\.json does not exist/);
    const broken = write('broken.json', '{ "issuer": }');
    await assertRefused(run(['serve', '--config', broken]), /broken\.json is not JSON at line 1, column 13/);
    const unknown = write('unknown.json', { ...(await configuration('x')), isuer: 1 });
    await assertRefused(run(['serve', '--config', unknown]), /isuer is not an option/);
    const production = write('production.json', {
      ...{
        ...(await configuration('none')),
        issuer: 'https://id.example',
        trustedProxies: 1,
        production: true,
      },
    });
    await assertRefused(run(['serve', '--config', production]), /gateway\.type the handset shows every code/);
    const short = write('short.json', { ...(await configuration('x')), secrets: ['c2hvcnQ'] });
    await assertRefused(run(['serve', '--config', short]), /secrets every secret needs at least 32 bytes/);
  });

  it('names the setting and the path of a folder that cannot be written to, and so does check', async () => {
    const taken = write('taken', '');
    const database = {
      ...(await configuration('unwritable')),
      store: { type: 'sqlite', file: 'taken/x.db' },
    };
    const file = write('unwritable.json', database);
    const told =
      /store\.file The database .*taken\/x\.db cannot be opened because .* is a file, not a folder\. Name/;
    await assertRefused(run(['serve', '--config', file]), told);
    const { code, out } = await run(['check', '--config', file]);
    assert.equal(code, 1);
    assert.match(out, /^error +store sqlite cannot be made in .*x\.db: .*taken is no folder .*store\.file/m);
    const keys = write('unwritable-data.json', await configuration(join(taken, 'data')));
    await assertRefused(
      run(['serve', '--config', keys]),
      /data names the folder .*taken\/data, where .*chown/,
    );
  });

  it('lets one process alone use a database, and names Redis (OPS-05)', async () => {
    const [first, second] = [await configuration('shared'), await configuration('shared')];
    const child = start(['serve', '--config', write('first.json', first)]);
    await untilSaid(child, /ready in/);
    const other = write('second.json', second);
    await assertRefused(run(['serve', '--config', other]), /Another process has .*sekisho\.db open.*Redis/);
    child.kill('SIGTERM');
    await once(child, 'close');
  });
});

describe('sekisho check', () => {
  it('finds nothing to correct where all is well, and changes nothing', async () => {
    const file = write('well.json', await configuration('well'));
    const { code, out } = await run(['check', '--config', file]);
    assert.equal(code, 0, out);
    for (const line of [
      /^ok +keys will be made/m,
      /^ok +store sqlite will be made/m,
      /^ok +port \d+ is free/m,
    ]) {
      assert.match(out, line);
    }
    assert.match(out, /^ok +configuration is complete/m);
    assert.match(out, /^warning +alternative SMS and voice are the only second factor on offer \(RST-01\)/m);
    await assert.rejects(stat(join(folder, 'well')));
  });

  it('lists everything that is wrong at once, with what to do', async () => {
    const data = join(folder, 'ill');
    await createKeyFile(keyFileIn(data), () => generateKeys(Date.now()));
    await chmod(keyFileIn(data), 0o644);
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as { port: number };
    const file = write('ill.json', {
      ...{ issuer: 'https://id.example/', port, data, contries: ['JP'], gateway: { type: 'telegraph' } },
      ...{ countries: ['JP'], store: { type: 'redis', url: 'redis://127.0.0.1:1' }, code: { ttl: 601 } },
      ...{ signals: ['crystal-ball'], clients: [{ client_id: 'a' }, { client_id: 'a' }] },
    });
    const { code, out } = await run(['check', '--config', file]);
    taken.close();
    assert.equal(code, 1);
    for (const problem of [
      /^error +issuer is not in its exact form.*Write https:\/\/id\.example\.$/m,
      /^error +contries is not an option/m,
      /^error +code\.ttl .*30 to 600/m,
      /^error +clients two have the same client_id/m,
      /^error +gateway\.type there is no "telegraph"/m,
      /^error +signals\.0 there is no "crystal-ball"/m,
      /^error +.*keys\.json can be read by other users.*chmod 600/m,
      /^error +store/m,
      /^error +port \d+ is in use/m,
    ]) {
      assert.match(out, problem);
    }
    assert.match(out, /^9 to correct before a start\.$/m);
  });

  it('tells what only the whole shows: clients, views', async () => {
    const file = write('client.json', { ...(await configuration('c')), clients: [{ client_id: 'a' }] });
    const client = await run(['check', '--config', file]);
    assert.match(client.out, /^error +clients\.0 \(a\) client_secret is mandatory/m);
    const views = write('views.json', { ...(await configuration('c')), views: './no-views' });
    assert.match((await run(['check', '--config', views])).out, /^error +views .*no-views/m);
  });

  it('reports a broken file like any other error', async () => {
    const { code, out } = await run(['check', '--config', write('half.json', '{')]);
    assert.equal(code, 1);
    assert.match(out, /^error +.*half\.json is not JSON at line 1, column 2/m);
  });
});
