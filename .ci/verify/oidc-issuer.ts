import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import type { Releases } from '../../runtime/lifecycle.ts';
import { listen } from '../../runtime/http-server.ts';

/** A stand-in for GitHub's issuer of OIDC tokens, which act does not have. */
export type OidcIssuer = {
  issuer: string;
  /** The environment of a job with `id-token: write`. GitHub is on the host of its issuer; ports are ignored. */
  environment: {
    GITHUB_SERVER_URL: string;
    ACTIONS_ID_TOKEN_REQUEST_URL: string;
    ACTIONS_ID_TOKEN_REQUEST_TOKEN: string;
  };
};

const bearer = 'verify-request-token';

/** Serves the issuer's keys, and new tokens with the claims to callers with the request token. */
export const openOidcIssuer = async (
  claims: Record<string, string>,
  releases: Releases,
): Promise<OidcIssuer> => {
  const { privateKey, publicKey } = await generateKeyPair('RS256');
  const jwk = { ...(await exportJWK(publicKey)), kid: 'only', use: 'sig', alg: 'RS256' };
  const tokenFor = (audience: string): Promise<string> =>
    new SignJWT(claims)
      .setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid: jwk.kid })
      .setIssuer(served.url)
      .setAudience(audience)
      .setIssuedAt()
      .setExpirationTime('5m')
      .sign(privateKey);
  const answer = async (url: URL, authorization: string | undefined): Promise<object | undefined> => {
    if (url.pathname === '/.well-known/jwks') return { keys: [jwk] };
    if (url.pathname !== '/token' || authorization !== `Bearer ${bearer}`) return undefined;
    return { value: await tokenFor(url.searchParams.get('audience') ?? '') };
  };
  const served = await listen(
    (request, response) => {
      const { authorization } = request.headers;
      void answer(new URL(request.url ?? '/', 'http://issuer'), authorization).then((body) =>
        response
          .writeHead(body ? 200 : 404, { 'content-type': 'application/json' })
          .end(JSON.stringify(body)),
      );
    },
    { what: 'the issuer', port: 0 },
  );
  releases.add('the issuer', served.close);
  return {
    issuer: served.url,
    environment: {
      GITHUB_SERVER_URL: `http://${new URL(served.url).hostname}`,
      ACTIONS_ID_TOKEN_REQUEST_URL: `${served.url}/token?api-version=2.0`,
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: bearer,
    },
  };
};
