/** What is known of a relying party. */
interface Named {
  clientId: string;
  clientName?: string | undefined;
}

/** The metadata that holds the name for one language (OpenID Connect Registration 2.1). */
export const nameField = (locale: string): string => `client_name#${locale}`;

/** How a relying party is called in the language of a page; untrusted text. */
export function clientNameIn(client: Named, locale: string): string {
  const own = Object.getOwnPropertyDescriptor(client, nameField(locale))?.value as unknown;
  return typeof own === 'string' && own.trim() !== '' ? own : (client.clientName ?? client.clientId);
}
