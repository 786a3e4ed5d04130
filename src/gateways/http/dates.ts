/** Ways to write a point in time, besides patterns such as `yyyy/MM/dd HH:mm:ss`. */
const NAMED = ['iso', 'unix', 'unix-ms'] as const;
const TOKENS = /yyyy|MM|dd|HH|mm|ss/g;
const MINUTE = 60_000;

/** Whether this names a format: `iso`, `unix` (seconds), `unix-ms`, or a pattern with at least year, month and day. */
export const isTimeFormat = (format: string): boolean =>
  (NAMED as readonly string[]).includes(format) ||
  (['yyyy', 'MM', 'dd'].every((token) => format.includes(token)) &&
    /^[-/:.T _年月日時分秒]*$/.test(format.replace(TOKENS, '')));

/** Minutes east of Greenwich of `+09:00` or `Z`. */
export function minutesOf(offset: string): number {
  const [, sign, hours, minutes] = /^([+-])(\d\d):(\d\d)$/.exec(offset) ?? [];
  return sign === undefined ? 0 : (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
}

/**
 * @param time Milliseconds since the epoch.
 * @param offset Minutes east of Greenwich, for patterns; ISO 8601 is always written in UTC.
 */
export function writeTime(time: number, format: string, offset: number): string {
  if (format === 'iso') return new Date(time).toISOString();
  if (format === 'unix') return String(Math.floor(time / 1000));
  if (format === 'unix-ms') return String(time);
  const iso = new Date(time + offset * MINUTE).toISOString();
  const [date, clock] = [iso.slice(0, 10).split('-'), iso.slice(11, 19).split(':')];
  const parts = { yyyy: date[0], MM: date[1], dd: date[2], HH: clock[0], mm: clock[1], ss: clock[2] };
  return format.replace(TOKENS, (token) => parts[token as keyof typeof parts]!);
}

/** @returns Milliseconds since the epoch; undefined where it cannot be read, or is no time of this century. */
export function readTime(text: string, format: string, offset: number): number | undefined {
  const time = NAMED.includes(format as 'iso')
    ? readNamed(text, format, offset)
    : readPattern(text, format, offset);
  return time !== undefined && time >= FIRST && time < LAST ? Math.round(time) : undefined;
}
const FIRST = Date.UTC(2000, 0);
const LAST = Date.UTC(2100, 0);

function readNamed(text: string, format: string, offset: number): number | undefined {
  if (format === 'iso') {
    const zone = /(Z|[+-]\d\d:?\d\d)$/i.exec(text);
    return zone ? Date.parse(text.replace(' ', 'T')) : readPattern(text, 'yyyy-MM-ddTHH:mm:ss', offset);
  }
  const [, digits] = /^(\d{9,14})(\.\d{1,9})?$/.exec(text) ?? [];
  return digits === undefined ? undefined : Number(digits) * (format === 'unix' ? 1000 : 1);
}

function readPattern(text: string, format: string, offset: number): number | undefined {
  const order: string[] = format.match(TOKENS) ?? [];
  // A format holds no sign that means something in an expression, but the dot.
  const found = new RegExp(
    `^${format.replaceAll('.', '\\.').replace(TOKENS, (token) => `(\\d{${token.length}})`)}`,
  ).exec(text.replace(' ', format.includes('T') ? 'T' : ' '));
  if (!found) return undefined;
  const part = (token: string) => (order.includes(token) ? Number(found[order.indexOf(token) + 1]) : 0);
  const time = Date.UTC(part('yyyy'), part('MM') - 1, part('dd'), part('HH'), part('mm'), part('ss'));
  return time - offset * MINUTE;
}
