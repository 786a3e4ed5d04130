import { randomUUID } from 'node:crypto';
import { sendAgain, sendFirstCode } from '../../src/domain/challenge.ts';
import type { Core } from '../../src/domain/core.ts';
import { readDelivery } from '../../src/domain/delivery.ts';
import { bindNumber, findAuthenticator } from '../../src/domain/enrolment.ts';
import { changeFlow, type Flow, sealForFlow, startFlow } from '../../src/domain/flow.ts';
import { accountTag } from '../../src/domain/limits.ts';
import { SekishoError } from '../../src/errors.ts';
import type { Channel } from '../../src/ports/store.ts';
import { between, MODEL } from './model.ts';
import type { World } from './vendors.ts';

/** A code that arrived. */
export interface Arrival {
  /** Seconds since the sign-in began. */
  at: number;
  /** What it was sent for: the sign-in, a press of the button, or nothing that the person did. */
  why: 'sign-in' | 'press' | 'itself';
}

/** How one sign-in went. */
export interface SignIn {
  began: number;
  /** Of the message behind a code; filled in once there is a challenge. */
  why: (id: string) => Promise<Arrival['why']>;
  arrivals: Arrival[];
  /** What left for it. */
  left: Record<Channel, number>;
}

export const newSignIn = (): SignIn => ({
  ...{ began: 0, arrivals: [], left: { sms: 0, voice: 0 } },
  why: () => Promise.reject(new Error('a code arrived that nobody asked for')),
});

export const numberOf = (person: number): string => `+8190${10_000_000 + person}`;
export const personOf = (number: string): number => Number(number.slice(5)) - 10_000_000;

/** Signs a person in: asks for a code at once, and presses the button of the page while none has come. */
export async function signIn(core: Core, world: World, person: number, record: SignIn): Promise<void> {
  const uid = randomUUID();
  const accountId = `person-${person}`;
  const e164 = numberOf(person);
  const known = await findAuthenticator(core, accountId);
  const { id } = known ?? (await bindNumber(core, accountId, e164, ['sms', 'voice'], 1));
  const flow = await startFlow(core, uid, flowOf(core, uid, accountId, e164, id));
  const order = { ip: `10.${person >> 8}.${person & 255}.1`, locale: 'ja' };
  const asked = await sendFirstCode(core, uid, flow, order, (challengeId) =>
    changeFlow(core, uid, flow, { challengeId }),
  );
  record.why = async (id) => {
    const { messages } = await readDelivery(core, asked.tag, asked.challengeId!);
    const { cause, send } = messages.find((message) => message.id === id)!;
    if (cause) return 'itself';
    return send === 1 ? 'sign-in' : 'press';
  };
  if (world.random() < MODEL.press.never) return;
  const { cooldown } = core.options.sends;
  pressLater(core, world, { uid, flow: asked, order }, record, cooldown, 0);
}

function pressLater(
  core: Core,
  world: World,
  person: { uid: string; flow: Flow; order: { ip: string; locale: string } },
  record: SignIn,
  cooldown: readonly number[],
  round: number,
): void {
  const pause = cooldown[Math.min(round, cooldown.length - 1)]!;
  world.timeline.after(pause + between(world.random, MODEL.press), async () => {
    if (record.arrivals.length > 0 || round > 1) return;
    const voice = core.exchange.gateways.some(({ channels }) => channels.includes('voice'));
    try {
      await sendAgain(core, person.uid, person.flow, { ...person.order, channel: voice ? 'voice' : 'sms' });
    } catch (error) {
      if (!(error instanceof SekishoError)) throw error;
    }
    pressLater(core, world, person, record, cooldown, round + 1);
  });
}

const flowOf = (
  core: Core,
  uid: string,
  accountId: string,
  e164: string,
  authenticatorId: string,
): Omit<Flow, 'rev'> => ({
  ...{ purpose: 'signin', clientId: 'app', accountId, facts: [], host: null, requested: true },
  ...{
    reason: 'bench',
    to: sealForFlow(core, uid, e164),
    authenticatorId,
    elsewhere: false,
    challengeId: null,
    notBefore: 0,
  },
  ...{ tag: accountTag(accountId), applicant: null, proof: null, ended: null },
});
