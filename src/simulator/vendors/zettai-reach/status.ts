import type { SimChange, SimMessage, SimReason } from '../../stand-in.ts';

type Seen = Pick<SimChange, 'state' | 'reason'>;

/** As an inquiry answers it. */
export function statusBody(message: SimMessage) {
  const common = commonBody(message, message);
  return {
    ...common,
    dateTime: timeInJapan(message.arrivedAt ?? message.at)
      .replace(/\D/g, '')
      .replace(/^(\d{8})/, '$1 '),
    message: message.text,
    smsCode: Number(message.from),
  };
}

/** As a receipt tells it: texts where inquiries have numbers, and the other way round. */
export function notificationBody(message: SimMessage, change: SimChange, clientId: string) {
  const common = commonBody(message, change);
  return {
    eventNotifications: [
      {
        ...common,
        type: 'DLR',
        dateTime: timeInJapan(change.at).slice(0, 19).replaceAll('-', '/').replace('T', ' '),
        messageId: message.vendorId,
        messageText: message.text,
        smsCode: message.from,
        clientId,
        statusDescription: DESCRIPTIONS[Number(common.statusId)],
        detailedStatusId: Number(common.detailedStatusId),
      },
    ],
  };
}

const DESCRIPTIONS = ['Unknown', 'Message is Sending', 'Message delivered', 'Message delivery failed'];
/** Carrier id, name, and the first digits of its details. */
const CARRIERS = {
  au: ['101', 'AU', '11'],
  docomo: ['103', 'Docomo', '31'],
  softbank: ['105', 'Softbank', '51'],
  rakuten: ['106', '楽天モバイル', '61'],
  other: ['999', '', '11'],
} as const;
const CLASSES: Readonly<Record<SimReason, string>> = {
  unreachable: '824',
  'unknown-number': '732',
  recycled: '732',
  filtered: '834',
  'opted-out': '834',
  throttled: '721',
};

function commonBody(message: SimMessage, { state, reason }: Seen) {
  const [carrierId, carrierName, module] = CARRIERS[message.carrier];
  const failed = state === 'undelivered';
  return {
    phoneNumber: message.to,
    carrierId,
    carrierName,
    statusId: failed ? '3' : state === 'delivered' ? '2' : '1',
    clientTag: message.reference ?? '',
    detailedStatusId: failed ? `${module}${CLASSES[reason ?? 'unreachable']}` : '2',
    separatedSuccessCount: state === 'delivered' ? Math.ceil([...message.text].length / 67) : 0,
  };
}

const timeInJapan = (at: number): string => new Date(at + 9 * 3_600_000).toISOString();
