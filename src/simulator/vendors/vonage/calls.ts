import { randomUUID } from 'node:crypto';
import type { Network, SimChange, SimMessage, SimReply, SimRequest } from '../../stand-in.ts';
import { refuse, reply } from './account.ts';
import { saidIn } from './conversation.ts';

/** The network's words for a call in Vonage's, with and without its machine detection. */
export const statusOf = (state: SimChange['state'], { extra }: Pick<SimMessage, 'extra'>): string => {
  if (state === 'machine') return extra?.['detects'] === '' ? 'answered' : 'machine';
  return STATUS[state];
};
const STATUS: Readonly<Record<Exclude<SimChange['state'], 'machine'>, string>> = {
  accepted: 'started',
  sent: 'started',
  ringing: 'ringing',
  answered: 'answered',
  completed: 'completed',
  delivered: 'completed',
  busy: 'busy',
  'no-answer': 'timeout',
  undelivered: 'failed',
};

/** The body of POST /v1/calls, as far as it is checked. */
interface Call {
  to?: readonly { type?: unknown; number?: unknown }[];
  from?: { type?: unknown; number?: unknown };
  ncco?: unknown;
  event_url?: readonly unknown[];
  ringing_timer?: unknown;
  length_timer?: unknown;
  machine_detection?: unknown;
}

/** POST /v1/calls. */
export function call({ json }: SimRequest, network: Network): SimReply {
  const body = (json ?? {}) as Call;
  if (!isSound(body)) {
    return refuse(400, '#invalid-params', 'Bad Request', 'The value of one or more parameters is invalid');
  }
  const [callback] = body.event_url ?? [];
  const submitted = network.submit(
    {
      vendorId: randomUUID(),
      channel: 'voice',
      to: `+${body.to![0]!.number}`,
      from: `+${body.from!.number}`,
      text: saidIn(body.ncco).join(' '),
      ...(typeof callback === 'string' ? { callbackUrl: callback } : {}),
      extra: {
        ncco: JSON.stringify(body.ncco),
        detects: String(body.machine_detection ?? ''),
        lengthTimer: String(body.length_timer ?? ''),
        ringingTimer: String(body.ringing_timer ?? ''),
        conversation: `CON-${randomUUID()}`,
      },
    },
    ['throttled'],
  );
  if (!submitted.taken)
    return refuse(429, '#throttled', 'Throttled', 'You have hit the rate limit', { 'retry-after': '7' });
  return reply(201, callOf(submitted.message));
}

function isSound({
  to,
  from,
  ncco,
  event_url,
  ringing_timer,
  length_timer,
  machine_detection,
}: Call): boolean {
  const isPhone = (one: { type?: unknown; number?: unknown } | undefined) =>
    one?.type === 'phone' && typeof one.number === 'string' && /^[1-9]\d{6,14}$/.test(one.number);
  const within = (value: unknown, most: number) =>
    value === undefined || (Number.isInteger(value) && Number(value) >= 1 && Number(value) <= most);
  return (
    Array.isArray(to) &&
    to.length === 1 &&
    isPhone(to[0]) &&
    isPhone(from) &&
    Array.isArray(ncco) &&
    (event_url ?? []).every((url) => typeof url === 'string' && URL.canParse(url)) &&
    within(ringing_timer, 120) &&
    within(length_timer, 7200) &&
    [undefined, 'continue', 'hangup'].includes(machine_detection as string | undefined)
  );
}

const callOf = (message: SimMessage): object => ({
  uuid: message.vendorId,
  status: statusOf(message.state, message),
  direction: 'outbound',
  conversation_uuid: message.extra!['conversation'],
});
