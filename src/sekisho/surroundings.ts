import { ConfigurationError, type Problem } from '../errors.ts';
import type { Log, Options } from '../options.ts';
import type { GatewayFinding } from '../ports/gateway.ts';
import { reachFindings } from './reach.ts';

type Found = GatewayFinding & { field: string };

/** Tells what is unsafe about the parts; in production the worst of it refuses the start (OPS-02). */
export async function checkSurroundings(options: Options, log: Log): Promise<void> {
  const { store, production } = options;
  const found: Found[] = [
    ...(await store.findings()).map((finding) => ({ field: `store ${store.name}`, ...finding })),
    ...gatewayFindings(options),
    ...reachFindings(options),
    ...noticeFindings(options),
    ...optionFindings(options),
  ];
  const fatal: Problem[] = production
    ? found.flatMap(({ severity, field, message, fix }) =>
        severity === 'fatal' ? { field, reason: message, fix } : [],
      )
    : [];
  if (fatal.length > 0) throw new ConfigurationError(fatal);
  for (const { field, message, fix } of found) log.warn({ field, fix }, message);
}

/** Told at every start, so that nobody forgets it after an incident. */
export const SWITCHED_OFF: GatewayFinding = {
  severity: 'warning',
  message: 'is switched off: it sends nothing, while receipts, STOP and START still count',
  fix: 'Remove enabled when it may send again',
};

function gatewayFindings(options: Options): Found[] {
  const { production, gateways, voice } = options;
  return gateways.flatMap((gateway) => {
    const field = `gateway ${gateway.name}`;
    const off = gateway.enabled === false;
    const unguarded = !off && gateway.channels.includes('voice') && (gateway.callGuard ?? 'none') === 'none';
    return [
      ...(off ? [{ field, ...SWITCHED_OFF }] : []),
      ...(gateway.findings?.({ production }) ?? []).map((finding) => ({ field, ...finding })),
      ...(unguarded && voice.enabled ? [unguardedFinding(field, voice.allowUnguarded)] : []),
    ];
  });
}

function noticeFindings({ notices, production }: Options): Found[] {
  const found = notices?.notifier.findings?.({ production }) ?? [];
  return found.map((finding) => ({ field: `notifier ${notices!.notifier.name}`, ...finding }));
}

const unguardedFinding = (field: string, allowed: boolean): Found => ({
  field,
  severity: 'warning',
  message: allowed
    ? 'reads codes to whatever picks up, answering machines included'
    : 'can place calls, and is given none: it would read codes to answering machines',
  fix: allowed
    ? 'Unset voice.allowUnguarded, or use a gateway that asks for a key press'
    : 'Leave it to SMS, or set voice.allowUnguarded if you accept the risk',
});

function optionFindings({ code, alternative }: Options): Found[] {
  const short: Found = {
    field: 'code.length',
    severity: 'warning',
    message: `Codes of ${code.length} digits are easy to guess (OTP-01)`,
    fix: 'Use 6 digits',
  };
  const restricted: Found = {
    field: 'alternative',
    severity: 'warning',
    message: 'SMS and voice are the only second factor on offer (RST-01)',
    fix: 'Set alternative to the page of another factor, such as a passkey',
  };
  return [...(code.length < 6 ? [short] : []), ...(alternative === undefined ? [restricted] : [])];
}
