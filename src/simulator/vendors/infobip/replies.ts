import type { SimReply } from '../../stand-in.ts';

/** An answer in JSON. */
export const jsonReply = (status: number, body: unknown, headers: Record<string, string> = {}): SimReply => ({
  status,
  headers: { 'content-type': 'application/json;charset=UTF-8', ...headers },
  body: JSON.stringify(body),
});

/** The older of the vendor's two forms of errors. */
export const errorReply = (
  status: number,
  messageId: string,
  text: string,
  headers: Record<string, string> = {},
): SimReply => jsonReply(status, { requestError: { serviceException: { messageId, text } } }, headers);

/** The newer form, which names the fields. */
export const violationReply = (properties: readonly string[]): SimReply =>
  jsonReply(400, {
    errorCode: 'E400',
    description: 'Request cannot be processed.',
    action: 'Check the syntax, violations and adjust the request.',
    violations: properties.map((property) => ({ property, violation: 'must be valid' })),
    resources: [],
  });

/** What is sent too fast is refused for two seconds. */
export const throttledReply = (): SimReply =>
  errorReply(429, 'TOO_MANY_REQUESTS', 'Too many requests', { 'retry-after': '2' });

const STATUSES = {
  accepted: { groupId: 1, groupName: 'PENDING', id: 26, name: 'PENDING_ACCEPTED' },
  enroute: { groupId: 1, groupName: 'PENDING', id: 7, name: 'PENDING_ENROUTE' },
  delivered: { groupId: 3, groupName: 'DELIVERED', id: 5, name: 'DELIVERED_TO_HANDSET' },
  undelivered: { groupId: 2, groupName: 'UNDELIVERABLE', id: 9, name: 'UNDELIVERABLE_NOT_DELIVERED' },
  'refused-by-operator': {
    groupId: 2,
    groupName: 'UNDELIVERABLE',
    id: 4,
    name: 'UNDELIVERABLE_REJECTED_OPERATOR',
  },
  blocklisted: { groupId: 5, groupName: 'REJECTED', id: 14, name: 'REJECTED_DESTINATION' },
} as const;

/** A status as it stands in answers, receipts and logs. */
export const statusBody = (name: keyof typeof STATUSES) => ({
  ...STATUSES[name],
  description: 'Simulated',
});

/** The vendor's answer to one message that was taken, or not. */
export const sentReply = (to: string, messageId: string, status: keyof typeof STATUSES): SimReply =>
  jsonReply(200, {
    bulkId: `bulk-${messageId}`,
    messages: [{ messageId, to, destination: to, status: statusBody(status), details: { messageCount: 1 } }],
  });
