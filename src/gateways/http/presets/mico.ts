import { CONTRACT, unpublished } from './contract.ts';
import { definePreset } from './define.ts';

/**
 * Mico SMS. No specification of its API is public. Known is that it sends SMS in Japan over the carriers' own networks; the
 * rest is filled in from the contract documents.
 */
export const mico = definePreset(
  {},
  () => ({ channels: ['sms'], countries: ['JP'], number: 'national', timeOffset: '+09:00' }),
  { contract: CONTRACT, finding: unpublished('Mico SMS') },
);
