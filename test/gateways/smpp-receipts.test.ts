import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { afterEach, describe, it } from 'node:test';
import { createIds } from '../../src/gateways/smpp/ids.ts';
import { loadSmpp, type Pdu } from '../../src/gateways/smpp/library.ts';
import { readDelivered } from '../../src/gateways/smpp/receipt.ts';
import { numberWith } from '../support/simulated.ts';
import { type AtSmsc, startAtSmsc, until } from '../support/smsc.ts';

interface Wire {
  PDU: new (bytes: Buffer) => Pdu;
}
const { PDU } = createRequire(import.meta.url)('smpp') as Wire;
const smpp = loadSmpp();

/** A deliver_sm as it comes off the wire. */
function delivered(parameters: Record<string, unknown>): Pdu {
  const pdu = smpp.pdu('deliver_sm', {
    ...{ source_addr: '819012345678', source_addr_ton: 1, destination_addr: '00051234', esm_class: 4 },
    ...parameters,
  });
  return new PDU((pdu as unknown as { toBuffer(): Buffer }).toBuffer());
}
const text = (id: string, stat: string, err = '000') =>
  Buffer.from(
    `id:${id} sub:001 dlvrd:001 submit date:2606010300 done date:260601030005 stat:${stat} err:${err} text:482913 stat:DELIVRD`,
    'latin1',
  );
const receiptIn = (parameters: Record<string, unknown>, own = {}) => {
  const read = readDelivered(delivered(parameters), own);
  return read.kind === 'receipt' ? read.receipt : assert.fail(read.kind);
};

describe('a receipt of SMPP', () => {
  for (const [stat, state, reason] of [
    ['DELIVRD', 'delivered'],
    ['EXPIRED', 'expired'],
    ['DELETED', 'undelivered', 'unknown'],
    ['UNDELIV', 'undelivered', 'unknown'],
    ['ACCEPTD', 'accepted'],
    ['ENROUTE', 'sent'],
    ['UNKNOWN', 'unknown'],
    ['REJECTD', 'undelivered', 'blocked'],
  ] as const) {
    it(`is ${state} for the text ${stat}`, () => {
      const receipt = receiptIn({ short_message: text('a_b-1@x', stat), data_coding: 0 });
      assert.deepEqual(receipt, {
        ...{ receiptId: 'a_b-1@x', state, code: `${stat}:000` },
        numbers: ['819012345678', '00051234'],
        ...(reason ? { class: reason } : {}),
      });
    });
  }

  for (const [code, state, reason] of [
    [1, 'sent'],
    [2, 'delivered'],
    [3, 'expired'],
    [4, 'undelivered', 'unknown'],
    [5, 'undelivered', 'unknown'],
    [6, 'accepted'],
    [7, 'unknown'],
    [8, 'undelivered', 'blocked'],
  ] as const) {
    it(`is ${state} for the message_state ${code}`, () => {
      const receipt = receiptIn({ receipted_message_id: '0A1', message_state: code, short_message: '' });
      assert.deepEqual([receipt.receiptId, receipt.state, receipt.class], ['0A1', state, reason]);
    });
  }

  it('says in TLVs what counts, also when the text says otherwise', () => {
    const parameters = {
      receipted_message_id: 'tlv-1',
      message_state: 5,
      short_message: text('t1', 'DELIVRD', '005'),
    };
    const { receiptId, state, class: reason } = receiptIn(parameters);
    assert.deepEqual([receiptId, state, reason], ['tlv-1', 'undelivered', 'number']);
  });

  it('has its reason in err or in network_error_code, as the configuration reads it', () => {
    const undelivered = { short_message: text('1', 'UNDELIV', '001') };
    assert.equal(receiptIn(undelivered).class, 'unreachable');
    assert.equal(receiptIn(undelivered, { '001': 'recycled' }).class, 'recycled');
    const tlv = { receipted_message_id: '1', message_state: 5, network_error_code: Buffer.from([3, 0, 6]) };
    assert.equal(receiptIn(tlv).class, 'number');
  });

  it('is read in any case, in any encoding, in a payload, and as an intermediate one', () => {
    const lower = Buffer.from(text('Ab1', 'delivrd').toString().toLowerCase());
    assert.equal(receiptIn({ short_message: lower }).state, 'delivered');
    const wide = Buffer.from(text('1', 'DELIVRD').toString('latin1'), 'utf16le').swap16();
    assert.equal(receiptIn({ short_message: wide, data_coding: 8 }).state, 'delivered');
    assert.equal(receiptIn({ short_message: text('1', 'DELIVRD'), data_coding: 3 }).state, 'delivered');
    assert.equal(receiptIn({ short_message: text('1', 'DELIVRD'), data_coding: 4 }).state, 'delivered');
    assert.equal(receiptIn({ message_payload: text('1', 'DELIVRD') }).state, 'delivered');
    assert.equal(receiptIn({ short_message: text('1', 'ENROUTE'), esm_class: 0x20 }).state, 'sent');
  });

  it('without an id or a state says nothing, and the text behind "text:" is no field (LOG-02)', () => {
    for (const short_message of [
      '',
      'id:1',
      'stat:DELIVRD',
      'hello',
      'id:1 text: stat:DELIVRD',
      'id: stat:DELIVRD',
    ]) {
      assert.deepEqual(readDelivered(delivered({ short_message: Buffer.from(short_message) }), {}), {
        kind: 'nothing',
      });
    }
    const { code } = receiptIn({ short_message: text('1', 'UNDELIV', 'canary-482913') });
    assert.equal(code, 'UNDELIV');
  });

  it('is no message from a phone, and the reverse', () => {
    const inbound = delivered({ esm_class: 0, short_message: Buffer.from('STOP') });
    assert.deepEqual(readDelivered(inbound, {}), { kind: 'inbound', from: '+819012345678', keyword: 'stop' });
    const acknowledged = delivered({ esm_class: 8, short_message: Buffer.from('STOP') });
    assert.deepEqual(readDelivered(acknowledged, {}), { kind: 'nothing' });
  });
});

describe('the id in a receipt', () => {
  const ids = (mode: 'auto' | 'same' | 'decimal' | 'hex', sent: [string, string][]) => {
    const all = createIds(mode);
    for (const [submitId, to] of sent) all.remember(submitId, { id: `our-${submitId}`, to }, 0);
    return all;
  };

  it('is found in hex and in decimal, padded, and in any case', () => {
    for (const [sent, receipt] of [
      ['1a2b', '6699'],
      ['6699', '1A2B'],
      ['0000001A2B', '6699'],
      ['ABC-1', 'abc-1'],
      ['0042', '42'],
      ['deadbeef', 'DEADBEEF'],
    ] as const) {
      const found = ids('auto', [[sent, '+819012345678']]).find(receipt, []);
      assert.deepEqual(found, { vendorId: sent, id: `our-${sent}` }, `${sent} as ${receipt}`);
    }
  });

  it('that could be several is that of the number in the receipt', () => {
    const all = ids('auto', [
      ['10', '+819012340001'],
      ['16', '+819012340002'],
    ]);
    assert.equal(all.find('16', ['819012340001', 'x']).id, 'our-10');
    assert.equal(all.find('16', ['00051234', '09012340002']).id, 'our-16');
    assert.equal(all.find('16', ['hidden']).id, 'our-16');
  });

  it('that is not known stays as it is', () => {
    assert.deepEqual(ids('auto', [['77', '+819012345678']]).find('99', []), { vendorId: '99' });
    assert.deepEqual(ids('same', [['1a', '+819012345678']]).find('26', []), { vendorId: '26' });
  });

  it('becomes the number it means where the configuration says how, for every process', () => {
    const here = createIds('decimal');
    assert.deepEqual([here.nameOf('00001A2B'), here.find('6699', []).vendorId], ['6699', '6699']);
    const there = createIds('hex');
    assert.deepEqual([there.nameOf('6699'), there.find('1A2B', []).vendorId], ['6699', '6699']);
    assert.equal(here.nameOf('not-hex'), 'not-hex');
  });

  it('is forgotten after an hour', () => {
    const all = ids('auto', [['1', '+819012345678']]);
    all.remember('2', { id: 'our-2', to: '+819012345678' }, 3_600_000);
    assert.equal(all.find('1', []).id, undefined);
    assert.equal(all.find('2', []).id, 'our-2');
  });
});

describe('receipts from an SMSC', () => {
  let at: AtSmsc;
  afterEach(() => at.close());
  const told = () => at.events.map((event) => (event.type === 'receipt' ? event : assert.fail(event.type)));

  for (const [ids, receiptIds, settings] of [
    ['decimal', 'decimal', {}],
    ['hex', 'decimal', {}],
    ['decimal', 'hex', {}],
    ['hex', 'decimal', { receiptIds: 'decimal' }],
    ['decimal', 'hex', { receiptIds: 'hex' }],
  ] as const) {
    for (const receipts of ['both', 'tlv', 'text'] as const) {
      const how = 'receiptIds' in settings ? ', as configured' : '';
      it(`name a message that was given a ${ids} id by a ${receiptIds} one, in ${receipts}${how}`, async () => {
        at = await startAtSmsc(settings, { ids, receiptIds, receipts });
        const sent = [await at.send(), await at.send({ to: numberWith('undelivered') })];
        await at.simulator.advance(60_000);
        await until(() => at.events.length === 2, 'two receipts');
        const names = sent.map((one) => (one.outcome === 'accepted' ? one.vendorId : undefined));
        assert.deepEqual(
          told().map(({ vendorId }) => vendorId),
          names,
        );
        assert.deepEqual(
          told().map(({ state }) => state),
          ['delivered', 'undelivered'],
        );
      });
    }
  }

  it('that come before the answer to the message wait for it, to know what it is called', async () => {
    at = await startAtSmsc({}, { ids: 'hex', receiptIds: 'decimal' });
    const sent = await at.send({ to: numberWith('early-receipt') });
    await until(() => at.events.length > 0, 'a receipt');
    assert.deepEqual(
      told().map(({ vendorId, state }) => [vendorId, state]),
      [[sent.outcome === 'accepted' && sent.vendorId, 'delivered']],
    );
  });

  it('name it by its last part where it has several, once', async () => {
    at = await startAtSmsc();
    const sent = await at.send({ text: 'あ'.repeat(200) });
    await at.simulator.advance(60_000);
    await until(() => at.events.length > 0, 'a receipt');
    assert.deepEqual(
      told().map(({ vendorId }) => vendorId),
      [sent.outcome === 'accepted' && sent.vendorId],
    );
    const asked = at.smsc.received().filter(({ command }) => command === 'submit_sm');
    assert.deepEqual(
      asked.map((pdu) => pdu['registered_delivery']),
      [0, 0, 1],
    );
  });

  it('come with what phones write', async () => {
    at = await startAtSmsc();
    await at.send();
    const from = '+819012345678';
    for (const written of ['STOP', '停止', 'Start', 'hello']) {
      await at.simulator.reply('smpp', { from, to: '00051234', text: written });
    }
    assert.deepEqual(
      at.events,
      ['stop', 'stop', 'start', null].map((keyword) => ({ type: 'inbound', from, keyword })),
    );
  });
});
