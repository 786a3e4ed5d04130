import type { StandIn } from '../stand-in.ts';
import { createNeutralStandIn } from './invented/neutral.ts';

/** Stands in for T-Macss with a shape that is invented; its own is not public. */
export const createTMacssStandIn = (): StandIn => createNeutralStandIn('t-macss', 'voice');
