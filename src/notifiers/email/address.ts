/**
 * What HTML takes for a valid e-mail address (HTML Living Standard, 4.10.5.1.5). It is wider than RFC 5322 where people
 * need it, such as dots in a row in old addresses of Japanese carriers, and has no room for a second address, a display
 * name, a comment or a line break.
 */
const ADDRESS =
  /^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*$/;
/** RFC 5321 section 4.5.3.1.3, without the angle brackets. */
const LONGEST = 254;

/** Whether this is one e-mail address and nothing else. Only ASCII: few servers take others (RFC 6531). */
export const isMailAddress = (text: unknown): boolean =>
  typeof text === 'string' && text.length <= LONGEST && ADDRESS.test(text);
