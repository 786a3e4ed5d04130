import { createHttpGateway } from '../../src/gateways/http.ts';
import type { SimulatedSettings } from '../support/simulated.ts';
import { read } from '../support/source-text.ts';

type Settings = Record<string, unknown>;

/** Every entry of `gateways` on a page of the documentation, with `{ "env": NAME }` replaced as the server does. */
export function examplesOn(page: string, secrets: Readonly<Record<string, string>> = {}): Settings[] {
  return blocksOn(page).map((block) => {
    const { type: _, ...settings } = withSecrets(JSON.parse(block), secrets) as Settings;
    return settings;
  });
}

/** The example of that name. */
export function exampleOf(
  page: string,
  name: string,
  secrets: Readonly<Record<string, string>> = {},
): Settings {
  const found = examplesOn(page, secrets).find((settings) => settings['name'] === name);
  if (!found) throw new Error(`${page} has no example ${name}`);
  return found;
}

/** JSON on a page, as it stands there. */
export const blocksOn = (page: string): string[] =>
  [...read(page).matchAll(/^```json\n(.*?)^```$/gms)].map(([, block]) => block!);

function withSecrets(value: unknown, secrets: Readonly<Record<string, string>>): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => withSecrets(item, secrets));
  const name = (value as Settings)['env'];
  if (typeof name === 'string') return secrets[name] ?? `canary-of-${name}-1234567890`;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withSecrets(item, secrets)]));
}

/** A gateway as the page of its preset has it, pointed at the simulator. */
export const fromPage = (preset: string) => {
  return ({ baseUrl, credentials, ...common }: SimulatedSettings) => {
    const example = exampleOf(`docs/gateways/presets/${preset}.md`, preset);
    const auth = credentials['token'] ? { auth: [{ type: 'bearer', token: credentials['token'] }] } : {};
    return createHttpGateway({
      ...example,
      ...(example['auth'] ? auth : credentials),
      ...common,
      baseUrl,
    });
  };
};
/** The one credential that is secret. */
export const only = (name: string) => (credentials: Readonly<Record<string, string>>) => [credentials[name]!];
