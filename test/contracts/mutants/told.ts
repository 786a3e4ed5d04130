import { hearing, type Mutant, saying, telling, textOf } from './mutant.ts';

/** What it makes of what it is told. */
export const told: readonly Mutant[] = [
  {
    is: 'naming other messages',
    foundBy: 'tells of the very message',
    mutate: telling((events) => events.map((event) => ({ ...event, id: 'AAAAAAAAAAAAAAAAAAAAAA' }))),
  },
  {
    is: 'calling everything delivered',
    foundBy: 'tells of a message that did not arrive',
    mutate: telling((events) => events.map((event) => ({ ...event, state: 'delivered', class: undefined }))),
  },
  {
    is: 'without a reason for failures',
    foundBy: 'tells of a message that did not arrive',
    mutate: telling((events) => events.map((event) => ({ ...event, class: undefined }))),
  },
  {
    is: 'believing every webhook',
    foundBy: 'accepts the webhooks of its vendor',
    mutate: hearing(() => ({ authenticate: () => ({ result: 'ok' }) })),
  },
  {
    is: 'refusing its own vendor',
    foundBy: 'accepts the webhooks of its vendor',
    mutate: hearing(() => ({ authenticate: () => ({ result: 'refused', reason: 'mismatch' }) })),
  },
  { is: 'told nothing by poll', foundBy: 'is told by poll', mutate: saying({ poll: async () => [] }) },
  {
    is: 'asking by another id',
    foundBy: 'finds an ambiguous send',
    mutate: (good) => ({
      ...good,
      poll: async (sent, context) => (sent.vendorId ? good.poll!(sent, context) : []),
    }),
  },
  {
    is: 'told by poll that anything arrived',
    foundBy: 'learns nothing from a poll',
    mutate: saying({ poll: async ({ id }) => [{ type: 'receipt', id, state: 'delivered' }] }),
  },
  {
    is: 'hearing stop in every sentence',
    foundBy: 'knows STOP and START',
    mutate: telling((events, request) =>
      events.map((event) =>
        event.type === 'inbound' && /stop/i.test(textOf(request)) ? { ...event, keyword: 'stop' } : event,
      ),
    ),
  },
  {
    is: 'checking only who signs, not what',
    foundBy: 'refuses a webhook with one byte changed',
    mutate: hearing(() => ({
      authenticate: ({ headers }) =>
        headers['acme-signature'] ? { result: 'ok' } : { result: 'refused', reason: 'missing' },
    })),
  },
  {
    is: 'satisfied with the beginning of a signature',
    foundBy: 'refuses a webhook whose headers',
    mutate: hearing(({ authenticate }) => ({
      async authenticate(request, context) {
        const auth = await authenticate(request, context);
        return auth.result === 'refused' && String(request.headers['acme-signature']).length === 63
          ? { result: 'ok' }
          : auth;
      },
    })),
  },
  {
    is: 'satisfied with an old webhook',
    foundBy: 'refuses a webhook that is kept',
    mutate: hearing(({ authenticate }) => ({
      async authenticate(request, context) {
        const auth = await authenticate(request, context);
        return auth.result === 'refused' && auth.reason === 'stale' ? { result: 'ok' } : auth;
      },
    })),
  },
  {
    is: 'reading a marker in the address',
    foundBy: 'refuses a webhook for another address',
    mutate: telling((events, { url }) =>
      events.map((event) => (url.search.includes('verified') ? { ...event, state: 'undelivered' } : event)),
    ),
  },
  {
    is: 'falling over a body that is no JSON',
    foundBy: 'survives webhooks of any shape',
    mutate: telling((events, request) => events.concat(JSON.parse(textOf(request)) && [])),
  },
  {
    is: 'passing on whatever it is told',
    foundBy: 'reads only events',
    mutate: telling((events, request) => {
      const { state, id } = JSON.parse(textOf(request) || '{}') ?? {};
      return events.length > 0 || id === undefined ? events : [{ type: 'receipt', id: String(id), state }];
    }),
  },
];
