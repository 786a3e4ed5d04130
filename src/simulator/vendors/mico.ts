import type { StandIn } from '../stand-in.ts';
import { createNeutralStandIn } from './invented/neutral.ts';

/** Stands in for Mico SMS with a shape that is invented; its own is not public. */
export const createMicoStandIn = (): StandIn => createNeutralStandIn('mico', 'sms');
