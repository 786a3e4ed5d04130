import { calls } from './calls.ts';
import type { Check } from './check.ts';
import { failures } from './failures.ts';
import { forgery } from './forgery.ts';
import { hostile } from './hostile.ts';
import { messages } from './messages.ts';
import { receipts } from './receipts.ts';
import { shape } from './shape.ts';
import { silence } from './silence.ts';

/** The whole contract, in order. */
export const CHECKS: readonly Check[] = [
  ...shape,
  ...messages,
  ...failures,
  ...receipts,
  ...forgery,
  ...hostile,
  ...calls,
  ...silence,
];
