import { SekishoError } from '../errors.ts';
import type { EventCommon, Purpose } from '../events.ts';
import { type Json, key, type Versioned } from '../ports/store.ts';
import type { Core } from './core.ts';
import type { Fact } from './factors.ts';
import { digest } from './keys.ts';
import { type Sealed, seal, unseal } from './seal.ts';

/**
 * What Sekisho remembers about one interaction of the OpenID provider, from the first factor to the result. It lives on
 * the server; the browser holds nothing but the interaction cookie (DESIGN 1).
 */
export interface Flow {
  rev: number;
  purpose: Purpose;
  clientId: string;
  /** Null while signing up. */
  accountId: string | null;
  /** Factors proved so far, in this interaction or in the session it steps up. */
  facts: Fact[];
  /** What the host passed to the gate, given back with the result; null where the session exists already. */
  host: Json;
  /** Whether the second factor is owed whatever a trusted browser says, and why it is asked for. */
  requested: boolean;
  reason: string;
  /** The number to be proved, sealed; null until one is known. */
  to: Sealed | null;
  /** The bound authenticator that answers; null while a number is being bound. */
  authenticatorId: string | null;
  /** The account has no phone, but a factor of the host: it is asked for there, and no number is bound here. */
  elsewhere: boolean;
  /** The challenge whose code is awaited; null until a code is sent. */
  challengeId: string | null;
  /** Nothing is sent before: the first code was refused for that long. Milliseconds since the epoch; 0: no wait. */
  notBefore: number;
  /** Tag under which challenge and tally live. */
  tag: string;
  /** Who signs up; null otherwise. */
  applicant: Applicant | null;
  /** The number was proved, but the name the applicant chose was gone by then: another name needs no other code. */
  proof: NumberProof | null;
  ended: 'locked' | 'disabled' | 'finished' | null;
}

/** A code was right; for the number with this tag, and for no other (BND-04, attack 4). */
export type NumberProof = {
  fact: Fact;
  tag: string;
  /** Names that were taken, of those that were chosen with this proof. */
  takenNames: number;
};
/** Milliseconds a proved number waits for a free name; as long as a code may live (OTP-02). */
const PROOF_LASTS = 600_000;

/** What the number of the flow was proved by, as long as that counts. */
export const standingProof = (core: Core, { proof, tag }: Flow): Fact | undefined =>
  proof && proof.tag === tag && core.clock.now() < proof.fact.at + PROOF_LASTS ? proof.fact : undefined;

export type Applicant = { accountId: string; login: string; name: string | null; passwordHash: string };

const flowKey = (uid: string) => key(digest(`flow ${uid}`), 'flow');
const LONGEST = 2 * 3_600_000;

/** Short public name of an interaction, for events and logs. */
export const flowName = (uid: string): string => digest(`flow ${uid}`).slice(0, 12);

/** Whose interaction an event is about, as far as events say so. */
export const eventsOf = (
  uid: string,
  { clientId, accountId }: Pick<Flow, 'clientId' | 'accountId'>,
): Omit<EventCommon, 'time'> => ({
  flow: flowName(uid),
  client: clientId,
  ...(accountId === null ? {} : { account: accountId }),
});

export async function loadFlow(core: Core, uid: string): Promise<Flow | undefined> {
  return (await core.store.get(flowKey(uid), core.clock.now())) as Flow | undefined;
}

/** Writes the first state of a flow; a flow of the same interaction is replaced. */
export async function startFlow(core: Core, uid: string, flow: Omit<Flow, 'rev'>): Promise<Flow> {
  const started = { ...flow, rev: 1 };
  const now = core.clock.now();
  await core.store.put(flowKey(uid), started as unknown as Versioned, now + LONGEST, now);
  return started;
}

/**
 * Writes a flow that has no code under way, unless there is one of the same sign-in that has: the first factor was given
 * twice, and the code that was sent must stay right (lesson 21).
 *
 * @param before The flow as it was, where one was there.
 */
export async function restartFlow(
  core: Core,
  uid: string,
  flow: Omit<Flow, 'rev'>,
  before: Flow | undefined,
): Promise<Flow> {
  let known = before;
  for (let round = 0; round < 5; round += 1) {
    const now = core.clock.now();
    const next = {
      ...(known && goesOn(known, flow) ? { ...flow, ...underWay(known) } : flow),
      rev: (known?.rev ?? 0) + 1,
    };
    const record = next as unknown as Versioned;
    const written = known
      ? await core.store.replace(flowKey(uid), record, known.rev, now + LONGEST, now)
      : await core.store.add(flowKey(uid), record, now + LONGEST, now);
    if (written) return next;
    known = await loadFlow(core, uid);
  }
  throw new SekishoError('interaction_mismatch', 'Other tabs kept changing this interaction');
}

/** Whether a flow has a code under way that a sign-in with that first factor can go on with. */
export const goesOn = (known: Flow, flow: Omit<Flow, 'rev'>): boolean =>
  known.challengeId !== null &&
  known.ended === null &&
  known.purpose === flow.purpose &&
  known.clientId === flow.clientId &&
  known.accountId === flow.accountId &&
  known.authenticatorId === flow.authenticatorId;

const underWay = ({ to, challengeId, notBefore }: Flow) => ({ to, challengeId, notBefore });

/** The same for an interaction that did not come through the gate; a flow that is there already stays. */
export async function beginFlow(core: Core, uid: string, flow: Omit<Flow, 'rev'>): Promise<Flow> {
  const now = core.clock.now();
  const begun = { ...flow, rev: 1 };
  if (await core.store.add(flowKey(uid), begun as unknown as Versioned, now + LONGEST, now)) return begun;
  return (await loadFlow(core, uid)) ?? begun;
}

/**
 * Writes a change, unless another request changed the flow meanwhile (two tabs).
 *
 * @throws SekishoError `interaction_mismatch` when that happened: the page is to be shown anew.
 */
export async function changeFlow(core: Core, uid: string, flow: Flow, change: Partial<Flow>): Promise<Flow> {
  const next = { ...flow, ...change, rev: flow.rev + 1 };
  const now = core.clock.now();
  if (await core.store.replace(flowKey(uid), next as unknown as Versioned, flow.rev, now + LONGEST, now))
    return next;
  throw new SekishoError('interaction_mismatch', 'Another tab changed this interaction at the same moment');
}

/** Ends a flow for good, also when another request changes it at the same moment. What was proved so far is erased. */
export async function lockFlow(
  core: Core,
  uid: string,
  ended: 'locked' | 'disabled' | 'finished',
): Promise<void> {
  for (let round = 0; round < 5; round += 1) {
    const flow = await loadFlow(core, uid);
    if (!flow || flow.ended) return;
    const next = { ...flow, ended, facts: [], host: null, applicant: null, rev: flow.rev + 1 };
    const now = core.clock.now();
    if (await core.store.replace(flowKey(uid), next as unknown as Versioned, flow.rev, now + LONGEST, now))
      return;
  }
  await endFlow(core, uid);
}

async function endFlow(core: Core, uid: string): Promise<void> {
  await core.store.delete(flowKey(uid));
}

/** The number of the flow in clear. */
export function flowNumber(core: Core, uid: string, flow: Pick<Flow, 'to'>): string | undefined {
  if (flow.to === null) return undefined;
  const known = opened.get(flow);
  if (known?.to === flow.to && known.uid === uid) return known.e164;
  const e164 = unseal(core.ring, flow.to, sealContext(uid));
  opened.set(flow, { to: flow.to, uid, e164 });
  return e164;
}
/** A request asks for its number several times; it goes with the flow it belongs to. */
const opened = new WeakMap<object, { to: Sealed; uid: string; e164: string }>();
export const sealForFlow = (core: Core, uid: string, e164: string): Sealed =>
  seal(core.ring, e164, sealContext(uid));
const sealContext = (uid: string) => `flow ${digest(uid)}`;
