import type { About, ServerPageName } from '../../src/server/pages.ts';

/** A page of the server around the second factor, as a test wants to see it. */
interface ServerExample {
  page: ServerPageName;
  /** Key of the text of an error above the form, and the field it belongs to. */
  wrong?: { text: string; field: string | null };
  own?: Partial<About>;
}

const GONE = { code: 'interaction_gone', retry: null, detail: '' };

/** Every state of the server's own pages. */
export const SERVER_EXAMPLES: Readonly<Record<string, ServerExample>> = {
  login: { page: 'login', own: { login: '' } },
  'login-wrong': {
    page: 'login',
    wrong: { text: 'error.login_wrong', field: 'login' },
    own: { login: 'a@b.example' },
  },
  'login-busy': { page: 'login', wrong: { text: 'error.busy', field: null }, own: { login: 'a@b.example' } },
  'login-throttled': {
    page: 'login',
    wrong: { text: 'server.login.throttled', field: null },
    own: { login: 'a@b.example' },
  },
  consent: { page: 'consent', own: { scopes: ['profile', 'phone'], others: ['https://api.example/all'] } },
  'error-retry': { page: 'error', own: { code: 'store_unavailable', retry: '', detail: '' } },
  'error-gone': { page: 'error', own: GONE },
  'error-none': { page: 'error', own: { ...GONE, code: 'not_found' } },
  'error-protocol': {
    page: 'error',
    own: { ...GONE, code: null, detail: 'invalid_redirect_uri: redirect_uri did not match' },
  },
  logout: { page: 'logout', own: { action: '/stay', xsrf: 'token' } },
  'signed-out': { page: 'signed-out', own: { note: null } },
  'signed-out-incomplete': { page: 'signed-out', own: { note: 'incomplete' } },
  'signed-out-stayed': { page: 'signed-out', own: { note: 'stayed' } },
};
