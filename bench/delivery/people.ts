import { randomUUID } from 'node:crypto';
import { sendAgain, sendFirstCode } from '../../src/domain/challenge.ts';
import type { Core } from '../../src/domain/core.ts';
import { bindNumber } from '../../src/domain/enrolment.ts';
import { changeFlow, type Flow, sealForFlow, startFlow } from '../../src/domain/flow.ts';
import { accountTag } from '../../src/domain/limits.ts';
import { SekishoError } from '../../src/errors.ts';
import { between, MODEL } from './model.ts';
import type { World } from './vendors.ts';

/** How one sign-in went. Seconds since it began. */
export interface SignIn {
  began: number;
  /** When each code arrived. */
  arrivals: number[];
  /** Messages and calls that left for it. */
  sends: number;
  /** Sends after the first that the person pressed for. */
  presses: number;
}

export const numberOf = (person: number): string => `+8190${10_000_000 + person}`;
export const personOf = (number: string): number => Number(number.slice(5)) - 10_000_000;

/** Signs a person in: asks for a code at once, and presses the button of the page while none has come. */
export async function signIn(core: Core, world: World, person: number, record: SignIn): Promise<void> {
  const uid = randomUUID();
  const accountId = `person-${person}`;
  const e164 = numberOf(person);
  const { id } = await bindNumber(core, accountId, e164, ['sms', 'voice'], 1);
  const flow = await startFlow(core, uid, flowOf(core, uid, accountId, e164, id));
  const order = { ip: `10.${person >> 8}.${person & 255}.1`, locale: 'ja' };
  const asked = await sendFirstCode(core, uid, flow, order, (challengeId) =>
    changeFlow(core, uid, flow, { challengeId }),
  );
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
      record.presses += 1;
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
  ...{ reason: 'bench', to: sealForFlow(core, uid, e164), authenticatorId, challengeId: null, notBefore: 0 },
  ...{ tag: accountTag(accountId), applicant: null, proof: null, ended: null },
});
