import type { GatewayFinding } from '../../../ports/gateway.ts';
import type { ContractField } from './define.ts';

/** What every vendor without a public specification leaves to the contract documents. */
export const CONTRACT: readonly ContractField[] = [
  {
    fields: ['auth'],
    fix: 'Write how the vendor knows you: basic, bearer, header, query or body; [] if by address',
  },
  {
    fields: ['send.url'],
    fix: 'Write the https address that takes the request; or its path, and the rest as baseUrl',
  },
  { fields: ['send.fields'], fix: 'Write the parameters, with {{to}}, {{text}} and {{id}} in their places' },
  { fields: ['send.success'], fix: 'Write which answers mean that the message was taken' },
  {
    fields: ['webhook.map', 'poll'],
    fix: 'Write how results come: webhook.map for those that are notified, poll for those that are asked for',
  },
];

/** Said of every vendor whose formats nobody outside of a contract knows. */
export const unpublished = (vendor: string): GatewayFinding => ({
  severity: 'warning',
  message: `speaks to ${vendor} as this configuration says; the wire format is not verified against a public specification`,
  fix: 'Send to a phone of your own, and to a number that cannot be reached, before you rely on it',
});
