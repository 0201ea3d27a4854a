import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { generateKeyPair } from 'jose';
import { listen, createWebListener, type RunningServer } from '../../runtime/http-server.ts';
import { FakeGitHub } from '../fakes/fake-github.ts';
import { openTestAuthenticator } from '../fixtures/orchestrator/test-authenticator.ts';
import { audience, startTokenIssuer, type ClaimOverrides, type TokenIssuer } from '../fakes/token-issuer.ts';
import {
  openOrchestratorFixture,
  type OrchestratorFixture,
  type TestOrchestrator,
} from '../fixtures/orchestrator/orchestrator-fixture.ts';
import { serveOrchestrator } from '../fixtures/action/real-orchestrator.ts';
import {
  findCommands,
  runStep,
  type FinishedStep,
  type StepSettings,
} from '../fixtures/action/step-process.ts';

/* The step's own identity at the orchestrator's real guard: real tokens of an issuer that stands in for GitHub's. */

let orchestratorFixture: OrchestratorFixture;
let issuer: TokenIssuer;
let runner: RunningServer;
let github: FakeGitHub;
let orchestrator: TestOrchestrator & { url: string };
let entrance: ReturnType<typeof openTestAuthenticator>;

/** What the runner makes for who asks it for a token; undefined: it cannot. */
let make: () => Promise<string | undefined>;
const made: string[] = [];

const requestToken = 'what-the-runner-gave-to-ask-for-tokens';

const openRunner = (): Promise<RunningServer> => {
  const answer = async (request: Request): Promise<Response> => {
    if (request.headers.get('authorization') !== `Bearer ${requestToken}`)
      return Response.json({}, { status: 401 });
    const token = await make();
    if (token === undefined) return Response.json({}, { status: 500 });
    made.push(token);
    return Response.json({ value: token });
  };
  return listen(
    createWebListener(answer, (error) => console.error(error)),
    { what: 'the runner', port: 0 },
  );
};

beforeAll(async () => {
  [orchestratorFixture, issuer, runner, github] = await Promise.all([
    openOrchestratorFixture(),
    startTokenIssuer(),
    openRunner(),
    new FakeGitHub().open(),
  ]);
  github.repository = { id: 74, full_name: 'octo-org/octo-repo', private: true };
  github.permissions.set('mona', { permission: 'write', role_name: 'write' });
  const rule = {
    ref: 'refs/heads/main',
    scopes: ['start', 'read'],
    tasks: [],
    algorithms: ['monte-carlo-pi'],
  };
  entrance = openTestAuthenticator({ issuer, trust: [{ repositoryId: '74', ...rule }] });
  const walk = { taskName: 'Walk', dockerImage: 'image', scriptName: 'walk.sh' };
  await orchestratorFixture.storage.blobs.put('tasks/Walk.json', JSON.stringify(walk));
  await orchestratorFixture.storage.blobs.put('tasks/walk.sh', 'echo');
  orchestrator = await serveOrchestrator(orchestratorFixture, { access: entrance.access, log: entrance.log });
});
afterAll(async () => {
  await orchestratorFixture.stopAll();
  await Promise.all([orchestratorFixture.close(), issuer.close(), runner.close(), github.close()]);
});

beforeEach(() => {
  made.length = 0;
  entrance.lines.length = 0;
});

/** A token with these claims, unlike all others. */
const token = (given: ClaimOverrides = {}, signed?: Parameters<TokenIssuer['token']>[1]): Promise<string> =>
  issuer.token({ jti: crypto.randomUUID(), ...given }, signed);

const step = (inputs: StepSettings['inputs'] = {}): Promise<FinishedStep> =>
  runStep({
    inputs: { compute: '3', 'orchestrator-url': orchestrator.url, audience, ...inputs },
    environment: {
      GITHUB_API_URL: github.url,
      GITHUB_SERVER_URL: 'http://127.0.0.1',
      GITHUB_REPOSITORY: 'octo-org/octo-repo',
      GITHUB_REPOSITORY_ID: '74',
      GITHUB_RUN_ID: crypto.randomUUID(),
      ACTIONS_ID_TOKEN_REQUEST_URL: `${runner.url}/token?api-version=2`,
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: requestToken,
    },
  });

/** No token, and no signature of one, stands in what people or other steps can read. */
const expectNoToken = ({ said, ...files }: FinishedStep): void => {
  const printed = said.replaceAll(/^::add-mask::.*$/gm, '');
  const shown = [printed, JSON.stringify(files), JSON.stringify(entrance.lines)].join('\n');
  expect(made.length).toBeGreaterThan(0);
  for (const secret of [requestToken, ...made.flatMap((each) => [each, each.split('.')[2] ?? each])])
    expect(shown.includes(secret)).toBe(false);
};

const errorsOf = ({ said }: FinishedStep): string =>
  findCommands(said)
    .filter((line) => line.startsWith('::error'))
    .join('\n');

test('a valid token starts a job and follows it to its end, each call with its own token', async () => {
  make = () => token();
  const ended = await step();
  expect(ended).toMatchObject({ code: 0, outputs: { state: 'completed' } });
  expect(JSON.parse(ended.outputs['result'] ?? '')).toMatchObject({ result: { samples: 3_000 } });
  expect(made.length).toBeGreaterThan(3);
  expect(new Set(made).size).toBe(made.length);
  expectNoToken(ended);
  expect(entrance.lines.filter(({ reason }) => reason !== undefined)).toEqual([]);
});

describe('an invalid token is rejected, and the step prints a remedy:', () => {
  const now = Math.floor(Date.now() / 1_000);
  const forged = async (): Promise<string> => {
    const { privateKey } = await generateKeyPair('RS256');
    return token({}, { kid: 'first', key: privateKey });
  };

  test.each<[string, () => Promise<string>, string]>([
    ['forged', forged, 'wrong signature'],
    ['expired', () => token({ iat: now - 900, nbf: now - 905, exp: now - 600 }), 'expired'],
    ['for another audience', () => token({ aud: 'https://elsewhere.example' }), 'wrong audience'],
    ['of another issuer', () => token({ iss: 'https://elsewhere.example' }), 'wrong issuer'],
    ['no token', async () => 'no-token-at-all', 'not a token'],
  ])('%s', async (_what, given, reason) => {
    make = given;
    const ended = await step();
    expect(ended).toMatchObject({ code: 1, outputs: { state: 'error', reason: 'fault' } });
    const told = errorsOf(ended);
    expect(told).toContain('401');
    for (const remedy of ['COXSWAIN_AUDIENCE', 'COXSWAIN_TRUST', audience]) expect(told).toContain(remedy);
    expect(entrance.lines.map((line) => line['reason'])).toContain(reason);
    expectNoToken(ended);
  });

  test('of another repository, or another branch', async () => {
    for (const [claim, value] of [
      ['repository_id', '75'],
      ['ref', 'refs/heads/fork'],
    ] as const) {
      make = () => token({ [claim]: value });
      const ended = await step();
      expect(ended).toMatchObject({ code: 1, outputs: { state: 'error', reason: 'fault' } });
      // The token is good: its audience is no matter.
      expect(errorsOf(ended)).toMatch(new RegExp(`${claim} ${value}(?!.*AUDIENCE).*COXSWAIN_TRUST`));
      expectNoToken(ended);
    }
  });
});

test.each([
  ['the algorithm', 'pause', { algorithm: 'pause' }],
  ['the task', 'Walk', { compute: '', task: 'Walk' }],
])('a token that is not trusted with %s is refused with an explanation', async (_what, work, inputs) => {
  make = () => token();
  const ended = await step(inputs);
  expect(ended).toMatchObject({ code: 1, outputs: { state: 'refused', reason: 'forbidden' } });
  for (const told of [errorsOf(ended), ended.summary]) expect(told).toContain(work);
  expectNoToken(ended);
});

test('a request without a token is retried, and reported', async () => {
  make = async () => undefined;
  const ended = await step({ 'timeout-minutes': '0.01' });
  expect(ended).toMatchObject({ code: 1, outputs: { state: 'error', reason: 'timeout' } });
  expect(errorsOf(ended)).toContain('Could not obtain an access token for the orchestrator');
});
