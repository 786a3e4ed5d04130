import { randomInt } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import type { Pdu, Smpp, SmppSession } from '../../gateways/smpp/library.ts';
import type { Line } from '../line.ts';
import { VendorFault } from '../network.ts';
import type { SmscSettings } from '../smpp.ts';
import type { SimMessage, Submitted } from '../stand-in.ts';
import { createAssembly, type Whole } from './assembly.ts';
import type { Bench, Connection } from './bench.ts';
import { phoneAt } from './numbers.ts';
import type { Office } from './office.ts';

/** What serves one connection. */
export interface Desk
  extends Required<Pick<SmscSettings, 'systemId' | 'password' | 'ids' | 'window'>>,
    Pick<SmscSettings, 'national' | 'alphabet'> {
  line: Line;
  bench: Bench;
  office: Office;
}

const STATUS = {
  ok: 0,
  command: 0x03,
  notBound: 0x04,
  alreadyBound: 0x05,
  systemError: 0x08,
  destination: 0x0b,
  password: 0x0e,
  systemId: 0x0f,
  throttled: 0x58,
} as const;
/** Milliseconds until a slow SMSC answers. */
const SLOW = 30_000;
/** Milliseconds by which a receipt is early. An ESME may want our answer first, so its own is not waited for. */
const EARLY = 100;

/** Numbers of messages; the first is chance, so that two runs do not mix. */
let counter = randomInt(1_000_000, 9_000_000);

export function serve(smpp: Smpp, session: SmppSession, desk: Desk): void {
  const connection: Connection = { session };
  const assembly = createAssembly(desk.alphabet);
  desk.bench.add(connection);
  session.on('close', () => desk.bench.remove(connection));
  const refuse = (pdu: Pdu, status: number) => session.send(pdu.response({ command_status: status }));
  const bind = (pdu: Pdu) => {
    const problem = bindProblem(pdu, connection, desk);
    if (problem !== STATUS.ok) return refuse(pdu, problem);
    connection.bind = pdu.command;
    session.send(pdu.response({ system_id: 'sekisho-smsc' }));
    return desk.office.flush(desk.bench.connections());
  };
  const submit = async (pdu: Pdu) => {
    if (!/^bind_trans/.test(connection.bind ?? '')) return refuse(pdu, STATUS.notBound);
    const place = desk.bench.wait(connection);
    if (desk.bench.waitingOf(connection) > desk.window) {
      return place.answer(() => refuse(pdu, STATUS.throttled));
    }
    const id = idFor(desk.ids);
    const whole = assembly.add(pdu, id);
    if (!whole) return place.answer(() => session.send(pdu.response({ message_id: id })));
    return take(pdu, whole, { session, desk, place });
  };
  const unbind = (pdu: Pdu) => {
    session.send(pdu.response());
    session.close();
  };
  const handlers = new Map<string, (pdu: Pdu) => unknown>([
    ...(['bind_transceiver', 'bind_transmitter', 'bind_receiver'] as const).map(
      (one) => [one, bind] as const,
    ),
    ['submit_sm', submit],
    ['enquire_link', (pdu) => session.send(pdu.response())],
    ['unbind', unbind],
  ]);
  const unknown = ({ sequence_number }: Pdu) =>
    session.send(smpp.pdu('generic_nack', { sequence_number, command_status: STATUS.command }));
  session.on('pdu', (pdu) => {
    if (pdu.isResponse()) return desk.office.answered(session, pdu);
    if (pdu.command !== 'enquire_link') desk.bench.keep(pdu);
    void (handlers.get(pdu.command) ?? unknown)(pdu);
  });
}

function bindProblem(pdu: Pdu, { bind }: Connection, { systemId, password }: Desk): number {
  if (bind !== undefined) return STATUS.alreadyBound;
  if (pdu['system_id'] !== systemId) return STATUS.systemId;
  return pdu['password'] === password ? STATUS.ok : STATUS.password;
}

const idFor = (ids: 'decimal' | 'hex'): string => {
  counter += 1;
  return ids === 'hex' ? counter.toString(16) : String(counter);
};

/** Hands a whole message to the network, and answers as its fate wants. */
async function take(
  pdu: Pdu,
  whole: Whole,
  { session, desk, place }: { session: SmppSession; desk: Desk; place: ReturnType<Bench['wait']> },
): Promise<void> {
  const reply = (parameters: Record<string, unknown>) =>
    place.answer(() => session.send(pdu.response(parameters)));
  const to = phoneAt(String(pdu['destination_addr']), Number(pdu['dest_addr_ton']), desk.national);
  if (to === undefined) return reply({ command_status: STATUS.destination });
  const submitted = submitTo(desk.line, to, pdu, whole);
  if (submitted === undefined) return reply({ command_status: STATUS.systemError });
  if (!submitted.taken) return reply({ command_status: STATUS.throttled });
  const { message } = submitted;
  const isEarly = message.fate === 'early-receipt';
  if (isEarly) await Promise.race([desk.line.begin(message), setTimeout(EARLY)]);
  answerWithFault(message, pdu, session, reply);
  if (!isEarly) await desk.line.begin(message);
}

function submitTo(line: Line, to: string, pdu: Pdu, { id, text, receiptIds }: Whole): Submitted | undefined {
  const message = {
    vendorId: id,
    channel: 'sms' as const,
    to,
    from: String(pdu['source_addr'] ?? ''),
    text,
    extra: { receiptIds: receiptIds.join(' '), validity: String(pdu['validity_period'] ?? '') },
  };
  try {
    return line.submit(message, ['throttled']);
  } catch (error) {
    if (error instanceof VendorFault) return undefined;
    throw error;
  }
}

function answerWithFault(
  message: SimMessage,
  pdu: Pdu,
  session: SmppSession,
  reply: (parameters: Record<string, unknown>) => void,
): void {
  const answer = { message_id: message.vendorId };
  if (message.fate === 'reset') session.socket.resetAndDestroy();
  else if (message.fate === 'broken') {
    // Its length says 27 octets, and 11 of them come.
    session.socket.end(Buffer.from('0000001b80000004000000', 'hex').subarray(0, 11));
  } else if (message.fate === 'slow') {
    void setTimeout(SLOW, undefined, { ref: false }).then(() => session.send(pdu.response(answer)));
  } else reply(answer);
}
