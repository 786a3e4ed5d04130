import { answering, type Mutant, refusedAs } from './mutant.ts';

/** What it makes of failures. */
export const failing: readonly Mutant[] = [
  {
    is: 'accepting what was refused',
    foundBy: 'says why a vendor refuses',
    mutate: answering((outcome) => (outcome.outcome === 'rejected' ? { outcome: 'accepted' } : outcome)),
  },
  {
    is: 'blind to the reason',
    foundBy: 'says why a vendor refuses',
    mutate: answering((outcome) =>
      outcome.outcome === 'rejected' ? { ...outcome, class: 'temporary' } : outcome,
    ),
  },
  {
    is: 'throwing refusals',
    foundBy: 'says why a vendor refuses',
    mutate: answering((outcome) => {
      if (outcome.outcome === 'rejected') throw new Error('refused');
      return outcome;
    }),
  },
  {
    is: 'deaf to Retry-After',
    foundBy: 'says why a vendor refuses',
    mutate: answering((outcome) => ({
      ...outcome,
      ...(outcome.outcome === 'rejected' ? { retryAfter: undefined } : {}),
    })),
  },
  {
    is: 'trying again by itself',
    foundBy: 'calls a send without a whole answer',
    mutate: (good) => ({
      ...good,
      async send(message, context) {
        const first = await good.send(message, context);
        return first.outcome === 'ambiguous'
          ? good.send({ ...message, id: `${message.id}x` }, context)
          : first;
      },
    }),
  },
  {
    is: 'sure that nothing left',
    foundBy: 'calls a send without a whole answer',
    mutate: answering((outcome) => (outcome.outcome === 'ambiguous' ? refusedAs('temporary') : outcome)),
  },
  {
    is: 'taking 500 for an acceptance',
    foundBy: 'never calls a send accepted',
    mutate: answering((outcome) =>
      outcome.outcome === 'rejected' && outcome.code === 'http.500' ? { outcome: 'accepted' } : outcome,
    ),
  },
  {
    is: 'giving up on every gateway for a 500',
    foundBy: 'never calls a send accepted',
    mutate: answering((outcome) =>
      outcome.outcome === 'rejected' && outcome.code === 'http.500' ? refusedAs('number') : outcome,
    ),
  },
  {
    is: 'unsure where nobody listens',
    foundBy: 'says that nothing left',
    mutate: answering((outcome) =>
      outcome.outcome === 'rejected' && outcome.code === 'ECONNREFUSED' ? { outcome: 'ambiguous' } : outcome,
    ),
  },
  {
    is: 'sending what nobody waits for',
    foundBy: 'sends nothing when the time is up',
    mutate: (good) => ({
      ...good,
      send: (message, { now }) => good.send(message, { now, signal: AbortSignal.timeout(3000) }),
    }),
  },
  {
    is: 'patient beyond its time',
    foundBy: 'gives up when the time is up',
    mutate: (good) => ({
      ...good,
      send: (message, { now }) => good.send(message, { now, signal: AbortSignal.timeout(1500) }),
    }),
  },
];
