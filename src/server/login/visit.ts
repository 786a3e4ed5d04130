import type { IncomingMessage, ServerResponse } from 'node:http';
import type Provider from 'oidc-provider';
import { errors } from 'oidc-provider';
import type { KeyRing } from '../../domain/keys.ts';
import { SekishoError } from '../../errors.ts';
import { isSameBrowser } from '../../oidc/browser-binding.ts';
import { clientNameIn } from '../../oidc/client-name.ts';
import { assertOurForm, formToken } from '../../pages/forgery.ts';
import { type Form, readForm } from '../../pages/form.ts';
import type { About, ServerPages } from '../pages.ts';

type Interaction = Awaited<ReturnType<Provider['interactionDetails']>>;

/** A browser at the password page or the consent page of an interaction that is its own. */
export interface LoginVisit {
  req: IncomingMessage;
  res: ServerResponse;
  interaction: Interaction;
  locale: string;
  /** The language was chosen on a page, not by the request. */
  chosen: boolean;
  /** What every page of the interaction shows. */
  about: About;
}

export interface VisitParts {
  provider: Provider;
  pages: ServerPages;
  ring: KeyRing;
  issuer: string;
  /** Path below which the interactions live, such as `/interaction`. */
  path: string;
}

/**
 * Finds the interaction of a page: its cookie must belong to the id in the path (WEB-16).
 *
 * @param prompt What the interaction must be at.
 * @throws SekishoError `interaction_gone`, `interaction_mismatch`.
 */
export async function openLoginVisit(
  { provider, pages, ring, path, issuer }: VisitParts,
  req: IncomingMessage,
  res: ServerResponse,
  uid: string,
  prompts: readonly string[],
): Promise<LoginVisit> {
  const interaction = await find(provider, req, res);
  if (interaction.uid !== uid)
    throw new SekishoError('interaction_mismatch', 'The cookie belongs to another interaction');
  if (!isSameBrowser(req, interaction, issuer.startsWith('https:')))
    throw new SekishoError('interaction_gone', 'The interaction began in another browser');
  if (!prompts.includes(interaction.prompt.name)) {
    throw new SekishoError('interaction_gone', 'There is nothing to do here for this interaction');
  }
  const asked = new URL(req.url ?? '/', 'http://page').searchParams.get('ui_locales') ?? undefined;
  const locale = pages.localeOf(req, asked ?? (interaction.params['ui_locales'] as string | undefined));
  const client = await provider.Client.find(String(interaction.params['client_id']));
  const chosen = asked !== undefined;
  const about = {
    locale,
    chosen,
    client: client ? clientNameIn(client, locale) : '',
    here: `${path}/${uid}`,
    csrf: formToken(ring, uid),
  };
  return { req, res, interaction, locale, chosen, about };
}

async function find(provider: Provider, req: IncomingMessage, res: ServerResponse): Promise<Interaction> {
  try {
    return await provider.interactionDetails(req, res);
  } catch (cause) {
    if (!(cause instanceof errors.SessionNotFound)) throw cause;
    throw new SekishoError('interaction_gone', 'The interaction is over, timed out or of another browser', {
      cause,
    });
  }
}

/** The form of a post, once it is known to come from a page of ours (WEB-08). @throws SekishoError */
export async function readOurForm(
  { ring, issuer }: VisitParts,
  req: IncomingMessage,
  res: ServerResponse,
  uid: string,
  timeout: number,
): Promise<Form> {
  const form = await readForm(req, res, timeout);
  assertOurForm(ring, uid, issuer, req, form['csrf'] ?? '');
  return form;
}

/** Takes a language that was chosen here along to the pages that follow. */
export async function keepLanguage({ interaction, chosen, locale }: LoginVisit): Promise<void> {
  if (!chosen || interaction.params['ui_locales'] === locale) return;
  interaction.params['ui_locales'] = locale;
  await interaction.persist();
}
