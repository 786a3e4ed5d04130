import type { Core } from '../domain/core.ts';
import { CHANNELS, type NumberKind } from '../domain/phone.ts';

/** More countries than these say less than none. */
const MOST_COUNTRIES = 5;

/** Which numbers can be used, as a sentence: the kinds that a gateway reaches, and where. Empty where none does. */
export function acceptedNumbers({ options, exchange, texts }: Core, locale: string): string {
  const reached = (Object.keys(CHANNELS) as NumberKind[]).map((type) => {
    const channels = CHANNELS[type];
    const reaches = (country: string) =>
      exchange.channelsTo({ e164: '', country, type, channels }).length > 0;
    return { type, countries: options.countries.filter(reaches) };
  });
  const open = reached.filter(({ countries }) => countries.length > 0);
  if (open.length === 0) return '';
  const list = new Intl.ListFormat(locale);
  const places = new Intl.DisplayNames(locale, { type: 'region' });
  const groups = Map.groupBy(open, ({ countries }) => countries.join());
  const kinds = [...groups.values()].map((group) => {
    const kind = list.format(group.map(({ type }) => texts.say(locale, `number.kind_${type}`)));
    const { countries } = group[0]!;
    if (countries.length > MOST_COUNTRIES) return kind;
    const where = list.format(countries.map((country) => places.of(country) ?? country));
    return texts.say(locale, 'number.kind_of', { kind, countries: where });
  });
  return texts.say(locale, 'number.accepted', { kinds: list.format(kinds) });
}
