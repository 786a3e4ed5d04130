import { SekishoError } from '../errors.ts';

/** A name or an e-mail address: no blanks, nothing invisible, nothing that is markup. */
const SHAPE = /^[\p{L}\p{N}._%+@-]{3,254}$/u;
/** One `@` at most, with something on both sides: a login with one is told to relying parties as an e-mail address. */
const EMAIL = /^[^@]+@[^@.][^@]*$/;

/**
 * Refuses what is no login at sign-up, what people would take for the service itself, and what looks like the login of
 * somebody else.
 *
 * @param login In the form of NFKC.
 * @param service Names of the service.
 * @param host Host of the issuer.
 * @throws SekishoError `login_invalid`, `login_reserved`, `login_lookalike`.
 */
export function assertLogin(login: string, service: readonly string[], host: string): void {
  const plain = login.toLowerCase().normalize('NFKC');
  const [local = '', domain] = plain.split('@');
  if (!SHAPE.test(login) || !/[\p{L}\p{N}]/u.test(local) || (plain.includes('@') && !EMAIL.test(plain)))
    throw new SekishoError('login_invalid', 'The name or address is not usable as a login');
  assertNoLookalike(plain);
  // An address of somebody else's domain may be called whatever they like there.
  if ((domain === undefined || isOurs(domain, host)) && isReserved(local, service))
    throw new SekishoError('login_reserved', 'The login is one that people take for the service itself');
}

/** @throws SekishoError `login_lookalike` for one that looks like a login in another alphabet. */
export function assertNoLookalike(login: string): void {
  const parts = login.toLowerCase().normalize('NFKC').split(/[@.]/);
  if (parts.some(isLookalike))
    throw new SekishoError(
      'login_lookalike',
      'The login mixes alphabets, or looks like one of another alphabet: choose another',
    );
}

const isOurs = (domain: string, host: string): boolean => host === domain || host.endsWith(`.${domain}`);

/** Mailboxes of RFC 2142, and who people believe at once; without separators. */
const RESERVED = new Set(
  [
    'abuse accounts admin administrator anonymous api billing contact everyone ftp guest help helpdesk hostmaster',
    'info listrequest login logout mail mailerdaemon marketing me moderator news nobody noc none noreply null oauth',
    'official oidc operator owner postmaster register root sales security self signin signup staff superuser support',
    'sysadmin sysop system team undefined usenet uucp webmaster webmasters www',
    '管理者 管理人 運営 運営者 運営事務局 公式 サポート 事務局',
  ]
    .join(' ')
    .split(' ')
    .map(folded),
);

function isReserved(local: string, service: readonly string[]): boolean {
  const bare = folded(local).replace(/\p{N}+$/u, '');
  return RESERVED.has(bare) || service.some((name) => folded(name) === bare);
}

function withoutSigns(text: string): string {
  return text.replace(/[^\p{L}\p{N}]/gu, '');
}

/** Without case, width, accents and separators: `Ádmın` is taken for `admin`. */
function folded(text: string): string {
  return withoutSigns(text.normalize('NFKD').toLowerCase().replaceAll('ı', 'i')).normalize('NFC');
}

/** Of Latin only what languages write with: its clicks and phonetic letters look like others. */
const LATIN = 'a-z0-9\\u00df-\\u01bf\\u01c4-\\u024f\\u1e00-\\u1eff';
const HAN = '\\p{scx=Hani}';
/** Scripts that one name may be written in, with those that people write beside them ("highly restrictive", UTS 39, 5.2). */
const SCRIPTS: readonly RegExp[] = [
  `${LATIN}${HAN}\\p{scx=Hira}\\p{scx=Kana}`,
  `${LATIN}${HAN}\\p{scx=Hang}`,
  `${LATIN}${HAN}\\p{scx=Bopo}`,
  ...'Cyrl Grek Armn Hebr Arab Deva Beng Guru Gujr Taml Telu Knda Mlym Sinh Thai Laoo Mymr Geor Ethi Khmr Mong Tibt'
    .split(' ')
    .map((script) => `0-9\\p{scx=${script}}`),
].map((signs) => new RegExp(`^[${signs}]*$`, 'u'));

/** Small letters of Cyrillic, Greek and Armenian that look like a Latin one (UTS 39). */
const LIKE_LATIN = /^[асеорхуіјѕһԁԛԝӏкονιρακχυօոսհցզ0-9]*$/;

/** `аlice` with a Cyrillic а, and `сосо`, which is nothing but Cyrillic: nobody tells them from the Latin ones. */
function isLookalike(part: string): boolean {
  const letters = withoutSigns(part);
  if (!SCRIPTS.some((script) => script.test(letters))) return true;
  return !/^[0-9]*$/.test(letters) && LIKE_LATIN.test(letters);
}
