import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';

/** Cost of a hash: 16 MiB and about 45 ms (OWASP Password Storage names N=2^14, r=8 with a second factor beside it). */
const COST = { ln: 14, r: 8, p: 1 };
const HASH_BYTES = 32;
const SALT_BYTES = 16;
/** What a stored hash may ask for at most; a damaged record must not eat the memory. */
const HIGHEST = { ln: 17, r: 16, p: 4 };

interface Parsed {
  ln: number;
  r: number;
  p: number;
  salt: Buffer;
  hash: Buffer;
}

/** Hashes a password with scrypt: `$scrypt$ln=14,r=8,p=1$salt$hash`, so that the cost may change later. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  return print({ ...COST, salt, hash: await derive(password, { ...COST, salt }) });
}

/** Whether the password made this hash. A hash that cannot be read is nobody's. */
export async function verifyPassword(password: string, stored: string): Promise<boolean> {
  const parsed = parse(stored);
  if (!parsed) return false;
  return timingSafeEqual(await derive(password, parsed), parsed.hash);
}

/** A hash no password makes, as costly to look at as any other (THR-05). */
export function nobodysHash(): string {
  return print({ ...COST, salt: randomBytes(SALT_BYTES), hash: randomBytes(HASH_BYTES) });
}

function derive(password: string, { ln, r, p, salt }: Omit<Parsed, 'hash'>): Promise<Buffer> {
  const N = 2 ** ln;
  const options = { N, r, p, maxmem: 128 * N * r + 128 * r * p + 1_048_576 };
  return new Promise((resolve, reject) => {
    // One spelling for what keyboards spell differently (NIST SP 800-63B-4 section 3.1.1.2).
    scrypt(password.normalize('NFKC'), salt, HASH_BYTES, options, (error, hash) =>
      error ? reject(error) : resolve(hash),
    );
  });
}

function print({ ln, r, p, salt, hash }: Parsed): string {
  return `$scrypt$ln=${ln},r=${r},p=${p}$${salt.toString('base64url')}$${hash.toString('base64url')}`;
}

const FORMAT = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([\w-]{22})\$([\w-]{43})$/;

function parse(stored: string): Parsed | undefined {
  const [, ln, r, p, salt, hash] = FORMAT.exec(stored) ?? [];
  if (!salt || !hash) return undefined;
  const cost = { ln: Number(ln), r: Number(r), p: Number(p) };
  const bearable = cost.ln > 0 && cost.ln <= HIGHEST.ln && cost.r <= HIGHEST.r && cost.p <= HIGHEST.p;
  if (!bearable || cost.r === 0 || cost.p === 0) return undefined;
  return { ...cost, salt: Buffer.from(salt, 'base64url'), hash: Buffer.from(hash, 'base64url') };
}
