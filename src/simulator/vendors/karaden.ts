import { randomUUID } from 'node:crypto';
import { equalText } from '../../equal-text.ts';
import type { Network, Refusal, SimReply, SimRequest, StandIn } from '../stand-in.ts';
import { messageBody, stateOf } from './karaden/message.ts';
import { problemsOf } from './karaden/validation.ts';

const CREDENTIALS = {
  tenantId: '0198c7a2-6d2e-7c11-a3f4-5b6c7d8e9f01',
  token: 'simulated-karaden-token',
  serviceId: '42',
};
const VERSIONS = new Set(['2023-01-01', '2023-12-01', '2024-03-01']);
/** Told at once; the rest is found out by the carriers. */
const AT_ONCE: readonly Refusal[] = ['unknown-number', 'throttled'];

/** Karaden SMS API (PRG) as its OpenAPI description and help centre have it. Its receipts carry no signature. */
export function createKaradenStandIn(): StandIn {
  return {
    vendor: 'karaden',
    credentials: CREDENTIALS,
    answer: (request, network) => refusalOf(request) ?? route(request, network),
    report(message, change, { webhook, now }) {
      if (webhook === undefined || change.state === 'accepted') return undefined;
      // Receipts leave out number and text; inquiries do not.
      const { to: _to, body: _body, ...body } = messageBody(message, stateOf(change), now);
      return {
        method: 'POST',
        url: webhook,
        headers: { 'content-type': 'application/json', 'karaden-version': '2024-03-01' },
        body: JSON.stringify({ ...body, project_id: 7 }),
      };
    },
  };
}

function refusalOf({ headers, path }: SimRequest): SimReply | undefined {
  const [, token = ''] = /^Bearer (.+)$/.exec(headers.authorization ?? '') ?? [];
  if (!equalText(token, CREDENTIALS.token)) return errorReply(401, 'unauthentication');
  const version = headers['karaden-version'];
  if (typeof version !== 'string' || !VERSIONS.has(version)) return errorReply(400, 'invalid_version');
  return path.split('/')[1] === CREDENTIALS.tenantId ? undefined : errorReply(400, 'invalid_tenant');
}

function route(request: SimRequest, network: Network): SimReply {
  const { method } = request;
  const [collection, id, ...rest] = request.path.split('/').slice(2);
  if (collection !== 'messages' || rest.length > 0) return errorReply(404, 'model_not_found');
  if (id === undefined) return method === 'POST' ? create(request, network) : list(request, network);
  const message = method === 'GET' ? network.find({ vendorId: id }) : undefined;
  return message
    ? jsonReply(200, messageBody(message, stateOf(message), network.now()))
    : errorReply(404, 'model_not_found');
}

function create({ form }: SimRequest, network: Network): SimReply {
  const problems = problemsOf(form, CREDENTIALS.serviceId, network.now());
  if (Object.keys(problems).length > 0) return errorReply(422, 'validation_error', problems);
  const tags = tagsOf(form);
  const submitted = network.submit(
    {
      vendorId: randomUUID(),
      channel: 'sms',
      to: `+81${form.get('to')!.slice(1)}`,
      from: `service ${form.get('service_id')}`,
      text: form.get('body')!,
      ...(tags[0] === undefined ? {} : { reference: tags[0] }),
      extra: { tags: JSON.stringify(tags), limitedAt: form.get('limited_at') ?? '' },
    },
    AT_ONCE,
  );
  if (submitted.taken) {
    return jsonReply(200, messageBody(submitted.message, { state: 'accepted' }, network.now()));
  }
  return submitted.refusal === 'throttled'
    ? errorReply(429, 'too_many_requests')
    : errorReply(422, 'validation_error', { to: ['The to is not a mobile number in use.'] });
}

/** `tags[]` and, as the vendor's own libraries write it, `tags[0]`. */
const tagsOf = (form: URLSearchParams): string[] =>
  [...form].flatMap(([name, value]) => (/^tags\[\d*\]$/.test(name) ? [value] : []));

/** Of the filters, those that the gateway needs: a tag of one message, and its service. */
function list({ query }: SimRequest, network: Network): SimReply {
  const message = network.find({ reference: query.get('tag') ?? '' });
  const service = query.get('service_id') ?? CREDENTIALS.serviceId;
  const data =
    message && service === CREDENTIALS.serviceId
      ? [messageBody(message, stateOf(message), network.now())]
      : [];
  return jsonReply(200, { object: 'list', has_more: false, data });
}

const jsonReply = (status: number, body: unknown): SimReply => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});

const errorReply = (status: number, code: string, errors: Record<string, string[]> | null = null): SimReply =>
  jsonReply(status, { object: 'error', code, message: `${code} (simulated)`, errors });
