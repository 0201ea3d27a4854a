import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, exportSPKI, generateKeyPair, SignJWT, type CryptoKey, type JWTPayload } from 'jose';

/** Claims that replace or extend a token's own. Null omits a claim. */
export type ClaimOverrides = Record<string, unknown>;

const names = 'octo-org/octo-repo';
export const workflow = `${names}/.github/workflows/deploy.yml`;

/** GitHub's claims for a run on the main branch. */
const claims = {
  sub: `repo:${names}:ref:refs/heads/main`,
  ref: 'refs/heads/main',
  sha: 'example-sha',
  repository: names,
  repository_id: '74',
  repository_owner: 'octo-org',
  repository_owner_id: '65',
  actor: 'octocat',
  actor_id: '12',
  event_name: 'workflow_dispatch',
  workflow_ref: `${workflow}@refs/heads/main`,
  job_workflow_ref: `${workflow}@refs/heads/main`,
  runner_environment: 'github-hosted',
  jti: 'example-id',
};

export const audience = 'https://coxswain.example';

/** The default claims of an issuer's tokens, and the paths of its keys. */
export type IssuerKind = { claims: (url: string) => ClaimOverrides; jwks: readonly string[] };

const github: IssuerKind = {
  claims: (url) => ({ iss: url, aud: audience, ...claims }),
  jwks: ['/.well-known/jwks'],
};

/** Starts an issuer of tokens that serves real keys over HTTP; GitHub's by default. */
export const startTokenIssuer = async (kind: IssuerKind = github) => {
  let keys: { kid: string; pair: { privateKey: CryptoKey; publicKey: CryptoKey } }[] = [];
  const state = { down: false, asked: 0 };
  const listKeys = async (): Promise<string> => {
    const jwks = keys.map(async ({ kid, pair }) => ({
      ...(await exportJWK(pair.publicKey)),
      kid,
      use: 'sig',
    }));
    return JSON.stringify({ keys: await Promise.all(jwks) });
  };
  const server = createServer((request, response) => {
    state.asked += 1;
    if (state.down) request.socket.destroy();
    else if (!kind.jwks.includes(request.url ?? '')) response.writeHead(404).end();
    else void listKeys().then((body) => response.end(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  /** Adds a key, which signs from then on. `alone` removes the others. */
  const addKey = async (kid: string, { alone = false } = {}) => {
    keys = [...(alone ? [] : keys), { kid, pair: await generateKeyPair('RS256', { extractable: true }) }];
  };
  await addKey('first');

  const getNewestKey = () => {
    const key = keys.at(-1);
    if (!key) throw new Error('no key');
    return key;
  };
  return {
    url,
    state,
    addKey,
    buildClaims: (given: ClaimOverrides = {}): JWTPayload => {
      const now = Math.floor(Date.now() / 1_000);
      const times = { iat: now, nbf: now - 5, exp: now + 300 };
      const all = { ...times, ...kind.claims(url), ...given };
      return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== null));
    },
    /** Returns a token with the default claims and these overrides. */
    token(
      given: ClaimOverrides = {},
      { kid = getNewestKey().kid, key = getNewestKey().pair.privateKey } = {},
    ): Promise<string> {
      return new SignJWT(this.buildClaims(given))
        .setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid })
        .sign(key);
    },
    publicPem: () => exportSPKI(getNewestKey().pair.publicKey),
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
export type TokenIssuer = Awaited<ReturnType<typeof startTokenIssuer>>;
