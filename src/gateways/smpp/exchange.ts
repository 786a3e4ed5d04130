import type { Pdu, Smpp, SmppSession } from './library.ts';

/**
 * What became of a PDU. `unsent`: the socket took nothing. `lost`: it may have arrived, and nobody knows (GWY-02).
 */
export type Exchanged =
  | { sent: 'answered'; answer: Pdu }
  | { sent: 'unsent' }
  | { sent: 'lost'; code: 'timeout' | 'closed' | 'aborted' };

/** The two ways of one connection: our requests with their answers, and what the SMSC asks. */
export interface Exchange {
  /**
   * Sends a PDU and waits for its answer.
   *
   * @param timeout Milliseconds.
   */
  request(
    command: string,
    parameters: Record<string, unknown>,
    timeout: number,
    signal?: AbortSignal,
  ): Promise<Exchanged>;
}

/** ESME_RINVCMDID */
const INVALID_COMMAND = 0x03;
/** ESME_RX_T_APPN */
export const COME_AGAIN = 0x64;

/** Takes in a deliver_sm or data_sm, and says the command_status to answer with. */
export type Take = (pdu: Pdu) => Promise<number>;

export function createExchange(smpp: Smpp, session: SmppSession, take: Take): Exchange {
  const waiting = new Map<number, (exchanged: Exchanged) => void>();
  session.on('pdu', (pdu) => {
    if (!pdu.isResponse()) return answer(smpp, session, pdu, take);
    waiting.get(pdu.sequence_number)?.({ sent: 'answered', answer: pdu });
  });
  session.on('close', () => {
    for (const end of [...waiting.values()]) end({ sent: 'lost', code: 'closed' });
  });
  return {
    request(command, parameters, timeout, signal) {
      const pdu = smpp.pdu(command, parameters);
      if (signal?.aborted || !wasTaken(session, pdu)) return Promise.resolve({ sent: 'unsent' });
      return new Promise((resolve) => {
        const end = (exchanged: Exchanged) => {
          clearTimeout(timer);
          signal?.removeEventListener('abort', aborted);
          waiting.delete(pdu.sequence_number);
          resolve(exchanged);
        };
        const aborted = () => end({ sent: 'lost', code: 'aborted' });
        const timer = setTimeout(() => end({ sent: 'lost', code: 'timeout' }), timeout);
        signal?.addEventListener('abort', aborted, { once: true });
        waiting.set(pdu.sequence_number, end);
      });
    },
  };
}

/** A PDU that cannot be written has not left; the library throws for some of them. */
function wasTaken(session: SmppSession, pdu: Pdu): boolean {
  try {
    return session.send(pdu);
  } catch {
    return false;
  }
}

function answer(smpp: Smpp, session: SmppSession, pdu: Pdu, take: Take): void {
  switch (pdu.command) {
    case 'enquire_link':
      wasTaken(session, pdu.response());
      break;
    case 'unbind':
      wasTaken(session, pdu.response());
      leave(session);
      break;
    case 'deliver_sm':
    case 'data_sm':
      void taken(pdu, take).then((status) => wasTaken(session, pdu.response({ command_status: status })));
      break;
    case 'alert_notification':
    case 'outbind':
      break;
    default: {
      const refusal = { sequence_number: pdu.sequence_number, command_status: INVALID_COMMAND };
      wasTaken(session, smpp.pdu('generic_nack', refusal));
    }
  }
}

/** Milliseconds for our last PDU to leave. */
const LEAVING = 1000;

/**
 * Cuts the connection once everything is written. An SMSC that leaves its half open would keep it, and nothing can be sent
 * over it any more.
 */
function leave(session: SmppSession): void {
  const cut = () => session.destroy();
  session.socket.end(cut);
  setTimeout(cut, LEAVING).unref();
}

/** What could not be taken in, for whatever reason, the SMSC is asked to bring again. */
async function taken(pdu: Pdu, take: Take): Promise<number> {
  try {
    return await take(pdu);
  } catch {
    return COME_AGAIN;
  }
}
