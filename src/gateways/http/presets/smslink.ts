import { CONTRACT, unpublished } from './contract.ts';
import { definePreset } from './define.ts';

/**
 * SMSLINK of Nexway. No specification of its API is public. Known is that it sends SMS in Japan; the rest is filled in from
 * the contract documents.
 */
export const smslink = definePreset(
  {},
  () => ({ channels: ['sms'], countries: ['JP'], number: 'national', timeOffset: '+09:00' }),
  { contract: CONTRACT, finding: unpublished('SMSLINK') },
);
