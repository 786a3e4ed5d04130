import type { StandIn } from '../stand-in.ts';
import { createNeutralStandIn } from './invented/neutral.ts';

/** Stands in for SMSLINK with a shape that is invented; its own is not public. */
export const createSmslinkStandIn = (): StandIn => createNeutralStandIn('smslink', 'sms');
