/** Claims by the scope that asks for them (OIDC Core section 5.4). */
export const CLAIMS = {
  openid: ['sub'],
  profile: ['name', 'preferred_username'],
  email: ['email', 'email_verified'],
  phone: ['phone_number', 'phone_number_verified'],
};

/** The scope that would ask for this claim too. */
export const scopeOf = (claim: string): string | undefined =>
  Object.entries(CLAIMS).find(([, claims]) => claims.includes(claim))?.[0];
