import { assertNoLookalike } from '../domain/login-rules.ts';
import { assertPassword } from '../domain/password-rules.ts';
import { labelsOf, namesOfService } from '../domain/signup.ts';
import { type ServerConfig, sekishoOptions } from './config.ts';

/**
 * Holds a login that an operator gives against what it could be mistaken for (fault A.9). One that people take for the service,
 * such as `admin`, is the operator's to give.
 *
 * @throws SekishoError `login_lookalike`.
 */
export const checkLogin: (login: string) => void = assertNoLookalike;

/**
 * Holds a password that an operator gives against the rules of the sign-up form: neither way in takes what is guessed first.
 *
 * @throws SekishoError `password_short`, `password_long`, `password_common`, `password_personal`.
 */
export function checkPassword(config: ServerConfig, login: string, password: string): void {
  const { brand = {}, issuer } = sekishoOptions(config);
  assertPassword(password, {
    login,
    name: '',
    service: [...namesOfService(brand), ...labelsOf(issuer)],
  });
}
