import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { SegmentedMessage } from 'sms-segments-calculator';
import { destinationOf, numberFrom, sourceOf } from '../../src/gateways/smpp/address.ts';
import { toSeptets } from '../../src/gateways/smpp/alphabet.ts';
import { type Part, partsOf } from '../../src/gateways/smpp/parts.ts';
import { classOfError, classOfStatus, codeOfStatus } from '../../src/gateways/smpp/status.ts';
import { validityOf } from '../../src/gateways/smpp/submit.ts';
import { startAtSmsc } from '../support/smsc.ts';

const partsIn = (text: string): Part[] => partsOf(text, 7)!;
const GSM =
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà';
const EXTENDED = '\f^{}\\[~]|€';

describe('a text for SMPP', () => {
  it('has as many parts, in the same encoding, as another implementation counts', () => {
    const characters = fc.constantFrom(...GSM, ...EXTENDED, 'あ', '確', 'ｱ', '😀', '`', 'ç');
    const mostlyGsm = fc.string({ unit: fc.constantFrom(...GSM, ...EXTENDED), maxLength: 500 });
    const mixed = fc.string({ unit: characters, maxLength: 300 });
    fc.assert(
      fc.property(fc.oneof(mostlyGsm, mixed), (text) => {
        fc.pre(!/\r\n/.test(text) && text !== '');
        const counted = new SegmentedMessage(text);
        const parts = partsIn(text);
        assert.equal(parts.length, counted.segmentsCount, JSON.stringify(text));
        assert.equal(parts[0]!.dataCoding === 8, counted.encodingName === 'UCS-2', JSON.stringify(text));
      }),
      { numRuns: 300 },
    );
  });

  for (const [text, dataCoding, parts] of [
    ['a'.repeat(160), 0, 1],
    ['a'.repeat(161), 0, 2],
    ['a'.repeat(306), 0, 2],
    ['a'.repeat(307), 0, 3],
    ['€'.repeat(80), 0, 1],
    ['€'.repeat(81), 0, 2],
    ['あ'.repeat(70), 8, 1],
    ['あ'.repeat(71), 8, 2],
    ['あ'.repeat(134), 8, 2],
    ['あ'.repeat(135), 8, 3],
    ['あ'.repeat(660), 8, 10],
    ['😀'.repeat(35), 8, 1],
    ['😀'.repeat(36), 8, 2],
    ['ｶﾅ', 8, 1],
    ['`', 8, 1],
  ] as const) {
    it(`of ${text.length} ${text[0] === '\ud83d' ? 'halves of emoji' : text[0]} is ${parts}, in ${dataCoding}`, () => {
      const made = partsIn(text);
      assert.equal(made.length, parts);
      assert.ok(made.every((part) => part.dataCoding === dataCoding));
    });
  }

  it('is in the default alphabet for each of its 137 characters, and for nothing else', () => {
    for (const character of GSM + EXTENDED) assert.ok(toSeptets(character), character);
    for (const character of ['\0', '\u001b', '`', 'ç', 'À', 'あ', '\t', '“', '’']) {
      assert.equal(toSeptets(character), undefined, JSON.stringify(character));
    }
    assert.deepEqual(toSeptets('@A€')!.flat(), [0x00, 0x41, 0x1b, 0x65]);
  });

  it('has headers that say which part of which message it is', () => {
    const parts = partsOf('a'.repeat(400), 200)!;
    assert.deepEqual(
      parts.map(({ shortMessage }) => [...shortMessage.subarray(0, 6)]),
      [1, 2, 3].map((number) => [5, 0, 3, 200, 3, number]),
    );
    assert.ok(parts.every(({ esmClass, shortMessage }) => esmClass === 0x40 && shortMessage.length <= 159));
    const [only] = partsIn('a');
    assert.deepEqual([only!.esmClass, only!.shortMessage.length], [0, 1]);
  });

  it('is never cut inside a character', () => {
    const [first] = partsIn(`${'a'.repeat(152)}€${'a'.repeat(10)}`);
    assert.notEqual(first!.shortMessage.at(-1), 0x1b);
    const [half] = partsIn(`${'あ'.repeat(66)}😀${'あ'.repeat(10)}`);
    assert.equal(half!.shortMessage.length, 6 + 132);
  });

  it('goes whole into message_payload where the SMSC wants that, and nowhere when it has 256 parts', () => {
    const [whole, more] = partsOf('あ'.repeat(100), 1, { longText: 'payload' })!;
    assert.equal(more, undefined);
    assert.deepEqual([whole!.shortMessage.length, whole!.payload!.length, whole!.esmClass], [0, 200, 0]);
    assert.equal(partsOf('a'.repeat(160), 1, { longText: 'payload' })![0]!.payload, undefined);
    assert.equal(partsOf('a'.repeat(153 * 255), 1)!.length, 255);
    assert.equal(partsOf('a'.repeat(153 * 255 + 1), 1), undefined);
  });

  for (const longText of ['udh', 'payload']) {
    it(`is on the phone what it was here, by ${longText}`, async () => {
      const at = await startAtSmsc({ longText });
      try {
        const texts = [
          GSM.replace('\r', '') + EXTENDED,
          GSM.repeat(3),
          `${EXTENDED}みらい銀行😀`.repeat(20),
          '482913 みらい銀行\n\n@login.example #482913',
        ];
        for (const text of texts) assert.equal((await at.send({ text })).outcome, 'accepted');
        assert.deepEqual(at.texts(), texts);
      } finally {
        await at.close();
      }
    });
  }
});

describe('an address of SMPP', () => {
  it('is what the sender looks like, without a plus', () => {
    for (const [sender, ton, npi, addr] of [
      ['+819012345678', 1, 1, '819012345678'],
      ['819012345678', 1, 1, '819012345678'],
      ['0120444444', 2, 1, '0120444444'],
      ['05012345678', 2, 1, '05012345678'],
      ['00051234', 3, 0, '00051234'],
      ['0005123456', 3, 0, '0005123456'],
      ['12345', 3, 0, '12345'],
      ['Sekisho', 5, 0, 'Sekisho'],
      ['7-Eleven', 5, 0, '7-Eleven'],
      [undefined, 0, 0, ''],
    ] as const) {
      assert.deepEqual(sourceOf(sender), { ton, npi, addr }, sender);
    }
    assert.deepEqual(sourceOf('Sekisho', { ton: 0, npi: 1 }), { ton: 0, npi: 1, addr: 'Sekisho' });
    assert.deepEqual(destinationOf('+819012345678'), { ton: 1, npi: 1, addr: '819012345678' });
    assert.equal(numberFrom('819012345678', 1), '+819012345678');
    assert.equal(numberFrom('09012345678', 2), '09012345678');
  });
});

describe('a validity period', () => {
  it('counts from the now of the SMSC until the code dies', () => {
    for (const [milliseconds, expected] of [
      [300_000, '000000000500000R'],
      [1, '000000000001000R'],
      [-5000, '000000000001000R'],
      [86_399_999, '000000235959000R'],
      [86_400_000, '000001000000000R'],
      [1e15, '000099000000000R'],
    ] as const) {
      assert.equal(validityOf(milliseconds), expected);
      assert.equal(validityOf(milliseconds).length, 16);
    }
  });
});

describe('a status of SMPP', () => {
  for (const [status, expected] of [
    [0x01, 'permanent'],
    [0x03, 'permanent'],
    [0x04, 'temporary'],
    [0x05, 'temporary'],
    [0x08, 'temporary'],
    [0x0a, 'permanent'],
    [0x0b, 'number'],
    [0x0d, 'auth'],
    [0x0e, 'auth'],
    [0x0f, 'auth'],
    [0x14, 'throttled'],
    [0x45, 'temporary'],
    [0x53, 'auth'],
    [0x58, 'throttled'],
    [0x62, 'permanent'],
    [0x64, 'temporary'],
    [0x65, 'permanent'],
    [0x66, 'blocked'],
    [0xfe, 'unknown'],
    [0xff, 'unknown'],
    [0x100, 'auth'],
    [0x101, 'auth'],
    [0x102, 'temporary'],
    [0x401, 'unknown'],
  ] as const) {
    it(`is ${expected} for ${codeOfStatus(status)}`, () => {
      assert.equal(classOfStatus(status), expected);
    });
  }

  it('of a receipt has a class by its err, or by the configuration', () => {
    for (const [err, expected] of [
      ['001', 'unreachable'],
      ['1', 'unreachable'],
      ['002', 'unreachable'],
      ['004', 'number'],
      ['005', 'number'],
      ['006', 'number'],
      ['007', 'number'],
      ['009', 'blocked'],
      ['011', 'unreachable'],
      ['012', 'temporary'],
      ['000', undefined],
      ['999', undefined],
      ['constructor', undefined],
    ] as const) {
      assert.equal(classOfError(err), expected, err);
    }
    assert.equal(classOfError('005', { '5': 'recycled' }), 'recycled');
    assert.equal(classOfError('E12', { E12: 'blocked' }), 'blocked');
  });
});
