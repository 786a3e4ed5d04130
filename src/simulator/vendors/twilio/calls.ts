import { randomBytes } from 'node:crypto';
import { XMLValidator } from 'fast-xml-parser';
import type { Network, SimChange, SimMessage, SimReply, SimRequest } from '../../stand-in.ts';
import { refuse, reply, TWILIO_ACCOUNT } from './account.ts';
import { isAddress, refusalOf } from './messages.ts';
import { wordsOf } from './script.ts';

/** The network's words for a call in Twilio's. Without its detection, a machine is somebody who picked up. */
export const CALL_STATUS: Readonly<Record<SimChange['state'], string>> = {
  accepted: 'queued',
  sent: 'queued',
  ringing: 'ringing',
  answered: 'in-progress',
  machine: 'in-progress',
  completed: 'completed',
  delivered: 'completed',
  busy: 'busy',
  'no-answer': 'no-answer',
  undelivered: 'failed',
};

/** POST Calls.json. */
export function call({ form }: SimRequest, network: Network): SimReply {
  const fault = faultOf(form);
  if (fault) return refuse(400, ...fault);
  const callback = form.get('StatusCallback');
  const twiml = form.get('Twiml')!;
  const submitted = network.submit(
    {
      vendorId: `CA${randomBytes(16).toString('hex')}`,
      channel: 'voice',
      to: form.get('To')!,
      from: form.get('From')!,
      text: wordsOf(twiml).join(' '),
      ...(callback === null ? {} : { callbackUrl: callback }),
      extra: {
        twiml,
        events: form.getAll('StatusCallbackEvent').join(' '),
        timeLimit: form.get('TimeLimit') ?? '',
        timeout: form.get('Timeout') ?? '',
      },
    },
    ['unknown-number', 'throttled'],
  );
  return submitted.taken ? reply(201, callOf(submitted.message)) : refusalOf(submitted.refusal);
}

function faultOf(form: URLSearchParams): [number, string] | undefined {
  const number = /^\+[1-9]\d{6,14}$/;
  const to = form.get('To') ?? '';
  if (!number.test(to)) return [21211, `Invalid 'To' Phone Number: ${to}`];
  if (!number.test(form.get('From') ?? '')) return [21212, "Invalid 'From' Phone Number"];
  const twiml = form.get('Twiml') ?? '';
  if (twiml === '') return [21205, 'Url parameter is required.'];
  if (twiml.length > 4000 || XMLValidator.validate(twiml) !== true) return [12100, 'Document parse failure'];
  if (!isAddress(form.get('StatusCallback'))) return [21609, "The 'StatusCallback' URL is not a valid URL."];
  return undefined;
}

/** A call as the API shows it. */
export const callOf = ({ vendorId, to, from, state, at }: SimMessage): object => ({
  sid: vendorId,
  account_sid: TWILIO_ACCOUNT.accountSid,
  to,
  from,
  status: CALL_STATUS[state],
  direction: 'outbound-api',
  date_created: new Date(at).toUTCString().replace('GMT', '+0000'),
});
