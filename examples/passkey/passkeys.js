import {
  generateAuthenticationOptions,
  generateRegistrationOptions,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from '@simplewebauthn/server';

/** The passkeys of all accounts; in a real directory they are in a database. */
export function createPasskeys(origin) {
  /** By credential id: account, public key, counter, and whether it is synchronised. */
  const passkeys = new Map();
  const site = { origin, rpID: new URL(origin).hostname, passkeys, challenges: createChallenges() };
  const idsOf = (accountId) =>
    [...passkeys.values()].filter((passkey) => passkey.accountId === accountId).map(({ id }) => id);
  return {
    idsOf,
    remove(accountId, id) {
      if (passkeys.get(id)?.accountId === accountId) passkeys.delete(id);
    },
    registrationOptions: (accountId) => registrationOptions(site, accountId, idsOf(accountId)),
    verifyRegistration: (accountId, posted) => verifyRegistration(site, accountId, posted),
    authenticationOptions: (uid) => authenticationOptions(site, uid),
    verifyAuthentication: (uid, posted) => verifyAuthentication(site, uid, posted),
  };
}

const expected = ({ origin, rpID }, challenge) => ({
  expectedChallenge: challenge,
  expectedOrigin: origin,
  expectedRPID: rpID,
  // A PIN or a biometric: with it, a passkey is two factors.
  requireUserVerification: true,
});

async function registrationOptions({ rpID, challenges }, accountId, known) {
  const options = await generateRegistrationOptions({
    rpName: 'Sekisho example',
    rpID,
    userName: accountId,
    userID: new TextEncoder().encode(accountId),
    excludeCredentials: known.map((id) => ({ id })),
    authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
  });
  challenges.keep(`register ${accountId}`, options.challenge);
  return options;
}

/** Whether the passkey is right, and is the account's from now on. */
async function verifyRegistration(site, accountId, posted) {
  const challenge = site.challenges.take(`register ${accountId}`);
  const response = parse(posted);
  if (!challenge || !response) return false;
  try {
    const { verified, registrationInfo } = await verifyRegistrationResponse({
      response,
      ...expected(site, challenge),
    });
    if (!verified || site.passkeys.has(registrationInfo.credential.id)) return false;
    const { credential, credentialDeviceType } = registrationInfo;
    const synchronised = credentialDeviceType === 'multiDevice';
    site.passkeys.set(credential.id, { ...credential, accountId, synchronised });
    return true;
  } catch {
    return false;
  }
}

async function authenticationOptions({ rpID, challenges }, uid) {
  const options = await generateAuthenticationOptions({ rpID, userVerification: 'required' });
  challenges.keep(`sign in ${uid}`, options.challenge);
  return options;
}

/** Whose passkey it is, and the factor for Sekisho; undefined where it is not right. */
async function verifyAuthentication(site, uid, posted) {
  const challenge = site.challenges.take(`sign in ${uid}`);
  const response = parse(posted);
  const passkey = site.passkeys.get(response?.id);
  if (!challenge || !passkey) return undefined;
  try {
    const { verified, authenticationInfo } = await verifyAuthenticationResponse({
      response,
      credential: passkey,
      ...expected(site, challenge),
    });
    if (!verified) return undefined;
    passkey.counter = authenticationInfo.newCounter;
    return { accountId: passkey.accountId, factor: factorOf(passkey, authenticationInfo) };
  } catch {
    return undefined;
  }
}

/**
 * What was proved, in RFC 8176: a key that was synchronised has left the hardware, so it is one in software. WebAuthn looks
 * at the touch each time.
 */
const factorOf = ({ id, synchronised }, { userVerified }) => ({
  method: synchronised ? 'swk' : 'hwk',
  authenticator: id,
  userVerified,
  userPresent: true,
});

/** Each challenge is good for one answer, within five minutes. */
function createChallenges() {
  const kept = new Map();
  return {
    keep(name, challenge) {
      for (const [old, { until }] of kept) if (until < Date.now()) kept.delete(old);
      kept.set(name, { challenge, until: Date.now() + 300_000 });
    },
    take(name) {
      const found = kept.get(name);
      kept.delete(name);
      return found && found.until >= Date.now() ? found.challenge : undefined;
    },
  };
}

function parse(text) {
  try {
    return JSON.parse(String(text));
  } catch {
    return undefined;
  }
}
