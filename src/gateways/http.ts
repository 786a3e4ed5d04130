import type { Gateway, GatewayFinding } from '../ports/gateway.ts';
import { openClients } from './http/clients.ts';
import { poll } from './http/poll.ts';
import { fillPreset } from './http/preset.ts';
import { type HttpGatewaySettings, schema } from './http/schema.ts';
import { requestsOf } from './http/schema-checks.ts';
import { send } from './http/send.ts';
import type { Writing } from './http/values.ts';
import { createWebhook } from './http/webhook.ts';
import { calledIn, insecureFinding, readSettings } from './wire/settings.ts';

/**
 * A gateway by configuration: any vendor of SMS or calls that speaks HTTP, without code. The settings say how a request is
 * written, how its answer is read, and what receipts look like; a `preset` says it for vendors whose formats are known.
 *
 * @param settings Plain JSON, as `docs/gateways/http.md` says.
 * @throws ConfigurationError naming every field that is wrong, and with a preset without a public specification every field
 *   that the vendor's contract documents must fill in.
 */
export function createHttpGateway(settings: unknown): Gateway {
  const preset = fillPreset(settings);
  const own = readSettings(schema, preset.settings, 'http');
  const webhook = own.webhook && createWebhook(own.webhook, own.timeOffset, calledIn(own, 'http'));
  const clients = openClients(own);
  const writing: Writing = { number: own.number, country: own.countries?.[0], sender: own.sender };
  return {
    name: own.name ?? 'http',
    enabled: own.enabled,
    channels: own.channels,
    ...capabilitiesOf(own),
    send: (message, context) => send(own, clients, writing, message, context),
    ...(own.poll ? { poll: (message, context) => poll(own, clients, writing, message, context) } : {}),
    ...(webhook ? { webhook } : {}),
    findings: () => [
      ...insecureFinding(own.insecure),
      ...preset.findings,
      ...addressFinding(own),
      ...networkFinding(own),
      ...answerFinding(own),
    ],
    close: () => clients.close(),
  };
}

/** Only what was configured: what a gateway cannot do is absent. */
function capabilitiesOf(own: HttpGatewaySettings): Partial<Gateway> {
  const { countries, maxUnits, callGuard, idempotent, webhook } = own;
  const byVendor = webhook?.map?.vendorId !== undefined && webhook.map.id === undefined;
  const correlation = own.correlation ?? (byVendor ? 'vendorId' : undefined);
  return {
    ...(countries && { countries }),
    ...(maxUnits && { maxUnits }),
    ...(callGuard && { callGuard }),
    ...(idempotent && { idempotent }),
    ...(namesOwner(own) && { checksOwner: true }),
    ...(correlation && { correlation }),
  };
}

/** Where nothing shows who asks, one line of an access log is enough to be told the code of a call. */
function answerFinding({ webhook }: HttpGatewaySettings): GatewayFinding[] {
  if (!webhook?.answer || webhook.verify.some(({ scheme }) => scheme !== 'url-secret')) return [];
  return [
    {
      severity: 'fatal',
      message: 'reads the code to whoever has the address of a call: webhook.verify proves nothing (GWY-03)',
      fix: 'Name the signature or the credentials of the vendor in webhook.verify, or leave webhook.answer out',
    },
  ];
}

/** Whoever can listen in that network reads codes. */
function networkFinding({ ownHosts }: HttpGatewaySettings): GatewayFinding[] {
  if (!ownHosts) return [];
  return [
    {
      severity: 'warning',
      message: `may send over http and to private addresses at ${ownHosts.join(', ')} (GWY-01)`,
      fix: 'Let nobody listen between here and there, or put TLS in front',
    },
  ];
}

/** The day is asked for only where a request names it (PRV-04). */
const namesOwner = ({ send }: HttpGatewaySettings): boolean => JSON.stringify(send).includes('{{provedAt');

/** Addresses end up in the logs of every proxy on the way, and messages and credentials with them. */
function addressFinding(own: HttpGatewaySettings): GatewayFinding[] {
  const secret = own.auth.some(({ type }) => type === 'query');
  const fields = requestsOf(own).some(({ request }) => request.encoding === 'query');
  if (!secret && !(fields && own.auth.some(({ type }) => type === 'body'))) return [];
  return [
    {
      severity: 'warning',
      message: 'writes credentials into addresses, because the vendor wants them there (LOG-02)',
      fix: 'See that no proxy between here and the vendor logs addresses',
    },
  ];
}
