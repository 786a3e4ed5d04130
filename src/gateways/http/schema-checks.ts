import type { z } from 'zod';
import type { Auth, Encoding } from './encode.ts';
import { type Kinds, problemsOf, type Template } from './template.ts';
import { ANSWER_KINDS, WAITING_KINDS } from './values.ts';

/** What of a request is checked. */
interface Request {
  method?: 'GET' | 'POST';
  url: string;
  headers?: Record<string, string>;
  encoding: Encoding;
  fields: Record<string, Template>;
}
type Context = z.RefinementCtx;

/** Tells of every template that cannot be filled in, and of fields that the encoding cannot hold. */
export function checkRequest(request: Request, kinds: Kinds, context: Context): void {
  const { url, headers = {}, encoding, fields, method } = request;
  const complain = (path: PropertyKey[], message: string) =>
    context.addIssue({ code: 'custom', path, message });
  for (const [name, part] of Object.entries({ url, headers, fields })) {
    for (const { way, reason } of problemsOf(part, kinds)) complain([name, ...way], reason);
  }
  const wrong = addressProblem(url);
  if (wrong) complain(['url'], wrong);
  if (method === 'GET' && encoding !== 'query' && Object.keys(fields).length > 0)
    complain(['encoding'], 'must be query, because a GET has no body');
  if (encoding === 'form' || encoding === 'query') {
    for (const name of Object.keys(fields).filter((name) => isNested(fields[name]!)))
      complain(['fields', name], `nests, which ${encoding} cannot hold`);
  }
  if (encoding === 'xml') checkXml(fields, ['fields'], context);
}

function addressProblem(url: string): string | undefined {
  const authority = /^https?:\/\/([^/?#]+)/.exec(url)?.[1];
  if (authority === undefined && !/^\/(?!\/)/.test(url)) return 'must begin with https:// or /';
  if (authority?.includes('{')) return 'may hold placeholders only in path and query';
  if (url.includes('#')) return 'may not hold a fragment';
  if (/[\s\\]/.test(url.replace(/\{\{.*?\}\}/g, ''))) return 'is no address';
  return undefined;
}

/** Lists of texts are names that come several times; anything deeper has no place in a form. */
function isNested(field: Template, inList = false): boolean {
  if (typeof field !== 'object' || field === null) return field === null;
  if (Array.isArray(field)) return inList || field.some((item) => isNested(item, true));
  if ('$if' in field)
    return ['$then', '$else'].some((name) => field[name] !== undefined && isNested(field[name], inList));
  return !('$number' in field);
}

function checkXml(fields: Record<string, Template>, way: PropertyKey[], context: Context): void {
  if (Object.keys(fields).length !== 1)
    context.addIssue({ code: 'custom', path: way, message: 'must hold exactly one element, the root' });
  checkNames(fields, way, context);
}

/** A name goes into the markup as it is, so it must be one. */
function checkNames(part: Template, way: PropertyKey[], context: Context): void {
  if (typeof part !== 'object' || part === null) return;
  for (const [name, inner] of Object.entries(part)) {
    const special = name === '#text' || ['$if', '$then', '$else', '$number'].includes(name);
    if (!Array.isArray(part) && !special && !/^@?[A-Za-z_][\w.-]*(:[A-Za-z_][\w.-]*)?$/.test(name))
      context.addIssue({ code: 'custom', path: [...way, name], message: 'is no name of an element' });
    checkNames(inner, [...way, name], context);
  }
}

/** Tells of answers that say the code before a key was pressed, or that cannot be filled in. */
export function checkAnswer(
  answer: { encoding: 'xml' | 'json'; read: Record<string, Template>; otherwise: Record<string, Template> },
  context: Context,
): void {
  for (const [name, kinds] of [
    ['read', ANSWER_KINDS],
    ['otherwise', WAITING_KINDS],
  ] as const) {
    for (const { way, reason } of problemsOf(answer[name], kinds))
      context.addIssue({ code: 'custom', path: [name, ...way], message: reason });
    if (answer.encoding === 'xml') checkXml(answer[name], [name], context);
  }
}

interface Whole {
  baseUrl?: string;
  channels: readonly string[];
  callGuard?: string;
  countries?: string[];
  number: string;
  auth: Auth[];
  send: Request;
  voice?: Request;
  poll?: Request[];
}

/** Tells of settings that do not go together. */
export function checkWhole(whole: Whole, context: Context): void {
  const { baseUrl, channels, callGuard, countries, number, auth } = whole;
  const complain = (path: PropertyKey[], message: string) =>
    context.addIssue({ code: 'custom', path, message });
  const requests = requestsOf(whole);
  if (channels.includes('voice') && callGuard === undefined)
    complain(
      ['callGuard'],
      'is missing: a gateway that calls says what keeps a code off an answering machine',
    );
  if (number === 'national' && countries?.length !== 1)
    complain(['countries'], 'must hold exactly one country, because numbers are written nationally');
  if (baseUrl === undefined && requests.some(({ request }) => /^\/(?!\/)/.test(request.url)))
    complain(['baseUrl'], 'is missing');
  const xml = requests.find(({ request }) => request.encoding === 'xml');
  if (xml && auth.some(({ type }) => type === 'body'))
    complain(
      ['auth'],
      `has type body, which xml cannot hold: write the credentials into ${xml.path.join('.')}.fields`,
    );
}

/** All requests, each with its place in the settings. */
export const requestsOf = ({ send, voice, poll = [] }: Pick<Whole, 'send' | 'voice' | 'poll'>) => [
  { path: ['send'] as PropertyKey[], request: send },
  ...(voice ? [{ path: ['voice'] as PropertyKey[], request: voice }] : []),
  ...poll.map((request, at) => ({ path: ['poll', at] as PropertyKey[], request })),
];
