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
    odd.gateway.listen!(async () => {});
    await until(() => odd.sessions.length >= 3, 'it comes again');
  });

  it('unbinds: it is answered, and the gateway comes again', async () => {
    const odd = await startOdd(() => {});
    odd.gateway.listen!(async () => {});
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

  /** What the gateway answers to a deliver_sm, one after the other. */
  async function asked(settings: object = {}) {
    const statuses: number[] = [];
    const odd = await startOdd((session, pdu) => {
      if (pdu.command === 'deliver_sm_resp') statuses.push(pdu.command_status);
      else if (pdu.command === 'submit_sm' && answers) session.send(pdu.response({ message_id: '1' }));
    }, settings);
    let answers = true;
    await odd.send('a');
    const deliver = (parameters: object) => odd.sessions[0]!.send(smpp.pdu('deliver_sm', { ...parameters }));
    const silent = () => {
      answers = false;
    };
    return { ...odd, statuses, deliver, silent };
  }
  const RECEIPT = { esm_class: 4, short_message: 'id:1 stat:DELIVRD err:000' };
  const STOP = { esm_class: 0, source_addr: '819012345678', source_addr_ton: 1, short_message: 'STOP' };

  it('brings receipts before anybody listens, or to somebody who fails: it is asked to come again', async () => {
    const { gateway, statuses, deliver } = await asked();
    deliver(RECEIPT);
    await until(() => statuses.length === 1, 'an answer');
    gateway.listen!(() => {
      throw new Error('out of order');
    });
    deliver(RECEIPT);
    await until(() => statuses.length === 2, 'an answer');
    gateway.listen!(async () => {});
    deliver(RECEIPT);
    await until(() => statuses.length === 3, 'an answer');
    assert.deepEqual(statuses, [0x64, 0x64, 0]);
  });

  for (const [what, pdu] of Object.entries({ RECEIPT, STOP })) {
    it(`brings a ${what}: it is told so once that is on record, and has to come again where it is not (GWY-04)`, async () => {
      const { gateway, statuses, deliver } = await asked();
      let taken = Promise.withResolvers<void>();
      let told = 0;
      gateway.listen!(() => {
        told += 1;
        return taken.promise;
      });
      deliver(pdu);
      await until(() => told === 1, 'the news');
      assert.deepEqual(statuses, [], 'not yet');
      taken.reject(new Error('the store is away'));
      await until(() => statuses.length === 1, 'an answer');
      taken = Promise.withResolvers();
      deliver(pdu);
      await until(() => told === 2, 'the news again');
      taken.resolve();
      await until(() => statuses.length === 2, 'an answer');
      assert.deepEqual(statuses, [0x64, 0]);
    });
  }

  it('brings a receipt nobody knows while it answers no message: it has to come again, and is not kept waiting', async () => {
    const { send, gateway, statuses, deliver, silent } = await asked({ responseTimeout: 5000 });
    const told: string[] = [];
    gateway.listen!(async (events) => {
      for (const event of events) if (event.type === 'receipt') told.push(event.vendorId!);
    });
    silent();
    const sending = send('b');
    deliver({ ...RECEIPT, short_message: 'id:2 stat:DELIVRD err:000' });
    deliver(RECEIPT);
    await until(() => statuses.length === 2, 'two answers');
    assert.deepEqual([statuses, told], [[0, 0x64], ['1']], 'the one that is known is taken at once');
    await sending;
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
    gateway.listen!(async () => {});
    await until(() => came >= 5, 'it comes again and again');
    const context = { now: Date.now(), signal: AbortSignal.timeout(200) };
    const outcome = await gateway.send(smsMessage(Date.now()), context);
    assert.ok(outcome.outcome === 'rejected' && outcome.class === 'temporary');
  });
});
