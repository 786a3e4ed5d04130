import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { createSmppGateway } from '../../src/gateways/smpp.ts';
import type { SendOutcome } from '../../src/ports/gateway.ts';
import { type AtSmsc, startAtSmsc, until } from '../support/smsc.ts';
import { LOCAL_CERTIFICATE, LOCAL_KEY } from '../support/tls.ts';

const outcomesOf = (all: readonly SendOutcome[]) => all.map(({ outcome }) => outcome);

describe('the connection to an SMSC', () => {
  let at: AtSmsc;
  afterEach(() => at.close());
  const submits = () => at.smsc.received().filter(({ command }) => command === 'submit_sm');

  it('has no more messages under way than the window has places', async () => {
    at = await startAtSmsc({ window: 3 });
    await at.send();
    at.smsc.pause();
    const sending = Array.from({ length: 10 }, () => at.send());
    await until(() => at.smsc.waiting().now === 3, 'three wait');
    assert.equal(submits().length, 4);
    at.smsc.resume();
    assert.deepEqual(new Set(outcomesOf(await Promise.all(sending))), new Set(['accepted']));
    assert.deepEqual(at.smsc.waiting(), { now: 0, most: 3 });
  });

  it('that dies makes ambiguous what was under way, and sends the rest when it is back (GWY-02)', async () => {
    at = await startAtSmsc({ window: 3 });
    await at.send();
    at.smsc.pause();
    const sending = ['a', 'b', 'c', 'd', 'e'].map((text) => at.send({ text }));
    await until(() => at.smsc.waiting().now === 3, 'three wait');
    at.smsc.cut();
    at.smsc.resume();
    const outcomes = await Promise.all(sending);
    assert.deepEqual(outcomesOf(outcomes), ['ambiguous', 'ambiguous', 'ambiguous', 'accepted', 'accepted']);
    assert.deepEqual(outcomes[0], { outcome: 'ambiguous', code: 'closed' });
    assert.deepEqual(at.texts().slice(1), ['a', 'b', 'c', 'd', 'e'], 'each was sent once');
  });

  it('loses no place of the window to an answer that does not come', async () => {
    at = await startAtSmsc({ window: 1, responseTimeout: 50 });
    await at.send();
    at.smsc.pause();
    for (const _ of [1, 2, 3]) {
      assert.deepEqual(await at.send(), { outcome: 'ambiguous', code: 'timeout' });
    }
    at.smsc.resume();
    assert.equal((await at.send()).outcome, 'accepted');
  });

  it('says that nothing left where the time was up in line, and nobody knows where it was up on the way', async () => {
    at = await startAtSmsc({ window: 1 });
    await at.send();
    at.smsc.pause();
    const [first, second] = await Promise.all([
      at.send({}, AbortSignal.timeout(100)),
      at.send({}, AbortSignal.timeout(50)),
    ]);
    assert.deepEqual(first, { outcome: 'ambiguous', code: 'aborted' });
    assert.deepEqual(second, { outcome: 'rejected', class: 'throttled', code: 'window_full' });
    assert.equal(submits().length, 2);
  });

  it('calls throttled what the SMSC calls so', async () => {
    at = await startAtSmsc({ window: 10 }, { window: 2 });
    await at.send();
    at.smsc.pause();
    const sending = Array.from({ length: 4 }, () => at.send());
    await until(() => submits().length === 5, 'all are there');
    at.smsc.resume();
    const refused = (await Promise.all(sending)).filter(({ outcome }) => outcome === 'rejected');
    assert.equal(refused.length, 2);
    assert.deepEqual(refused[0], { outcome: 'rejected', class: 'throttled', code: '0x58' });
  });

  it('says who may not bind, and quotes no password (LOG-02)', async () => {
    at = await startAtSmsc({ password: 'canary-pw', reconnectDelay: 5000 });
    const refusal = { outcome: 'rejected', class: 'auth', code: '0x0e' };
    assert.deepEqual(await at.send(), refusal);
    assert.deepEqual(await at.send(), refusal, 'until it may');
    assert.deepEqual(
      at.smsc.received().map(({ command }) => command),
      ['bind_transceiver'],
    );
  });

  it('is one for both ways, or one for each', async () => {
    at = await startAtSmsc({ bind: 'separate' });
    await until(() => at.smsc.binds().length === 2, 'two binds');
    assert.deepEqual([...at.smsc.binds()].sort(), ['bind_receiver', 'bind_transmitter']);
    assert.equal((await at.send()).outcome, 'accepted');
    await at.simulator.advance(60_000);
    assert.equal(at.events.length, 1);
  });

  it('answers enquire_link, and what it does not know', async () => {
    at = await startAtSmsc();
    await at.send();
    assert.equal(await at.smsc.enquire(), 1);
  });

  it('is unbound when the gateway is closed, after what is under way', async () => {
    at = await startAtSmsc();
    await at.send();
    at.smsc.pause();
    const last = at.send();
    await until(() => at.smsc.waiting().now === 1, 'one waits');
    const closing = at.gateway.close!();
    // What was sent before the answer to this has come in by then.
    assert.equal(await at.smsc.enquire(), 1);
    assert.equal(at.smsc.received().at(-1)!.command, 'submit_sm');
    at.smsc.resume();
    await closing;
    assert.equal((await last).outcome, 'accepted');
    await until(() => at.smsc.binds().length === 0, 'nobody is bound');
    assert.equal(at.smsc.received().at(-1)!.command, 'unbind');
    assert.deepEqual(await at.send(), { outcome: 'rejected', class: 'temporary', code: 'closed' });
  });

  it('carries what a message needs', async () => {
    at = await startAtSmsc({ sender: '00051234', serviceType: 'OTP' });
    await at.send({ expiresAt: at.simulator.now() + 120_000 });
    const [pdu] = submits();
    const { source_addr, source_addr_ton, dest_addr_ton, dest_addr_npi, destination_addr } = pdu!;
    assert.deepEqual(
      { source_addr, source_addr_ton, dest_addr_ton, dest_addr_npi, destination_addr },
      {
        source_addr: '00051234',
        source_addr_ton: 3,
        dest_addr_ton: 1,
        dest_addr_npi: 1,
        destination_addr: '819012345678',
      },
    );
    assert.deepEqual([pdu!['registered_delivery'], pdu!['service_type'], pdu!['data_coding']], [1, 'OTP', 0]);
    const [bind] = at.smsc.received();
    assert.equal(bind!['interface_version'], 0x34);
  });
});

describe('TLS to an SMSC', () => {
  const tls = { tls: true, insecure: false };
  const secure = { key: LOCAL_KEY, cert: LOCAL_CERTIFICATE };

  it('is spoken where the certificate is trusted, and for that host', async () => {
    const at = await startAtSmsc({ ...tls, ca: LOCAL_CERTIFICATE }, secure);
    try {
      assert.equal((await at.send()).outcome, 'accepted');
    } finally {
      await at.close();
    }
  });

  it('is refused to whoever cannot prove to be the SMSC: no password is sent', async () => {
    const at = await startAtSmsc(tls, secure);
    try {
      assert.deepEqual(await at.send(), { outcome: 'rejected', class: 'temporary', code: 'unconnected' });
      assert.deepEqual(at.smsc.received(), []);
    } finally {
      await at.close();
    }
  });

  it('may be off only on a private line, which is said, or for a simulator, which is fatal (GWY-01)', async () => {
    const settings = { host: '10.0.0.1', systemId: 'a', password: 'canary' };
    assert.throws(() => createSmppGateway({ ...settings, tls: false }), /gateway smpp\.tls: is off/);
    const second = { ...settings, name: 'second', tls: false };
    assert.throws(() => createSmppGateway(second), /gateway second\.tls: is off/);
    const line = createSmppGateway({ ...settings, tls: false, privateLine: true });
    const insecure = createSmppGateway({ ...settings, tls: false, insecure: true });
    const severities = (gateway: typeof line) =>
      gateway.findings!({ production: true }).map((one) => one.severity);
    assert.deepEqual([severities(line), severities(insecure)], [['warning'], ['fatal']]);
    assert.deepEqual(severities(createSmppGateway(settings)), []);
  });
});

describe('settings of SMPP', () => {
  it('are named when they are wrong, and not quoted (LOG-02)', () => {
    const settings = { host: 'smsc.example', systemId: 'a', password: 'canary' };
    for (const [changes, field] of [
      [{ host: 'canary example' }, 'host'],
      [{ systemId: 'canary-that-is-too-long' }, 'systemId'],
      [{ password: 'canary'.repeat(20) }, 'password'],
      [{ password: 7 }, 'password'],
      [{ sender: 'canary-canary-canary' }, 'sender'],
      [{ ca: 'canary' }, 'ca'],
      [{ errorClasses: { '001': 'canary' } }, 'errorClasses.001'],
      [{ passwrod: 'canary' }, 'passwrod'],
    ] as const) {
      assert.throws(
        () => createSmppGateway({ ...settings, ...changes }),
        (error: Error) =>
          error.message.includes(`gateway smpp.${field}`) && !error.message.includes('canary'),
        field,
      );
    }
  });
});
