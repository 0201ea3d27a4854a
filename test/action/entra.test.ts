import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { decodeJwt } from 'jose';
import { createHttpJobs, type Jobs } from '../../compute/client/index.ts';
import { createFunctionsHost } from '../../local/functions-host/functions-host.ts';
import { createBuiltInAlgorithms } from '../../compute/algorithms/built-in.ts';
import { listen, createWebListener, type RunningServer } from '../../runtime/http-server.ts';
import { FakeGitHub } from '../fakes/fake-github.ts';
import { application, client, startEntraIssuer, tenant } from '../fakes/entra-issuer.ts';
import { openTestAuthenticator, platformKey } from '../fixtures/orchestrator/test-authenticator.ts';
import { startTokenIssuer, type TokenIssuer } from '../fakes/token-issuer.ts';
import {
  log,
  openOrchestratorFixture,
  openTestOrchestrator,
  type OrchestratorFixture,
} from '../fixtures/orchestrator/orchestrator-fixture.ts';
import { FakeEntra, openFakeIdTokenService } from '../fakes/entra.ts';
import {
  findCommands,
  runStep,
  type FinishedStep,
  type StepSettings,
} from '../fixtures/action/step-process.ts';

/* The built bundle calls a real orchestrator as an application of Entra: its tokens are real, their issuers stand-ins. */

let issuer: TokenIssuer;
let entra: TokenIssuer;
let orchestratorFixture: OrchestratorFixture;
let endpoint: FakeEntra;
let tokenService: Awaited<ReturnType<typeof openFakeIdTokenService>>;
let github: FakeGitHub;
let orchestrator: RunningServer;
let jobs: Jobs;
const bearers: string[] = [];

beforeAll(async () => {
  [issuer, entra, orchestratorFixture, github] = await Promise.all([
    startTokenIssuer(),
    startEntraIssuer(),
    openOrchestratorFixture(),
    new FakeGitHub().open(),
  ]);
  [endpoint, tokenService] = await Promise.all([
    new FakeEntra(entra, issuer).open(),
    openFakeIdTokenService(issuer),
  ]);
  github.permissions.set('mona', { permission: 'write', role_name: 'write' });
  const trust = [{ tenant, clientId: client, repositories: [501], scopes: ['start', 'read'] }];
  const { access } = openTestAuthenticator({ issuer, entra, trust });
  orchestrator = await openOrchestrator({ access });
  jobs = createHttpJobs({ url: orchestrator.url, key: platformKey });
});

afterAll(async () => {
  await orchestratorFixture.stopAll();
  await Promise.all(
    [issuer, entra, orchestratorFixture, endpoint, tokenService, github].map((each) => each.close()),
  );
});

beforeEach(() => {
  endpoint.exchanges.length = 0;
  tokenService.audiences.length = 0;
  bearers.length = 0;
});
afterEach(() => {
  Object.assign(endpoint, { isRefusing: false, drops: 0, lifetime: 3_600 });
});

/** A real orchestrator without workers, so that its jobs never end. */
const openOrchestrator = async (
  options: Pick<Parameters<typeof openTestOrchestrator>[1] & object, 'access'>,
): Promise<RunningServer> => {
  const {
    app,
    client: durable,
    close,
  } = await openTestOrchestrator(orchestratorFixture, {
    ...options,
    algorithms: createBuiltInAlgorithms(),
  });
  const functions = createFunctionsHost({
    app,
    host: { client: durable, close },
    systemKey: 'system-key',
    baseUrl: () => served.url,
    taskHub: 'hub',
    log,
  });
  const answer = (request: Request): Promise<Response> => {
    const [, token] = /^Bearer (.+)$/.exec(request.headers.get('authorization') ?? '') ?? [];
    if (token !== undefined) bearers.push(token);
    return functions.handle(request);
  };
  const served = await listen(
    createWebListener(answer, (error) => console.error(error)),
    { what: 'the orchestrator', port: 0 },
  );
  orchestratorFixture.releases.push(() => functions.stop(), served.close);
  return served;
};

const step = (inputs: StepSettings['inputs'] = {}, more: StepSettings = {}): Promise<FinishedStep> =>
  runStep({
    ...more,
    inputs: {
      compute: '10',
      wait: 'false',
      'orchestrator-url': orchestrator.url,
      audience: `api://${application}`,
      'azure-client-id': client,
      'azure-tenant-id': tenant,
      ...inputs,
    },
    environment: {
      GITHUB_API_URL: github.url,
      ACTIONS_ID_TOKEN_REQUEST_URL: `${tokenService.url}/token?api-version=2`,
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'ask-me',
      AZURE_AUTHORITY_HOST: endpoint.url,
      NODE_EXTRA_CA_CERTS: endpoint.certificate,
      ...more.environment,
    },
  });

test('the job’s own token is exchanged once for an Entra token, and no token is printed', async () => {
  const { code, said, outputs } = await step();
  expect({ code, said }).toEqual({ code: 0, said: expect.stringContaining(outputs['job-id'] ?? 'no job') });
  expect(await jobs.get(outputs['job-id'] ?? '')).toMatchObject({
    origin: { host: 'github.com', repository: { id: 501 } },
  });

  const [exchange, ...others] = endpoint.exchanges;
  expect(others).toEqual([]);
  expect(tokenService.audiences).toEqual(['api://AzureADTokenExchange']);
  expect(exchange?.get('scope')).toBe(`api://${application}/.default`);
  expect(new Set(bearers).size).toBe(1);
  const secrets = [...bearers, exchange?.get('client_assertion') ?? ''];
  for (const secret of new Set(secrets)) {
    expect(findCommands(said)).toContain(`::add-mask::${secret}`);
    expect(said.replaceAll(/^::add-mask::.*$/gm, '')).not.toContain(secret);
  }
});

test('a token that expires soon is replaced, with a new token of the job', async () => {
  endpoint.lifetime = 60;
  const { code } = await step({ 'idempotency-key': 'short' });
  expect(code).toBe(0);
  const used = endpoint.exchanges.map((exchange) => decodeJwt(exchange.get('client_assertion') ?? '').jti);
  expect(used.length).toBeGreaterThan(1);
  expect(new Set(used).size).toBe(used.length);
});

test('after a canceled workflow the job is canceled', async () => {
  const started = await step({ 'idempotency-key': 'canceled' });
  const id = started.outputs['job-id'] ?? '';
  const { code, said } = await step({}, { phase: 'post', environment: { [`STATE_${id}`]: 'followed' } });
  expect({ code, said }).toEqual({ code: 0, said: expect.stringContaining(`${id} was canceled`) });
});

test('a broken connection is retried', async () => {
  endpoint.drops = 2;
  const { code, said } = await step({ 'idempotency-key': 'broken' });
  expect({ code, said }).toEqual({ code: 0, said: expect.stringContaining('Retrying') });
});

test.each([
  ['the workflow', {}, 'AADSTS700213: No matching federated identity record found'],
  ['the tenant', { 'azure-tenant-id': application }, 'AADSTS90002: Tenant'],
])(
  '%s that Entra does not know is reported immediately, with Entra’s message',
  async (_what, inputs, words) => {
    endpoint.isRefusing = true;
    const { code, said, outputs } = await step(inputs);
    expect({ code, outputs }).toEqual({ code: 1, outputs: { state: 'refused', reason: 'invalid-input' } });
    expect(findCommands(said).filter((line) => line.startsWith('::error'))).toEqual([
      expect.stringMatching(`azure-client-id.*${words}`),
    ]);
    expect(bearers).toEqual([]);
  },
);

test('the application has no access to jobs of another repository', async () => {
  const { code, said } = await step({}, { environment: { GITHUB_REPOSITORY_ID: '502' } });
  expect(code).toBe(1);
  expect(said).toContain('This caller can use only the leases of its own repository');
});

test('a token for another audience is rejected, and the step says what to compare', async () => {
  const { code, said } = await step({ audience: `api://${tenant}` });
  expect(code).toBe(1);
  expect(said).toMatch(
    RegExp(
      `audience "api://${tenant}": .*COXSWAIN_ENTRA_AUDIENCE must have this value.*application ${client}`,
    ),
  );
});

test('a key is used without Entra', async () => {
  const { code } = await step({ 'orchestrator-key': platformKey, 'idempotency-key': 'key' });
  expect({ code, exchanges: endpoint.exchanges, bearers }).toEqual({ code: 0, exchanges: [], bearers: [] });
});
