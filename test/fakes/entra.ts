import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { listen, createWebListener, type RunningServer } from '../../runtime/http-server.ts';
import { client, tenant } from './entra-issuer.ts';
import type { TokenIssuer } from './token-issuer.ts';

const failed = (error: unknown): void => console.error(error);

/** Opens the runner's service that issues a job's own tokens. It records the requested audiences. */
export const openFakeIdTokenService = async (
  github: TokenIssuer,
): Promise<RunningServer & { audiences: string[] }> => {
  const audiences: string[] = [];
  const answer = async (request: Request): Promise<Response> => {
    const audience = new URL(request.url).searchParams.get('audience') ?? '';
    audiences.push(audience);
    return Response.json({ value: await github.token({ aud: audience, jti: randomUUID() }) });
  };
  const served = await listen(createWebListener(answer, failed), { what: 'a token service', port: 0 });
  return { ...served, audiences };
};

/** Entra's response to a workflow without a federated credential. */
const unknownWorkflow = {
  error: 'invalid_client',
  error_description:
    "AADSTS700213: No matching federated identity record found for presented assertion subject 'repo:octo-org/octo-repo:ref:refs/heads/main'.\r\nTrace ID: 1",
  error_codes: [700213],
};

const unknownTenant = {
  error: 'invalid_tenant',
  error_description: "AADSTS90002: Tenant 'x' not found. Check to make sure you have the correct tenant ID.",
};

/** Entra's endpoint for one tenant, with the same checks, and over TLS, which its library requires. */
export class FakeEntra {
  /** The parameters of each exchange. */
  readonly exchanges: URLSearchParams[] = [];
  /** The lifetime of tokens, in seconds. */
  lifetime = 3_600;
  /** The number of connections to drop before it responds. */
  drops = 0;
  isRefusing = false;
  url = '';
  /** The path of its certificate. */
  certificate = '';
  readonly #entra: TokenIssuer;
  readonly #github: TokenIssuer;
  #close = async (): Promise<void> => {};

  /** @param entra the issuer of its tokens @param github the issuer whose tokens it accepts */
  constructor(entra: TokenIssuer, github: TokenIssuer) {
    this.#entra = entra;
    this.#github = github;
  }

  async open(): Promise<this> {
    const folder = await mkdtemp(join(tmpdir(), 'coxswain-entra-'));
    const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')];
    const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
    const name = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
    const files = ['-keyout', key, '-out', certificate];
    await promisify(execFile)('openssl', ['req', '-x509', '-days', '2', ...kind, ...name, ...files]);
    const server = createServer(
      { key: await readFile(key), cert: await readFile(certificate) },
      createWebListener((request) => this.#answer(request), failed),
    );
    server.prependListener('secureConnection', (socket) => {
      if (this.drops === 0) return;
      this.drops -= 1;
      socket.destroy();
    });
    await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
    this.url = `https://localhost:${(server.address() as AddressInfo).port}`;
    this.certificate = certificate;
    this.#close = async () => {
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
      await rm(folder, { recursive: true });
    };
    return this;
  }

  close(): Promise<void> {
    return this.#close();
  }

  async #answer(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    if (pathname === `/${tenant}/v2.0/.well-known/openid-configuration`)
      return Response.json(this.#getMetadata());
    if (pathname !== `/${tenant}/oauth2/v2.0/token`) return Response.json(unknownTenant, { status: 400 });
    const parameters = new URLSearchParams(await request.text());
    this.exchanges.push(parameters);
    if (this.isRefusing || !(await this.#isValid(parameters)))
      return Response.json(unknownWorkflow, { status: 401 });
    const [, aud] = /^api:\/\/(.+)\/\.default$/.exec(parameters.get('scope') ?? '') ?? [];
    const access_token = await this.#entra.token({ uti: randomUUID(), aud: aud ?? null });
    return Response.json({ token_type: 'Bearer', expires_in: this.lifetime, access_token });
  }

  #getMetadata(): Record<string, string> {
    const own = `${this.url}/${tenant}`;
    return {
      issuer: `${own}/v2.0`,
      authorization_endpoint: `${own}/oauth2/v2.0/authorize`,
      token_endpoint: `${own}/oauth2/v2.0/token`,
      jwks_uri: `${own}/discovery/v2.0/keys`,
    };
  }

  /** Source: https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow, the third case */
  async #isValid(parameters: URLSearchParams): Promise<boolean> {
    const keys = createRemoteJWKSet(new URL(`${this.#github.url}/.well-known/jwks`));
    const assertion = parameters.get('client_assertion') ?? '';
    const verified = await jwtVerify(assertion, keys, {
      issuer: this.#github.url,
      audience: 'api://AzureADTokenExchange',
      subject: 'repo:octo-org/octo-repo:ref:refs/heads/main',
    }).catch(() => undefined);
    return (
      verified !== undefined &&
      parameters.get('grant_type') === 'client_credentials' &&
      parameters.get('client_id') === client &&
      parameters.get('client_assertion_type') === 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
    );
  }
}
