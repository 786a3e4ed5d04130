/**
 * The vendor's checks of a send.
 *
 * @param now Milliseconds since the epoch.
 * @returns What is wrong, by field, as the vendor answers it.
 */
export function problemsOf(form: URLSearchParams, serviceId: string, now: number): Record<string, string[]> {
  const given = (name: string) => form.get(name) ?? '';
  const wrong: Record<string, boolean> = {
    service_id: given('service_id') !== serviceId,
    to: !/^[0-9]{11}$/.test(given('to')),
    body: [...given('body')].length < 1 || [...given('body')].length > 660,
    is_shorten: form.has('is_shorten') && !/^[01]$/.test(given('is_shorten')),
    limited_at: form.has('limited_at') && !isTime(given('limited_at'), now),
  };
  return Object.fromEntries(
    Object.entries(wrong).flatMap(([field, isWrong]) =>
      isWrong ? [[field, [`The ${field} is invalid.`]]] : [],
    ),
  );
}

const MONTH = 30 * 86_400_000;

/** ISO 8601 with an offset, to come, and within 30 days. */
function isTime(text: string, now: number): boolean {
  const at = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:Z|[+-]\d\d:\d\d)$/.test(text) ? Date.parse(text) : Number.NaN;
  return at > now && at <= now + MONTH;
}
