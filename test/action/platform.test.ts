import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startTestPlatform, type LocalPlatform } from '../fixtures/local-platform.ts';
import { outputNames } from '../../action/report/outputs.ts';
import {
  findCommands,
  runStep,
  type FinishedStep,
  type StepSettings,
} from '../fixtures/action/step-process.ts';

/* The built bundle against a whole local platform and the embedded GitHub. */

let platform: LocalPlatform;
let environment: NodeJS.ProcessEnv;
let inputs: NonNullable<StepSettings['inputs']>;

const asked = async (url: string, token: string): Promise<{ id: number; login: string }> => {
  const response = await fetch(url, { headers: { authorization: `Bearer ${token}` } });
  return (await response.json()) as { id: number; login: string };
};

beforeAll(async () => {
  platform = await startTestPlatform();
  const { github, orchestrator } = await platform.file();
  const someone = github.users.find(({ role }) => role === 'maintain');
  const token = someone?.token ?? '';
  const [user, repository] = await Promise.all([
    asked(`${github.url}/api/v3/user`, token),
    asked(`${github.url}/api/v3/repos/${github.repository}`, token),
  ]);
  environment = {
    GITHUB_API_URL: `${github.url}/api/v3`,
    GITHUB_REPOSITORY: github.repository,
    GITHUB_REPOSITORY_ID: String(repository.id),
    GITHUB_ACTOR: user.login,
    GITHUB_TRIGGERING_ACTOR: user.login,
    GITHUB_ACTOR_ID: String(user.id),
  };
  inputs = {
    'orchestrator-url': orchestrator.url,
    'orchestrator-key': orchestrator.key,
    'github-token': token,
  };
}, 300_000);

afterAll(() => platform.remove(), 30_000);

const step = (more: StepSettings['inputs'], set: NodeJS.ProcessEnv = {}): Promise<FinishedStep> =>
  runStep({ inputs: { ...inputs, ...more }, environment: { ...environment, ...set } });

test.each([
  'web-1 Force=true',
  'one\ntwo\r\nthree',
  '/run Other\n/compute 5',
  '::set-output name=state::no\n::error::forged\n::stop-commands::x\n##[error]forged',
  '${{ github.token }} $(id) `id` %0A::error::forged',
  'coxswain<<ghadelimiter_x\nstate=no\nghadelimiter_x',
])('a value stays one value, whatever it contains: %j', async (who) => {
  const { code, said, outputs, summary } = await step({ task: 'Hello', parameters: JSON.stringify({ who }) });
  expect(code).toBe(0);
  expect(outputs).toMatchObject({ state: 'completed', 'exit-code': '0', succeeded: '1', failed: '0' });
  expect(Object.keys(outputs).filter((name) => !(outputNames as readonly string[]).includes(name))).toEqual(
    [],
  );
  const lines = who.split(/\r?\n/);
  // The runner would read `##[` anywhere in a line.
  for (const line of lines) expect(said).toContain(line.replaceAll('##[', '## ['));
  expect(
    findCommands(said).filter((line) =>
      /^\s*(?:::error|::set-output|##\[error|::stop-commands::x)/.test(line),
    ),
  ).toEqual([]);
  expect(summary).toContain('Hello');
});

test('a computation has its result, and a second attempt continues with it', async () => {
  const first = await step({ compute: '5' });
  expect(first).toMatchObject({ code: 0, outputs: { state: 'completed', succeeded: '5' } });
  expect(JSON.parse(first.outputs['result'] ?? '')).toMatchObject({
    v: 1,
    kind: 'compute',
    state: 'completed',
  });
  expect(first.outputs['manifest-url']).toMatch(/^http.*manifest\.jsonl$/);
  const again = await step({ compute: '5' }, { GITHUB_RUN_ATTEMPT: '2' });
  expect(again.outputs['job-id']).toBe(first.outputs['job-id']);
});

test('a task that delivers files lists them in an output, and shows its summary and table', async () => {
  const { outputs, summary } = await step({ task: 'Report' });
  const files: unknown = JSON.parse(outputs['outputs'] ?? '');
  expect(files).toMatchObject(['summary.md', 'visits.csv', 'visits.png'].map((name) => ({ name })));
  expect(summary).toMatch(/^> \*\*\d+ visits in 14 days\*\*$/m);
  expect(summary).toContain('First 10 rows of `visits.csv`:');
  expect(summary + outputs['outputs']).not.toContain('sig=');
});

test('another step and another matrix job have their own jobs', async () => {
  const [one, other, leg] = await Promise.all([
    step({ compute: '3' }),
    step({ compute: '3' }, { GITHUB_ACTION: '__self_2' }),
    step({ compute: '3', 'idempotency-key': '1' }),
  ]);
  expect(new Set([one, other, leg].map(({ outputs }) => outputs['job-id'])).size).toBe(3);
});

test('an error in the command is reported', async () => {
  const { code, outputs, said } = await step({ command: '/run Helo' });
  expect({ code, outputs }).toMatchObject({ code: 1, outputs: { state: 'refused' } });
  expect(said).toContain('::error title=Command refused::');
});
