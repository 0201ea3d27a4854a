import { startTokenIssuer, type ClaimOverrides, type TokenIssuer } from './token-issuer.ts';

export const tenant = 'aaaabbbb-0000-cccc-1111-dddd2222eeee';
/** The orchestrator's own application. */
export const application = '00001111-aaaa-2222-bbbb-3333cccc4444';
/** The application that calls it. */
export const client = '11112222-bbbb-3333-cccc-4444dddd5555';
const principal = 'bbbbcccc-1111-dddd-2222-eeee3333ffff';

const appClaims = { idtyp: 'app', oid: principal, sub: principal, tid: tenant, uti: 'example-id' };

/** Starts a fake Entra for one tenant. By default, its tokens are v2.0 tokens of the client itself. */
export const startEntraIssuer = (): Promise<TokenIssuer> =>
  startTokenIssuer({
    jwks: [`/${tenant}/discovery/keys`, `/${tenant}/discovery/v2.0/keys`],
    claims: (url) => ({
      iss: `${url}/${tenant}/v2.0`,
      aud: application,
      ver: '2.0',
      azp: client,
      azpacr: '2',
      ...appClaims,
    }),
  });

/** Returns the claims that differ in v1.0 tokens. */
export const toV1Claims = (entra: TokenIssuer): ClaimOverrides => ({
  iss: `${entra.url}/${tenant}/`,
  aud: `api://${application}`,
  ver: '1.0',
  appid: client,
  appidacr: '2',
  azp: null,
  azpacr: null,
});
