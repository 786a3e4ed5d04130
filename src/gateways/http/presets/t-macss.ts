import { CONTRACT, unpublished } from './contract.ts';
import { definePreset } from './define.ts';

/**
 * T-Macss 認証コード通知 of Kronos: dials, and reads a code. No specification of its API is public. Known is that it calls
 * mobiles and fixed lines in Japan, and that it notifies the result of a call; the rest is filled in from the contract
 * documents. Whether a key has to be pressed is not known, so the calls count as unguarded unless `callGuard` says more.
 */
export const tMacss = definePreset(
  {},
  () => ({
    channels: ['voice'],
    countries: ['JP'],
    number: 'national',
    timeOffset: '+09:00',
    callGuard: 'none',
  }),
  {
    contract: CONTRACT.map((field) =>
      field.fields.includes('send.fields')
        ? {
            ...field,
            fix: 'Write the parameters, with {{to}}, {{id}}, and {{text}} or {{digits}} in their places',
          }
        : field,
    ),
    finding: unpublished('T-Macss'),
  },
);
