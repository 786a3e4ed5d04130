import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { afterEach, describe, it } from 'node:test';
import { loadSmpp, type Pdu, type SmppSession } from '../../src/gateways/smpp/library.ts';
import { createSmppGateway } from '../../src/gateways/smpp.ts';
import { smppSettings, smsMessage, until } from '../support/smsc.ts';

const smpp = loadSmpp();
/** What a test opened; a test that fails would keep the process from ending. */
const opened: (() => Promise<void>)[] = [];

/** An SMSC that does what a test says. */
async function startOdd(serve: (session: SmppSession, pdu: Pdu) => void, settings: object = {}, own = {}) {
  const sessions: SmppSession[] = [];
  const server = smpp.createServer(own, (session) => {
    sessions.push(session);
    session.on('pdu', (pdu) => {
      if (/^(bind_transceiver|unbind)$/.test(pdu.command)) session.send(pdu.response());
      else serve(session, pdu);
    });
  });
  server.listen(0, '127.0.0.1');
  await new Promise<void>((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  const gateway = createSmppGateway(smppSettings({ port }, settings));
  opened.push(async () => {
    await gateway.close!();
    for (const session of sessions) session.destroy();
    await new Promise<void>((resolve) => server.close(resolve));
  });
  const context = () => ({ now: Date.now(), signal: AbortSignal.timeout(5000) });
  return {
    gateway,
    sessions,
    send: (text: string) => gateway.send(smsMessage(Date.now(), { text }), context()),
  };
}

describe('an SMSC that is odd', () => {
  afterEach(async () => {
    for (const close of opened.splice(0)) await close();
  });

  it('takes one part and not the next: nobody knows what the phone shows (GWY-02)', async () => {
    let parts = 0;
    const odd = await startOdd((session, pdu) => {
      if (pdu.command !== 'submit_sm') return;
      parts += 1;
      session.send(pdu.response(parts === 1 ? { message_id: '1' } : { command_status: 0x58 }));
    });
    assert.deepEqual(await odd.send('あ'.repeat(200)), { outcome: 'ambiguous', code: '0x58' });
    assert.equal(parts, 2, 'no further part is sent');
  });

  it('is silent: the link is cut and made again', async () => {
    const odd = await startOdd(() => {}, { enquireInterval: 50, responseTimeout: 50 });
    odd.gateway.listen!(() => {});
    await until(() => odd.sessions.length >= 3, 'it comes again');
  });

  it('unbinds: it is answered, and the gateway comes again', async () => {
    const odd = await startOdd(() => {});
    odd.gateway.listen!(() => {});
    await until(() => odd.sessions.length === 1, 'it came');
    const heard: string[] = [];
    odd.sessions[0]!.on('pdu', ({ command }) => void heard.push(command));
    odd.sessions[0]!.send(smpp.pdu('unbind'));
    await until(() => odd.sessions.length === 2, 'it comes again');
    assert.deepEqual(heard, ['unbind_resp']);
  });

  it('unbinds, and leaves its half open: the gateway comes again all the same', async () => {
    const serve = (session: SmppSession, pdu: Pdu) => {
      if (pdu.command === 'submit_sm') session.send(pdu.response({ message_id: '1' }));
    };
    const odd = await startOdd(serve, { enquireInterval: 300_000 }, { allowHalfOpen: true });
    await odd.send('a');
    odd.sessions[0]!.send(smpp.pdu('unbind'));
    await until(() => odd.sessions.length === 2, 'it comes again');
    assert.equal((await odd.send('b')).outcome, 'accepted');
  });

  it('brings receipts before anybody listens, or to somebody who fails: it is asked to come again', async () => {
    const statuses: number[] = [];
    const odd = await startOdd((session, pdu) => {
      if (pdu.command === 'deliver_sm_resp') statuses.push(pdu.command_status);
      if (pdu.command === 'submit_sm') session.send(pdu.response({ message_id: '1' }));
    });
    const receipt = { esm_class: 4, short_message: 'id:1 stat:DELIVRD err:000' };
    await odd.send('a');
    odd.sessions[0]!.send(smpp.pdu('deliver_sm', receipt));
    await until(() => statuses.length === 1, 'an answer');
    odd.gateway.listen!(() => {
      throw new Error('out of order');
    });
    odd.sessions[0]!.send(smpp.pdu('deliver_sm', receipt));
    await until(() => statuses.length === 2, 'an answer');
    odd.gateway.listen!(() => {});
    odd.sessions[0]!.send(smpp.pdu('deliver_sm', receipt));
    await until(() => statuses.length === 3, 'an answer');
    assert.deepEqual(statuses, [0x64, 0x64, 0]);
  });

  it('answers with generic_nack, or with a status of its own making', async () => {
    const answers = ['generic_nack', 'submit_sm_resp'];
    const odd = await startOdd((session, { command, sequence_number }) => {
      if (command !== 'submit_sm') return;
      session.send(
        smpp.pdu(answers.shift()!, { sequence_number, command_status: answers.length ? 3 : 0x4ff }),
      );
    });
    assert.deepEqual(await odd.send('a'), { outcome: 'rejected', class: 'permanent', code: '0x03' });
    assert.deepEqual(await odd.send('a'), { outcome: 'rejected', class: 'unknown', code: '0x4ff' });
  });

  it('sends garbage: the process lives, and the gateway comes again', async () => {
    const garbage = [
      'ffffffff0000',
      '00000004',
      '0000001000000000',
      '00000010deadbeef0000000000000001',
      '00'.repeat(64),
    ];
    let came = 0;
    const sockets = new Set<Socket>();
    const server = createServer((socket) => {
      sockets.add(socket.on('error', () => {}));
      socket.end(Buffer.from(garbage[came % garbage.length]!, 'hex'));
      came += 1;
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const gateway = createSmppGateway(smppSettings({ port }, { responseTimeout: 50 }));
    opened.push(async () => {
      await gateway.close!();
      for (const socket of sockets) socket.destroy();
      server.close();
    });
    gateway.listen!(() => {});
    await until(() => came >= 5, 'it comes again and again');
    const context = { now: Date.now(), signal: AbortSignal.timeout(200) };
    const outcome = await gateway.send(smsMessage(Date.now()), context);
    assert.ok(outcome.outcome === 'rejected' && outcome.class === 'temporary');
  });
});
