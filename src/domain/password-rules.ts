import { readFileSync } from 'node:fs';
import { SekishoError } from '../errors.ts';

/** With a second factor beside it, a password needs 8 characters (NIST SP 800-63B-4 section 3.1.1.2). */
const MIN_LENGTH = 8;
const MAX_LENGTH = 128;

/** What a password must not be made of. */
export interface PasswordContext {
  login: string;
  name: string;
  /** Names of the service, and of the host of its issuer. */
  service: readonly string[];
}

/**
 * Refuses a password that is tried first by whoever guesses (NIST SP 800-63B-4 section 3.1.1.2): one of a list of common ones,
 * also with letters written as digits or with something put before or after it, one that repeats or counts, and one made of
 * the login, the name or the service. Nothing is asked about kinds of characters.
 *
 * @throws SekishoError `password_short`, `password_long`, `password_common`, `password_personal`.
 */
export function assertPassword(password: string, context: PasswordContext): void {
  const { length } = [...password];
  if (length < MIN_LENGTH)
    throw new SekishoError('password_short', `The password is too short: at least ${MIN_LENGTH} characters`);
  if (length > MAX_LENGTH)
    throw new SekishoError('password_long', `The password is too long: at most ${MAX_LENGTH} characters`);
  const plain = password.normalize('NFKC').toLowerCase();
  if (isPersonal(plain, wordsOf(context)))
    throw new SekishoError(
      'password_personal',
      'The password is made of login, name or service: choose another',
    );
  if (formsOf(plain).some((form) => commonPasswords().has(form)) || isRepetition(plain) || isSequence(plain))
    throw new SekishoError(
      'password_common',
      'The password is one of those that are tried first: choose another',
    );
}

let common: ReadonlySet<string> | undefined;
/** Read when the first password is chosen; most hosts have no sign-up. */
function commonPasswords(): ReadonlySet<string> {
  common ??= new Set(
    readFileSync(new URL('../../data/common-passwords.txt', import.meta.url), 'utf8')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#')),
  );
  return common;
}

const LOOKALIKES: Readonly<Record<string, string>> = {
  ...{ '0': 'o', '1': 'i', '3': 'e', '4': 'a', '5': 's', '7': 't' },
  ...{ '@': 'a', $: 's', '!': 'i' },
};
const asLetters = (text: string): string => text.replace(/[013457@$!]/g, (sign) => LOOKALIKES[sign]!);
const OUTER_SIGNS = /^[^\p{L}]+|[^\p{L}]+$/gu;

/** The password as it is and without what is mostly put around a word, each also with digits read as letters. */
function formsOf(plain: string): string[] {
  const inner = plain.replace(OUTER_SIGNS, '');
  // The digits at the end that are letters belong to the word: `passw0rd`, but `pa55word2024!` has none.
  const lettered = asLetters(plain.replace(/[\d\W_]+$/u, ''));
  return [plain, inner, asLetters(plain), asLetters(inner), lettered].filter((form) => form !== '');
}

/** `11111111`, `abababab`: up to four characters, again and again. */
function isRepetition(plain: string): boolean {
  const signs = [...plain];
  return [1, 2, 3, 4].some((unit) => signs.every((sign, at) => sign === signs[at % unit]));
}

/** Rows of keyboards, and the zigzag from number to letter keys. */
const ROWS = ['1234567890', 'qwertyuiop', 'asdfghjkl', 'zxcvbnm', '1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p'];
const RUNS = ROWS.flatMap((row) => [row, [...row].reverse().join('')]).map((row) => row + row);

function isSequence(plain: string): boolean {
  if (RUNS.some((run) => run.includes(plain))) return true;
  const codes = [...plain].map((sign) => sign.codePointAt(0)!);
  return [1, -1].some((step) => codes.every((code, at) => at === 0 || code - codes[at - 1]! === step));
}

const SEPARATORS = /[^\p{L}\p{N}]+/u;

function wordsOf({ login, name, service }: PasswordContext): string[] {
  const own = partsOf(login).filter((word) => word.length >= 3);
  // A word of another script says more by each sign.
  const others = [name, ...service]
    .flatMap(partsOf)
    .filter((word) => word.length >= (/^[\w]*$/.test(word) ? 4 : 2));
  return [...new Set([...own, ...others])].sort((a, b) => b.length - a.length);
}

function partsOf(text: string): string[] {
  const plain = text.normalize('NFKC').toLowerCase();
  return [plain, plain.split('@')[0]!].flatMap((one) => [
    ...one.split(SEPARATORS),
    one.split(SEPARATORS).join(''),
  ]);
}

/** Letters that a password must have besides such a word. */
const LETTERS_OF_ITS_OWN = 4;

function isPersonal(plain: string, words: readonly string[]): boolean {
  return [plain, asLetters(plain)].some((form) => {
    const bare = form.split(SEPARATORS).join('');
    const rest = words.reduce((left, word) => left.replaceAll(word, ' '), bare);
    return rest !== bare && (rest.match(/\p{L}/gu) ?? []).length < LETTERS_OF_ITS_OWN;
  });
}
