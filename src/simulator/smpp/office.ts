import type { Pdu, Smpp, SmppSession } from '../../gateways/smpp/library.ts';
import type { Line } from '../line.ts';
import type { SmscSettings } from '../smpp.ts';
import type { Connection } from './bench.ts';
import { sourceOfPhone } from './numbers.ts';
import { receiptsOf } from './report.ts';

/** What goes out to ESMEs by itself. What nobody takes waits for somebody who does. */
export interface Office {
  /** An answer of an ESME. */
  answered(session: SmppSession, pdu: Pdu): void;
  /** Sends what waits, to whoever is bound to receive. */
  flush(connections: readonly Connection[]): Promise<void>;
  enquire(connections: readonly Connection[]): Promise<number>;
  close(): void;
}

const PATIENCE = 2000;

export function createOffice(smpp: Smpp, line: Line, settings: SmscSettings): Office {
  const { ask, answered } = createAsking(smpp);
  const waiting: Record<string, unknown>[] = [];
  let receivers: readonly Connection[] = [];
  const send = async (): Promise<void> => {
    for (const parameters of waiting.splice(0)) {
      const receiver = receivers.findLast(
        ({ session, bind }) => !session.socket.destroyed && /receiver|transceiver/.test(bind ?? ''),
      );
      const answer = receiver && (await ask(receiver.session, 'deliver_sm', parameters));
      if (answer?.command_status !== 0) waiting.push(parameters);
    }
  };
  const stopChanges = line.onChange((message, change) => {
    waiting.push(...receiptsOf(message, change, settings));
    return send();
  });
  const stopInbound = line.onInbound(({ from, to, text }) => {
    waiting.push({
      ...sourceOfPhone(from, settings.national),
      ...{ destination_addr: to.replace('+', ''), short_message: text },
    });
    return send();
  });
  return {
    answered,
    flush(connections) {
      receivers = connections;
      return send();
    },
    async enquire(connections) {
      const answers = await Promise.all(connections.map(({ session }) => ask(session, 'enquire_link')));
      return answers.filter((answer) => answer?.command === 'enquire_link_resp').length;
    },
    close() {
      stopChanges();
      stopInbound();
    },
  };
}

/** Requests of ours and their answers; undefined where none comes. */
function createAsking(smpp: Smpp) {
  const asked = new Map<SmppSession, Map<number, (answer: Pdu | undefined) => void>>();
  const openOf = (session: SmppSession) => {
    const known = asked.get(session);
    if (known) return known;
    const open = new Map<number, (answer: Pdu | undefined) => void>();
    asked.set(session, open);
    session.on('close', () => {
      for (const end of [...open.values()]) end(undefined);
      asked.delete(session);
    });
    return open;
  };
  return {
    answered: (session: SmppSession, pdu: Pdu): void => asked.get(session)?.get(pdu.sequence_number)?.(pdu),
    ask(session: SmppSession, command: string, parameters: Record<string, unknown> = {}) {
      const pdu = smpp.pdu(command, parameters);
      if (!session.send(pdu)) return Promise.resolve(undefined);
      const open = openOf(session);
      return new Promise<Pdu | undefined>((resolve) => {
        const timer = setTimeout(() => end(undefined), PATIENCE);
        const end = (answer: Pdu | undefined) => {
          clearTimeout(timer);
          open.delete(pdu.sequence_number);
          resolve(answer);
        };
        open.set(pdu.sequence_number, end);
      });
    },
  };
}
