import type { HttpCall, HttpClient, Transported } from '../wire/client.ts';
import { openClient } from '../wire/settings.ts';
import type { HttpGatewaySettings } from './schema.ts';
import { requestsOf } from './schema-checks.ts';

/** The way out to every address that the settings name, and to no other (GWY-01). */
export interface Clients {
  /** Makes a relative address whole. */
  resolve(url: string): string;
  call(call: HttpCall): Promise<Transported>;
  close(): Promise<void>;
}

/**
 * @throws ConfigurationError for an address that is not https, or that holds credentials.
 */
export function openClients(settings: HttpGatewaySettings): Clients {
  const resolve = (url: string) =>
    url.startsWith('/') ? `${settings.baseUrl!.replace(/\/+$/, '')}${url}` : url;
  const clients = new Map<string, HttpClient>();
  const open = (field: string, address: string, adds: readonly string[] = []) => {
    const client = openClient('http', field, address, settings, adds);
    clients.set(new URL(address).origin, client);
  };
  if (settings.baseUrl !== undefined) open('baseUrl', settings.baseUrl, followersOf(settings));
  for (const { path, request } of requestsOf(settings)) {
    const address = resolve(request.url);
    const [start] = /^[^/]*\/\/[^/?#]*/.exec(address) ?? [address];
    if (!URL.canParse(start) || !clients.has(new URL(start).origin)) open([...path, 'url'].join('.'), start);
  }
  return {
    resolve,
    call: (call) => clients.get(new URL(call.url).origin)!.call(call),
    async close() {
      await Promise.all([...clients.values()].map((client) => client.close()));
    },
  };
}

/** Paths that follow `baseUrl`, where they are the same for every message. */
const followersOf = (settings: HttpGatewaySettings): string[] =>
  requestsOf(settings).flatMap(({ request }) => {
    const [, path] = /^(\/[^?{]*[^?{/])\/?(\?|$)/.exec(request.url) ?? [];
    return path === undefined ? [] : [path];
  });
