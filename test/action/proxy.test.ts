import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { listen, createWebListener, type RunningServer } from '../../runtime/http-server.ts';
import { FakeGitHub } from '../fakes/fake-github.ts';
import { FakeOrchestrator } from '../fakes/fake-orchestrator.ts';
import { ForwardProxy } from '../fakes/forward-proxy.ts';
import { runStep, type FinishedStep, type StepSettings } from '../fixtures/action/step-process.ts';

/* A runner behind a proxy: only the proxy can resolve names that end in .test. */

let proxy: ForwardProxy;
let orchestrator: FakeOrchestrator;
let github: FakeGitHub;
let issuer: RunningServer;

const portOf = (url: string): number => Number(new URL(url).port);

beforeAll(async () => {
  issuer = await listen(
    createWebListener(
      () => Promise.resolve(Response.json({ value: 'a-token' })),
      (error) => console.error(error),
    ),
    { what: 'a token service', port: 0 },
  );
});

afterAll(() => issuer.close());

beforeEach(async () => {
  [proxy, orchestrator, github] = await Promise.all([
    new ForwardProxy().open(),
    new FakeOrchestrator().open(),
    new FakeGitHub().open(),
  ]);
  github.permissions.set('mona', { permission: 'write', role_name: 'write' });
  proxy.ports.set('orchestrator.test', portOf(orchestrator.url));
  proxy.ports.set('github.test', portOf(github.url));
  proxy.ports.set('issuer.test', portOf(issuer.url));
});

afterEach(() => Promise.all([proxy.close(), orchestrator.close(), github.close()]));

const step = ({ inputs, environment, ...more }: StepSettings = {}): Promise<FinishedStep> =>
  runStep({
    ...more,
    inputs: {
      compute: '10',
      wait: 'false',
      'orchestrator-url': 'http://orchestrator.test',
      'orchestrator-key': orchestrator.key,
      ...inputs,
    },
    environment: {
      GITHUB_API_URL: 'http://github.test/api/v3',
      COXSWAIN_ALLOW_HTTP: 'github.test,issuer.test,orchestrator.test',
      ...environment,
    },
  });

const asked = (): string[] => [...new Set(proxy.requested)].toSorted();

describe('all calls go through the proxy', () => {
  test.each([
    ['http_proxy', 'http://', {}],
    ['HTTP_PROXY', 'http://', {}],
    ['http_proxy', '', {}],
    ['http_proxy', 'http://', { NODE_USE_ENV_PROXY: '1' }],
  ])('of %s, with the scheme %j and %j', async (name, scheme, more) => {
    const { code, said, outputs } = await step({
      environment: { [name]: `${scheme}${proxy.address}`, ...more },
    });
    expect({ code, said, state: outputs['state'] }).toMatchObject({ code: 0, state: 'queued' });
    expect(asked()).toEqual(['github.test:80', 'orchestrator.test:80']);
  });

  test('calls for the job’s own token, too', async () => {
    await step({
      inputs: { 'orchestrator-key': '' },
      environment: {
        http_proxy: `http://${proxy.address}`,
        ACTIONS_ID_TOKEN_REQUEST_URL: 'http://issuer.test/token?api-version=2',
        ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'ask-me',
      },
    });
    expect(asked()).toEqual(['github.test:80', 'issuer.test:80', 'orchestrator.test:80']);
  });

  test('calls of the post step, too', async () => {
    const id = `job-${'0'.repeat(32)}`;
    orchestrator.addJob({ id });
    const environment = { http_proxy: `http://${proxy.address}`, [`STATE_${id}`]: 'followed' };
    const { said } = await step({ phase: 'post', environment });
    expect({ said, asked: asked() }).toMatchObject({ asked: ['orchestrator.test:80'] });
    expect(orchestrator.cancels).toEqual([id]);
  });

  test.each([{}, { no_proxy: 'other.test' }, { NODE_USE_ENV_PROXY: '1' }])(
    'but those to this machine, with %j',
    async (more) => {
      const { code } = await step({
        inputs: { 'orchestrator-url': orchestrator.url },
        environment: { http_proxy: `http://${proxy.address}`, ...more },
      });
      expect({ code, asked: asked() }).toEqual({ code: 0, asked: ['github.test:80'] });
    },
  );
});

describe('calls over TLS go through the proxy of https_proxy', () => {
  const closed = (): NodeJS.ProcessEnv => ({
    https_proxy: `http://${proxy.address}`,
    GITHUB_API_URL: github.url,
  });

  test('calls to the orchestrator', async () => {
    const inputs = { 'orchestrator-url': 'https://orchestrators.test', 'timeout-minutes': '0.02' };
    const { outputs } = await step({ inputs, environment: closed() });
    expect(outputs['reason']).toBe('timeout');
    expect(asked()).toEqual(['orchestrators.test:443']);
  });

  test('calls to Entra', async () => {
    const inputs = {
      'orchestrator-url': orchestrator.url,
      'orchestrator-key': '',
      'azure-tenant-id': '11111111-2222-4333-8444-555555555555',
      'azure-client-id': '22222222-2222-4333-8444-555555555555',
      audience: 'api://coxswain',
      'timeout-minutes': '0.02',
    };
    const environment = {
      ...closed(),
      ACTIONS_ID_TOKEN_REQUEST_URL: `${issuer.url}/token?api-version=2`,
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'ask-me',
      AZURE_AUTHORITY_HOST: 'https://login.test',
    };
    const { outputs } = await step({ inputs, environment });
    expect(outputs['reason']).toBe('timeout');
    expect(asked()).toEqual(['login.test:443']);
  });
});

describe('messages', () => {
  test.each(['http://mona:geheim@', 'socks5://mona:geheim@proxy.test:1080'])(
    'of %s, which is no address of a proxy',
    async (address) => {
      const { code, said, outputs } = await step({ environment: { https_proxy: address } });
      expect({ code, outputs }).toEqual({ code: 1, outputs: { state: 'refused', reason: 'invalid-input' } });
      expect(said).toContain("The runner's https_proxy: expected an address such as");
      expect(said).not.toContain('geheim');
    },
  );

  test('about a version of Node that cannot use a proxy', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'coxswain-proxy-'));
    const older = join(folder, 'older.cjs');
    await writeFile(older, "delete require('node:http').setGlobalProxyFromEnv;");
    const { code, said } = await step({
      inputs: { 'orchestrator-url': orchestrator.url },
      environment: {
        GITHUB_API_URL: github.url,
        http_proxy: `http://${proxy.address}`,
        NODE_OPTIONS: `--require=${older}`,
      },
    });
    await rm(folder, { recursive: true });
    expect(said).toContain('::warning::This version of Node cannot use the configured proxy');
    expect({ code, asked: asked() }).toEqual({ code: 0, asked: [] });
  });
});
