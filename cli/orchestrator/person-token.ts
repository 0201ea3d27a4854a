import * as v from 'valibot';

/**
 * The claims that tell a person's Entra token from an application's.
 * Source: https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference
 */
const PersonClaims = v.union([
  v.object({ tid: v.string(), scp: v.string() }),
  v.object({ tid: v.string(), idtyp: v.literal('user') }),
]);

/** Returns whether a text is the access token of a person, who signed in to Entra. The token is not verified. */
export const isPersonToken = (token: string): boolean => {
  const [, payload = ''] = token.split('.');
  try {
    return v.is(PersonClaims, JSON.parse(Buffer.from(payload, 'base64url').toString()));
  } catch {
    return false;
  }
};
