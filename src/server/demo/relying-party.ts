import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import express, {
  type ErrorRequestHandler,
  type Express,
  type NextFunction,
  type Request,
  type Response,
} from 'express';
import { loadAssets } from '../../pages/assets.ts';
import { protect } from '../../pages/headers.ts';
import { OUR_VIEWS } from '../../pages/render.ts';
import { compileTemplates } from '../../pages/templates.ts';
import { loadTexts } from '../../texts.ts';
import { pinAddress } from '../address.ts';
import { protectAll } from '../headers.ts';
import { CLIENTS, type HomeParts, homePage } from './home.ts';
import { createRequests, MODES, type Mode, type Requests } from './requests.ts';
import { type AppSession, createSessions } from './sessions.ts';

export interface RelyingPartySettings extends HomeParts {
  issuer: string;
  /** Of the application. */
  url: string;
  /** Shared with the provider. */
  secret: string;
}

/** Greens, so that nobody takes the application for the provider. */
const BRAND = { colour: '#0f6b5c', colourDark: '#6ee7c8' };

/** The application of the demo: a small relying party whose links make different requests. */
export function createRelyingParty(settings: RelyingPartySettings): Express {
  // Made when somebody comes: the start does not wait for it.
  let made: ReturnType<typeof createLook> | undefined;
  const look = () => {
    made ??= createLook(settings);
    return made;
  };
  const requests = createRequests(settings);
  const sessions = createSessions();
  const app = express();
  app.disable('x-powered-by');
  app.use(pinAddress(settings.url), ...protectAll(false));
  app.get('/assets/:file', (req, res, next) => look().sendFile(req, res, next));
  app.get('/', (req, res) => {
    const { failure, ...session } = sessions.read(req);
    // An error is shown once.
    if (failure) sessions.write(req, res, session);
    look().show(req, res, failure ? { ...session, failure } : session);
  });
  app.get('/start/:mode', async (req, res, next) => {
    const { mode } = req.params;
    if (!Object.hasOwn(MODES, mode)) return next();
    const session = sessions.read(req);
    const { url, pending } = await requests.begin(clientOf(req, session), mode as Mode, look().localeOf(req));
    sessions.write(req, res, { ...session, pending });
    res.redirect(303, url.href);
  });
  app.get('/callback', async (req, res) => {
    const { pending, failure: _, ...session } = sessions.read(req);
    const answer = new URL(req.url, settings.url);
    sessions.write(req, res, await finish(requests, pending, session, answer));
    res.redirect(303, `/?${new URLSearchParams({ client: pending?.clientId ?? CLIENTS[0]! })}`);
  });
  app.get('/sign-out', async (req, res) => {
    const { signedIn } = sessions.read(req);
    sessions.write(req, res, {});
    res.redirect(303, signedIn ? (await requests.signOut(signedIn, look().localeOf(req))).href : '/');
  });
  app.get('/signed-out', (req, res) => look().show(req, res, {}, true));
  app.use((_req, res) => void res.redirect(303, '/'));
  app.use(((_error, req, res, _next) => {
    look().show(req, res.status(502), { failure: { error: 'temporarily_unavailable', description: '' } });
  }) satisfies ErrorRequestHandler);
  return app;
}

async function finish(
  requests: Requests,
  pending: AppSession['pending'],
  session: AppSession,
  answer: URL,
): Promise<AppSession> {
  if (!pending) return { ...session, failure: { error: 'lost', description: '' } };
  try {
    return { signedIn: await requests.finish(answer, pending) };
  } catch (error) {
    const { error: code = 'invalid_response', error_description: description = '' } = error as Record<
      string,
      string
    >;
    return { ...session, failure: { error: code, description } };
  }
}

/** The client of the address, else the one that is signed in. */
function clientOf(req: Request, { signedIn }: AppSession): string {
  return CLIENTS.find((id) => id === req.query['client']) ?? signedIn?.clientId ?? CLIENTS[0]!;
}

function createLook(settings: RelyingPartySettings) {
  const texts = loadTexts(join(OUR_VIEWS, 'locales'));
  const assets = loadAssets('', BRAND);
  const demoCss = readFileSync(join(OUR_VIEWS, 'demo', 'demo.css'), 'utf8');
  const print = compileTemplates(OUR_VIEWS).find('demo/home');
  const localeOf = ({ query: { ui_locales: chosen }, headers }: Request) =>
    texts.negotiate(typeof chosen === 'string' ? chosen : undefined, headers['accept-language']);
  return {
    localeOf,
    show(req: Request, res: Response, session: AppSession, signedOut = false): void {
      const nonce = randomBytes(16).toString('base64');
      protect(res, { nonce, https: false });
      const chosen = req.query['ui_locales'] !== undefined;
      const look = { nonce, css: assets.css, js: assets.js, locale: localeOf(req), chosen };
      res
        .type('html')
        .send(print(homePage(settings, texts, look, session, clientOf(req, session), signedOut)));
    },
    sendFile(req: Request, res: Response, next: NextFunction): void {
      if (req.path === '/assets/demo.css') return void res.type('css').send(demoCss);
      const asset = assets.find(req.path);
      if (asset) asset.send(req, res);
      else next();
    },
  };
}
