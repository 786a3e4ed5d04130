import type { ServerResponse } from 'node:http';
import helmet, { type HelmetOptions } from 'helmet';

/** What the headers of one response depend on. */
export interface Protection {
  /** Random, at least 128 bits, new for each response; goes into `<script nonce>` too. */
  nonce: string;
  /** Whether the provider is served over https; then browsers are told to stay there. */
  https: boolean;
}

const YEAR = 365 * 86_400;
const nonces = new WeakMap<ServerResponse, string>();

/**
 * What helmet sets besides the content policy; each of its defaults is chosen here (DESIGN 16). An identity provider is opened
 * by others: a page with Cross-Origin-Opener-Policy cuts the tie to the window that opened it, also for every page after it,
 * and a sign-in in a popup never completes (fault C.1). What a page of ours could lose by that is guarded by
 * `frame-ancestors` and by forms that carry a token.
 */
export const helmetOptions = (https: boolean) =>
  ({
    crossOriginOpenerPolicy: false,
    crossOriginEmbedderPolicy: false, // our pages load nothing of others
    crossOriginResourcePolicy: { policy: 'same-origin' }, // what other sites may read, they read by CORS
    originAgentCluster: true,
    referrerPolicy: { policy: 'no-referrer' },
    strictTransportSecurity: https ? { maxAge: YEAR, includeSubDomains: false } : false,
    xContentTypeOptions: true,
    xDnsPrefetchControl: { allow: false },
    xDownloadOptions: false, // of a browser that is gone
    xFrameOptions: { action: 'deny' },
    xPermittedCrossDomainPolicies: false, // of a plug-in that is gone
    xPoweredBy: true, // takes the name of the framework away
    xXssProtection: true, // says 0: the filter of old browsers did harm
  }) satisfies HelmetOptions;

/**
 * Nothing is loaded but our stylesheet, our script and the logo in the page itself. `connect-src` is for the script, which
 * looks at the same page again while a message is under way. Forms post here only: what follows a form is a page that
 * moves on, because Chromium applies `form-action` to redirects as well (WEB-02).
 */
const shield = (https: boolean) =>
  helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: [(_req, res) => `'nonce-${nonces.get(res as ServerResponse) ?? ''}'`],
        styleSrc: ["'self'"],
        imgSrc: ['data:'],
        connectSrc: ["'self'"],
        formAction: ["'self'"],
        baseUri: ["'none'"],
        frameAncestors: ["'none'"],
      },
    },
    ...helmetOptions(https),
  });

const shields = { plain: shield(false), https: shield(true) };

/** Powers no page of ours needs. WebOTP is the one it does, and only our own pages get it (WEB-06). */
const PERMISSIONS = [
  'otp-credentials=(self)',
  ...[
    'camera',
    'display-capture',
    'geolocation',
    'microphone',
    'payment',
    'publickey-credentials-get',
    'usb',
  ].map((power) => `${power}=()`),
].join(', ');

/**
 * Sets the security headers of an HTML page (WEB-01, WEB-03 to WEB-06). Works on the bare response, whatever framework
 * is around it.
 *
 * @throws Error for a nonce that would not be one.
 */
export function protect(res: ServerResponse, { nonce, https }: Protection): void {
  if (!/^[A-Za-z0-9+/_-]{22,}={0,2}$/.test(nonce)) throw new Error('a nonce has at least 128 bits in base64');
  nonces.set(res, nonce);
  shields[https ? 'https' : 'plain'](res.req, res, rethrow);
  res.setHeader('Permissions-Policy', PERMISSIONS);
  res.setHeader('Cache-Control', 'no-store');
}

function rethrow(error?: unknown): void {
  if (error) throw error;
}
