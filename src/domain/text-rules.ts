import type { Problem } from '../errors.ts';
import type { Purpose } from '../events.ts';
import { type Options, serviceName } from '../options.ts';
import type { Texts } from '../texts.ts';
import { callProblems, sharedProblems } from './call-rules.ts';
import { contentProblems } from './content-rules.ts';
import { lengthFor, sizeOf } from './segments.ts';
import { composeSms, type Ending, type Wording } from './wording.ts';

const PURPOSES: readonly Purpose[] = ['signin', 'stepup', 'bind', 'signup'];
const APP_HASH = 'A'.repeat(11);

type Settings = Pick<
  Options,
  'issuer' | 'brand' | 'code' | 'sms' | 'routes' | 'gateways' | 'clients' | 'defaultClient'
>;

/**
 * Looks at every message there can be, with the widest code and our host: too long, a link or a telephone number in it, or
 * without its code is a mistake that is told at the start and not by a carrier (OTP-17).
 */
export function textProblems(settings: Settings, texts: Texts): Problem[] {
  const { code } = settings;
  // Zeros are as wide as any digit.
  const widest = '0'.repeat(code.length);
  return texts.locales.flatMap((locale) => {
    const wordings = PURPOSES.map((purpose) => wordingFor(settings, texts, locale, purpose, widest));
    return [
      ...wordings.flatMap((wording) => [
        ...smsProblems(settings, wording, `texts.${locale}.sms.${wording.purpose}`),
        ...callProblems(`texts.${locale}.voice.${wording.purpose}`, wording),
      ]),
      ...sharedProblems(wordings[0]!),
    ];
  });
}

const wordingFor = (
  { brand, code }: Settings,
  texts: Texts,
  locale: string,
  purpose: Purpose,
  widest: string,
): Wording => ({
  ...{ texts, locale, purpose, code: widest, service: serviceName(brand, locale) },
  minutes: Math.floor(code.ttl / 60),
});

function smsProblems(settings: Settings, wording: Wording, field: string): Problem[] {
  const words = composeSms(wording, null);
  return [
    ...lengthProblem(settings, wording, field),
    ...contentProblems(field, wording, (one) => composeSms(one, null)),
    ...(words.includes(wording.code)
      ? []
      : [{ field, reason: 'does not say the code', fix: 'Put {code} into it' }]),
  ];
}

function lengthProblem(settings: Settings, wording: Wording, field: string): Problem[] {
  const { sms, gateways } = settings;
  const texts = endingsOf(settings).map((ending) => composeSms(wording, ending));
  const sizes = texts.map(sizeOf);
  const size = sizes.reduce((a, b) => (b.segments > a.segments || b.units > a.units ? b : a));
  const fix = `Shorten the text or the name of the service (brand.names.${wording.locale}), switch sms.originLine off`;
  const long = 'with the longest code, the service name and what ends the message';
  const strict = gateways.flatMap(({ name, channels, maxUnits }) => {
    if (!channels.includes('sms') || maxUnits === undefined) return [];
    return texts.map((text) => ({ name, ...lengthFor(maxUnits, text) }));
  });
  const over = strict.find(({ units, most }) => units > most);
  if (over)
    return [
      {
        field,
        reason: `takes ${over.units}, more than the ${over.most} UTF-16 units of gateway ${over.name}, ${long}`,
        fix: `${fix}, or let the gateway take more where the contract with its vendor says so (long for mediasms, maxUnits for http)`,
      },
    ];
  if (size.segments <= sms.maxSegments) return [];
  const what = size.alphabet === 'gsm-7' ? 'characters' : 'UTF-16 units';
  const room = `${size.segments} segments, where ${sms.maxSegments} of ${size.single} may be used`;
  return [
    {
      field,
      reason: `takes ${size.units} ${what} ${long}: ${room}`,
      fix: `${fix}, or raise sms.maxSegments and pay for it`,
    },
  ];
}

/** All that a message can end with: our host where any route wants it, an app hash where any client has one, or nothing. */
function endingsOf({ issuer, sms, routes, clients, defaultClient }: Settings): Ending[] {
  const lines = [
    sms.originLine,
    ...routes.flatMap(({ via }) => via.map(({ originLine }) => originLine ?? sms.originLine)),
  ];
  const hashes = [defaultClient, ...Object.values(clients)].some(({ androidAppHash }) => androidAppHash);
  return [
    null,
    ...(lines.includes(true) ? [{ host: new URL(issuer).hostname }] : []),
    ...(hashes ? [{ appHash: APP_HASH }] : []),
  ];
}
