/** A browser without scripts: cookies by path, redirects, forms. One per person and device. */
export class Visitor {
  readonly headers: Record<string, string>;
  private readonly jar = new Map<string, { name: string; value: string; path: string }>();

  constructor(headers: Record<string, string> = {}) {
    this.headers = { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) Chrome/156.0 Safari/537.36', ...headers };
  }

  /** Requests one address, and follows redirects until there is a page or the way leads to `stopAt`. */
  async open(
    url: string,
    { stopAt, init = {} }: { stopAt?: string; init?: RequestInit } = {},
  ): Promise<Page> {
    let at = url;
    let request = init;
    for (let hop = 0; hop < 20; hop += 1) {
      const response = await this.once(at, request);
      const location = response.headers.get('location');
      if (location === null) return new Page(this, at, response, await response.text());
      at = new URL(location, at).href;
      if (stopAt !== undefined && at.startsWith(stopAt)) return new Page(this, at, response, '');
      request = {};
    }
    throw new Error(`redirected without end, last to ${at}`);
  }

  /** One request with this browser's cookies; no redirect is followed. */
  async once(url: string, init: RequestInit = {}): Promise<Response> {
    const { pathname } = new URL(url);
    const headers = new Headers({ ...this.headers, ...(init.headers as Record<string, string>) });
    const cookie = this.cookiesFor(pathname);
    if (cookie !== '' && !headers.has('cookie')) headers.set('cookie', cookie);
    const response = await fetch(url, { ...init, headers, redirect: 'manual' });
    for (const line of response.headers.getSetCookie()) this.keep(line, pathname);
    return response;
  }

  cookiesFor(pathname: string): string {
    return [...this.jar.values()]
      .filter(({ path }) => pathname === path || pathname.startsWith(path.endsWith('/') ? path : `${path}/`))
      .map(({ name, value }) => `${name}=${value}`)
      .join('; ');
  }

  cookie(pattern: RegExp): { name: string; value: string; path: string } | undefined {
    return [...this.jar.values()].find(({ name }) => pattern.test(name));
  }

  setCookie(name: string, value: string, path = '/'): void {
    this.jar.set(`${path} ${name}`, { name, value, path });
  }

  dropCookies(pattern: RegExp): void {
    for (const [id, { name }] of this.jar) if (pattern.test(name)) this.jar.delete(id);
  }

  private keep(line: string, pathname: string): void {
    const [pair = '', ...attributes] = line.split(';').map((part) => part.trim());
    const name = pair.slice(0, pair.indexOf('='));
    const value = pair.slice(pair.indexOf('=') + 1);
    const find = (key: string) =>
      attributes.find((part) => part.toLowerCase().startsWith(`${key}=`))?.slice(key.length + 1);
    const path = find('path') ?? (pathname.slice(0, pathname.lastIndexOf('/')) || '/');
    const gone = find('max-age') === '0' || new Date(find('expires') ?? '2999-01-01').getTime() < Date.now();
    if (gone || value === '') this.jar.delete(`${path} ${name}`);
    else this.jar.set(`${path} ${name}`, { name, value, path });
  }
}

/** What a browser shows after a request. */
export class Page {
  readonly visitor: Visitor;
  readonly url: string;
  readonly response: Response;
  readonly html: string;

  constructor(visitor: Visitor, url: string, response: Response, html: string) {
    this.visitor = visitor;
    this.url = url;
    this.response = response;
    this.html = html;
  }

  get status(): number {
    return this.response.status;
  }

  /** The forms of the page: absolute action and the fields they would send. */
  forms(): { action: string; fields: Record<string, string> }[] {
    return [...this.html.matchAll(/<form\b([^>]*)>([\s\S]*?)<\/form>/g)].map(
      ([, attributes = '', body = '']) => {
        const action = unescapeHtml(/action="([^"]*)"/.exec(attributes)?.[1] ?? this.url);
        const inputs = [...body.matchAll(/<input\b([^>]*)>/g)].map(([, text = '']) => text);
        const hidden = inputs.filter((text) => /type="hidden"/.test(text));
        const fields = hidden.map((text) => [
          /name="([^"]*)"/.exec(text)?.[1] ?? '',
          unescapeHtml(/value="([^"]*)"/.exec(text)?.[1] ?? ''),
        ]);
        return { action: withoutFragment(new URL(action, this.url)), fields: Object.fromEntries(fields) };
      },
    );
  }

  form(name: string): { action: string; fields: Record<string, string> } | undefined {
    return this.forms().find(({ action }) => new URL(action).pathname.endsWith(`/${name}`));
  }

  /** Sends the form whose action ends with `/name`, with its hidden fields and these. */
  async submit(name: string, fields: Record<string, string> = {}, stopAt?: string): Promise<Page> {
    const form = this.form(name);
    if (!form)
      throw new Error(`no form ${name} at ${this.url} (${this.status}): ${this.text().slice(0, 300)}`);
    return this.post(form.action, { ...form.fields, ...fields }, stopAt);
  }

  post(action: string, fields: Record<string, string>, stopAt?: string): Promise<Page> {
    const init = { method: 'POST', body: new URLSearchParams(fields) };
    return this.visitor.open(action, { init, ...(stopAt === undefined ? {} : { stopAt }) });
  }

  /** Where the page that ends an interaction leads. */
  get next(): string | undefined {
    const href = /<a\b[^>]*id="continue"[^>]*>/.exec(this.html)?.[0].match(/href="([^"]*)"/)?.[1];
    return href === undefined ? undefined : new URL(unescapeHtml(href), this.url).href;
  }

  text(): string {
    return unescapeHtml(
      this.html.replace(/<(script|style)\b[\s\S]*?<\/\1>/g, '').replace(/<[^>]+>/g, ' '),
    ).replace(/\s+/g, ' ');
  }
}

const withoutFragment = (url: URL): string => `${url.origin}${url.pathname}${url.search}`;

const ENTITIES: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', '#34': '"', '#39': "'" };
function unescapeHtml(text: string): string {
  return text.replace(/&([a-z]+|#\d+);/g, (whole, name: string) => ENTITIES[name] ?? whole);
}
