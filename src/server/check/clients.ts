import type { ServerConfig } from '../config.ts';
import type { Finding } from './finding.ts';

/** What a client is permitted that makes it weaker than the others. */
export async function checkClients({ config }: { config: ServerConfig }): Promise<Finding[]> {
  const warn = (field: string, reason: string, fix: string): Finding => ({
    level: 'warning',
    ...{ field, reason, fix },
  });
  return config.clients.flatMap((client, at) => {
    const field = `clients.${at} (${client.client_id})`;
    const noPkce = warn(
      `${field}.pkce`,
      'is optional: a code that is stolen or swapped on its way is not noticed',
      'Remove it once the software of the client can do PKCE (RFC 7636)',
    );
    const clear = warn(
      `${field}.redirect_uris`,
      'holds an http address that is not this computer: codes travel where others can read them',
      'Serve the client over https',
    );
    return [
      ...(client.pkce === 'optional' ? [noPkce] : []),
      ...(config.issuer.startsWith('https:') && urisOf(client).some(isClear) ? [clear] : []),
    ];
  });
}

const urisOf = ({ redirect_uris: uris }: Record<string, unknown>): string[] =>
  Array.isArray(uris) ? uris.filter((uri) => typeof uri === 'string') : [];

const LOCAL = new Set(['localhost', '127.0.0.1', '[::1]']);
const isClear = (uri: string): boolean =>
  URL.canParse(uri) && new URL(uri).protocol === 'http:' && !LOCAL.has(new URL(uri).hostname);
