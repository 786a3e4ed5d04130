import { ATTEMPT } from './attempt-script.ts';
import { CLOSE_CHALLENGE, OPEN_CHALLENGE, RESEND } from './challenge-scripts.ts';
import { ADD, CONSUME, EPOCH, REPLACE, ROTATE } from './record-scripts.ts';
import { RELEASE, RESERVE } from './reservation-scripts.ts';
import type { Script } from './script.ts';
import { JOIN, LEAVE } from './set-scripts.ts';
import { NOTE_LOST, NOTE_MASTERS, READ_STATE } from './state-scripts.ts';

/** Every script of the store. */
export const SCRIPTS: readonly Script[] = [
  ADD,
  REPLACE,
  CONSUME,
  ROTATE,
  EPOCH,
  READ_STATE,
  NOTE_MASTERS,
  NOTE_LOST,
  JOIN,
  LEAVE,
  RESERVE,
  RELEASE,
  OPEN_CHALLENGE,
  CLOSE_CHALLENGE,
  RESEND,
  ATTEMPT,
];
