import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { destinationOf, numberFrom } from '../../src/gateways/smpp/address.ts';
import type { Alphabet } from '../../src/gateways/smpp/alphabet.ts';
import { partsOf } from '../../src/gateways/smpp/parts.ts';
import { readSmppSettings } from '../../src/gateways/smpp/settings.ts';
import { type AtSmsc, smppSettings, startAtSmsc, until } from '../support/smsc.ts';

/** Delivered, as every number that means nothing else. */
const PHONE = '+819012345678';

async function at(
  settings: object,
  own: Parameters<typeof startAtSmsc>[1],
  work: (smsc: AtSmsc) => Promise<void>,
): Promise<void> {
  const smsc = await startAtSmsc(settings, own);
  try {
    await work(smsc);
  } finally {
    await smsc.close();
  }
}
const submitted = ({ smsc }: AtSmsc) => smsc.received().filter(({ command }) => command === 'submit_sm');

describe('an SMSC with another alphabet than GSM-7 (fault G.15)', () => {
  for (const [alphabet, text, coding] of [
    ['gsm7', 'Code 123456 €', 0],
    ['gsm7', 'Código 123456', 8],
    ['latin1', 'Código 123456 ç', 3],
    ['latin1', 'Code 123456 €', 8],
    ['ascii', 'Code [123456] @login.example `', 1],
    ['ascii', 'Code 123456 é', 8],
    ['ucs2', 'Code 123456', 8],
    ['ucs2', 'コード 123456', 8],
  ] as const) {
    it(`gets ${JSON.stringify(text)} for ${alphabet} with data_coding ${coding}, as the phone shows it`, async () => {
      await at({ alphabet }, {}, async (smsc) => {
        assert.equal((await smsc.send({ text })).outcome, 'accepted');
        assert.deepEqual(smsc.texts(), [text]);
        assert.equal(submitted(smsc)[0]!['data_coding'], coding);
      });
    });
  }

  it('gets its default alphabet with data_coding 0, where that is another one', async () => {
    const text = 'Code [123456] @login.example #123456';
    await at({ alphabet: 'ascii', dataCoding: 0 }, { alphabet: 'ascii' }, async (smsc) => {
      await smsc.send({ text });
      assert.deepEqual(smsc.texts(), [text]);
      assert.equal(submitted(smsc)[0]!['data_coding'], 0);
    });
    const [latin] = partsOf('ç£', 1, { alphabet: 'latin1', dataCoding: 0 })!;
    assert.deepEqual([latin!.dataCoding, [...latin!.shortMessage]], [0, [0xe7, 0xa3]]);
  });

  it('gets parts that have room for whole octets', () => {
    const count = (alphabet: Alphabet, length: number) =>
      partsOf('a'.repeat(length), 1, { alphabet })!.length;
    for (const alphabet of ['latin1', 'ascii'] as const) {
      assert.deepEqual(
        [140, 141, 268, 269].map((length) => count(alphabet, length)),
        [1, 2, 2, 3],
      );
    }
    assert.deepEqual(
      [70, 71].map((length) => count('ucs2', length)),
      [1, 2],
    );
  });
});

describe('an SMSC with national numbers (fault G.15)', () => {
  const JAPAN = { nationalNumbers: { 81: '0' } };
  const own = { national: { country: '81', trunk: '0' } };

  it('gets the trunk prefix in place of the calling code; its receipts and STOP are understood', async () => {
    await at(JAPAN, own, async (smsc) => {
      const sent = await smsc.send({ to: PHONE });
      assert.equal(sent.outcome, 'accepted');
      const { dest_addr_ton, dest_addr_npi, destination_addr } = submitted(smsc)[0]!;
      assert.deepEqual([dest_addr_ton, dest_addr_npi], [2, 1]);
      assert.equal(destination_addr, PHONE.replace('+81', '0'));
      await smsc.simulator.advance(60_000);
      await until(() => smsc.events.some(({ type }) => type === 'receipt'), 'the receipt');
      await smsc.simulator.reply('smpp', { from: PHONE, to: 'Sekisho', text: 'STOP' });
      await until(() => smsc.events.some(({ type }) => type === 'inbound'), 'the STOP');
      const stop = smsc.events.find(({ type }) => type === 'inbound');
      assert.deepEqual(stop, { type: 'inbound', from: PHONE, keyword: 'stop' });
    });
  });

  it('refuses the number as it was before', async () => {
    await at({}, own, async (smsc) => {
      assert.equal((await smsc.send({ to: PHONE })).outcome, 'rejected');
    });
  });

  it('is written to and read from by the form of the number, unless told otherwise', () => {
    const national = { 81: '0', 1: '' };
    assert.deepEqual(destinationOf('+819012345678', {}, national), { ton: 2, npi: 1, addr: '09012345678' });
    assert.deepEqual(destinationOf('+14155552671', {}, national), { ton: 2, npi: 1, addr: '4155552671' });
    assert.deepEqual(destinationOf('+447400123456', {}, national), { ton: 1, npi: 1, addr: '447400123456' });
    assert.deepEqual(destinationOf('+819012345678', { ton: 0, npi: 0 }), {
      ton: 0,
      npi: 0,
      addr: '819012345678',
    });
    assert.equal(numberFrom('09012345678', 2, { 81: '0' }), '+819012345678');
    assert.equal(numberFrom('09012345678', 0, { 81: '0' }), '+819012345678');
    assert.equal(numberFrom('819012345678', 1, { 81: '0' }), '+819012345678');
    assert.equal(numberFrom('4155552671', 2, { 1: '' }), '+14155552671');
    assert.equal(numberFrom('4155552671', 0, { 1: '' }), '4155552671', 'may be international as well');
    assert.equal(numberFrom('09012345678', 2, { 81: '0', 44: '0' }), '09012345678', 'of which country?');
    assert.equal(numberFrom('Sekisho', 5, { 81: '0' }), 'Sekisho');
  });
});

describe('settings of alphabet and numbers', () => {
  const wrong = (changes: object) => {
    try {
      readSmppSettings(smppSettings({ port: 1 }, changes));
      return [];
    } catch (error) {
      return (error as { problems: { field: string }[] }).problems.map(({ field }) =>
        field.split('.').at(-1),
      );
    }
  };

  it('are refused at the start where they cannot work', () => {
    assert.deepEqual(wrong({ alphabet: 'utf8' }), ['alphabet']);
    assert.deepEqual(wrong({ alphabet: 'ucs2', dataCoding: 0 }), ['dataCoding']);
    assert.deepEqual(wrong({ alphabet: 'latin1', dataCoding: 8 }), ['dataCoding']);
    assert.deepEqual(wrong({ dataCoding: 256 }), ['dataCoding']);
    assert.deepEqual(wrong({ destinationTon: -1, destinationNpi: 'x' }), [
      'destinationTon',
      'destinationNpi',
    ]);
    assert.deepEqual(wrong({ nationalNumbers: { JP: '0' } }).length, 1);
    assert.deepEqual(wrong({ nationalNumbers: { 81: 'x' } }), ['81']);
    assert.deepEqual(wrong({ nationalNumbers: { 81: '0' }, alphabet: 'latin1', dataCoding: 0 }), []);
  });
});
