import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { readCookie } from '../../oidc/request.ts';

/** What the application remembers about a browser. */
export interface AppSession {
  /** A request under way: what its answer is checked against. */
  pending?: { clientId: string; verifier: string; state: string; nonce: string };
  /** Who is signed in, as the tokens say it. */
  signedIn?: { clientId: string; idToken: string; claims: Claims; userinfo: Claims };
  /** What the last answer was, if it was no token. Shown once. */
  failure?: { error: string; description: string };
}
export type Claims = Record<string, unknown>;

const COOKIE = 'demo-app';
const MOST = 1000;

/** Sessions of the application in memory; they go with the process. */
export interface AppSessions {
  read(req: IncomingMessage): AppSession;
  /** Keeps the session under a new id (no fixation). */
  write(req: IncomingMessage, res: ServerResponse, session: AppSession): void;
}

export function createSessions(): AppSessions {
  const kept = new Map<string, AppSession>();
  return {
    read: (req) => kept.get(readCookie(req, COOKIE) ?? '') ?? {},
    write(req, res, session) {
      kept.delete(readCookie(req, COOKIE) ?? '');
      const id = randomBytes(16).toString('base64url');
      kept.set(id, session);
      for (const oldest of kept.keys()) {
        if (kept.size <= MOST) break;
        kept.delete(oldest);
      }
      res.setHeader('Set-Cookie', `${COOKIE}=${id}; Path=/; HttpOnly; SameSite=Lax`);
    },
  };
}
