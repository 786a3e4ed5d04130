import { createHash, randomBytes } from 'node:crypto';
import type { Agent } from 'node:http';
import { Browser, type Reply } from './browser.ts';
import {
  accountOf,
  addressOf,
  CLIENT,
  CODE_HEADER,
  type Hashing,
  type Kind,
  PASSWORD,
  PHONE_HEADER,
  phoneOf,
  REDIRECT_URI,
} from './setting.ts';

const AGENT = 'Mozilla/5.0 (X11; Linux x86_64) Chrome/156.0 Safari/537.36';
const BASIC = `Basic ${Buffer.from(`${CLIENT.id}:${CLIENT.secret}`).toString('base64')}`;

/** The steps of one person's sign-in, to be gone one by one. */
export class SignIn {
  /** The answer to the last step. */
  reply: Reply | undefined;
  private readonly browser: Browser;
  private readonly at: number;
  private readonly issuer: string;
  private readonly hashing: Hashing;
  private readonly verifier = randomBytes(32).toString('base64url');
  private readonly state = randomBytes(16).toString('base64url');

  /** @param at Which person. */
  constructor(issuer: string, pool: Agent, at: number, hashing: Hashing = 'none') {
    this.hashing = hashing;
    this.issuer = issuer;
    this.at = at;
    const headers = { 'user-agent': AGENT, 'x-forwarded-for': addressOf(at), [PHONE_HEADER]: phoneOf(at) };
    this.browser = new Browser(issuer, pool, headers);
  }

  async authorize(): Promise<string> {
    const query = new URLSearchParams({
      client_id: CLIENT.id,
      redirect_uri: REDIRECT_URI,
      response_type: 'code',
      scope: 'openid',
      state: this.state,
      nonce: this.state,
      code_challenge: createHash('sha256').update(this.verifier).digest('base64url'),
      code_challenge_method: 'S256',
    });
    return this.redirect(await this.browser.get(`/auth?${query}`));
  }

  async open(path: string): Promise<string> {
    return this.page(await this.browser.get(path));
  }

  async password(path: string): Promise<string> {
    const fields = { account: accountOf(this.at), password: PASSWORD, hashing: this.hashing };
    return this.redirect(await this.browser.post(`${path}/login`, fields));
  }

  /** Presses "send again" on the page of the code. */
  async again(path: string): Promise<string> {
    return this.redirect(await this.browser.post(`${path}/send`, { csrf: this.formToken(), channel: 'sms' }));
  }

  /** Types the code; answers where the page that says "done" leads. */
  async code(path: string): Promise<string> {
    const code = String(this.reply!.headers[CODE_HEADER]);
    const page = this.page(await this.browser.post(`${path}/code`, { csrf: this.formToken(), code }));
    const next = /id="continue"[^>]*href="([^"]*)"|href="([^"]*)"[^>]*id="continue"/.exec(page);
    return this.local((next?.[1] ?? next?.[2] ?? '').replaceAll('&amp;', '&'));
  }

  async resume(path: string): Promise<string> {
    return this.redirect(await this.browser.get(path));
  }

  /** Exchanges the code in the address that the relying party got; answers the ID token. */
  async exchange(callback: string): Promise<string> {
    const fields = {
      grant_type: 'authorization_code',
      code: new URL(callback).searchParams.get('code') ?? '',
      redirect_uri: REDIRECT_URI,
      code_verifier: this.verifier,
    };
    const reply = await this.browser.post('/token', fields, { authorization: BASIC });
    const { id_token: idToken } = JSON.parse(this.page(reply)) as { id_token?: string };
    if (!idToken) throw new Error(`no ID token: ${reply.body}`);
    return idToken;
  }

  private formToken(): string {
    return /name="csrf" value="([^"]*)"/.exec(this.reply!.body)?.[1] ?? '';
  }

  private redirect(reply: Reply): string {
    this.reply = reply;
    const { location } = reply.headers;
    if (location === undefined) throw new Error(`no redirect: ${reply.status} ${reply.body.slice(0, 300)}`);
    return this.local(location);
  }

  private page(reply: Reply): string {
    this.reply = reply;
    if (reply.status !== 200) throw new Error(`no page: ${reply.status} ${reply.body.slice(0, 300)}`);
    return reply.body;
  }

  private local(url: string): string {
    return url.startsWith(this.issuer) ? url.slice(this.issuer.length) : url;
  }
}

/** A whole sign-in of a browser that was never here before; answers the ID token. */
export async function signIn(
  issuer: string,
  pool: Agent,
  kind: Kind,
  at: number,
  hashing: Hashing,
): Promise<string> {
  const visit = new SignIn(issuer, pool, at, hashing);
  const login = await visit.authorize();
  await visit.open(login);
  let next = await visit.password(login);
  if (kind === 'sekisho') {
    await visit.open(next);
    next = await visit.code(next);
  }
  return visit.exchange(await visit.resume(next));
}

/** @throws when the ID token does not say what this system has to prove. */
export function demandProof(kind: Kind, idToken: string): void {
  const claims = JSON.parse(`${Buffer.from(idToken.split('.')[1]!, 'base64url')}`) as { amr?: string[] };
  const proved = claims.amr?.includes('sms') ?? false;
  if (proved !== (kind === 'sekisho')) throw new Error(`${kind} proved ${JSON.stringify(claims.amr)}`);
}
