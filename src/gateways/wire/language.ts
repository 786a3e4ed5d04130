/** Voices know languages by region; where only the language is known, the one that most people of it hear. */
const REGIONS: Readonly<Record<string, string>> = { ja: 'ja-JP', en: 'en-US', ko: 'ko-KR', zh: 'cmn-CN' };

/** The tag that voices of vendors know a language by. */
export const regional = (locale: string): string => pick(REGIONS, locale, false) ?? locale;

/** What is set for a language tag, or for its language alone. */
export function pick<T>(values: Readonly<Record<string, T>>, locale: string, alone = true): T | undefined {
  if (Object.hasOwn(values, locale)) return values[locale];
  const [language] = locale.split('-', 1) as [string];
  return alone && Object.hasOwn(values, language) ? values[language] : undefined;
}
