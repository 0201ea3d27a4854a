import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Job } from '../../compute/client/index.ts';
import { listen, createWebListener, type RunningServer } from '../../runtime/http-server.ts';
import { waitUntil } from '../fixtures/wait-until.ts';
import { ActionFixture } from '../fixtures/action/action-fixture.ts';
import { startStep, type FinishedStep, type StepSettings } from '../fixtures/action/step-process.ts';

/* However a step ends, nothing that it writes contains a credential. */

const planted = {
  'github-token': 'ghs_plantedGithubToken',
  'org-token': 'ghp_plantedOrgToken',
};
const sas = 'plantedSignature%3D';
/** Of a link that a job itself has written. The output `result` is the job's own data, whatever that is. */
const written = 'writtenSignature%3D';
const token = 'planted.identity.token';
const requestToken = 'planted-request-token';
const key = 'test-key';

let fixture: ActionFixture;
let runner: RunningServer;

beforeEach(async () => {
  const give = () => Promise.resolve(Response.json({ value: token }));
  [fixture, runner] = await Promise.all([
    new ActionFixture().open(),
    listen(
      createWebListener(give, (error) => console.error(error)),
      { what: 'the runner', port: 0 },
    ),
  ]);
  // Where everyone may read, replies have no signatures either.
  fixture.github.repository = { ...fixture.github.repository, private: false };
  fixture.github.policy = 'version: 1\ncompute: {allow: {teams: [acme/ops]}}\ntasks: {}';
  fixture.github.more.set('GET /orgs/acme/teams/ops/memberships/mona', { state: 'active' });
  fixture.github.more.set('GET /users/mona', { id: 11, login: 'mona' });
});
afterEach(() => Promise.all([fixture.close(), runner.close()]));

const link = (name: string) => ({ path: name, url: `https://blobs.example.com/${name}?sv=1&sig=${sas}` });
const links: Job['links'] = {
  result: link('result.json'),
  manifest: link('manifest.jsonl'),
  outputs: link('outputs.jsonl'),
};
const text = `see https://blobs.example.com/x?sv=1&sig=${written}`;
const taskEnd = { exitCode: 3, signal: null, timedOut: false, logTail: text };

type Change = (play: ActionFixture) => void;

const ends: [string, StepSettings['inputs'], Change, Partial<Job> | undefined][] = [
  ['completes', {}, () => {}, { state: 'completed', result: { text }, links }],
  ['completes, its result elsewhere', {}, () => {}, { state: 'completed', result: null, links }],
  [
    'fails with blocks',
    {},
    () => {},
    {
      state: 'failed',
      reason: 'all-blocks-failed',
      failures: [{ block: 1, code: 'exec', message: text }],
      links,
    },
  ],
  [
    'fails with a log',
    {},
    () => {},
    { kind: 'task', state: 'failed', reason: 'script-failed', result: taskEnd, links: { log: link('log') } },
  ],
  ['waits', {}, () => {}, { state: 'waiting', links }],
  ['is refused', { 'org-token': '' }, () => {}, undefined],
  ['has a wrong input', { wait: 'perhaps' }, () => {}, undefined],
  [
    'meets a GitHub that takes no token',
    {},
    ({ github }) => github.fail(/./, 401, 'Bad credentials'),
    undefined,
  ],
  [
    'meets an orchestrator that takes no key',
    { 'orchestrator-key': 'planted-wrong-key' },
    () => {},
    undefined,
  ],
  ['has a token that is not taken', { 'orchestrator-key': '' }, () => {}, undefined],
];

test.each(ends)('a step that %s', async (_what, inputs, change, end) => {
  change(fixture);
  const given = { ...planted, 'reply-to': '1', ...inputs };
  const step = await startStep(
    fixture.dispatch({
      inputs: given,
      environment: {
        ACTIONS_ID_TOKEN_REQUEST_URL: `${runner.url}/?v=2`,
        ACTIONS_ID_TOKEN_REQUEST_TOKEN: requestToken,
        RUNNER_DEBUG: '1',
      },
    }),
  );
  if (end) {
    const { id } = await fixture.job();
    fixture.orchestrator.logs.set(id, text);
    fixture.orchestrator.updateJob(id, end);
  }
  const ended = await step.ended;
  expect(ended.outputs['state']).toEqual(end?.state ?? expect.stringMatching(/^(?:refused|error)$/));
  expectNothingOf([...Object.values(planted), key, 'planted-wrong-key', token, requestToken, sas], ended);
  expectNothingOf([written], { ...ended, outputs: { ...ended.outputs, result: '' } });
});

test('a job that is followed in a thread, as its links change', async () => {
  const comment = fixture.github.addComment('/compute 10');
  const step = await startStep(fixture.comment(comment, { inputs: planted }));
  const { id } = await fixture.job();
  fixture.orchestrator.updateJob(id, { state: 'completed', links });
  const ended = await step.ended;
  const [reply] = await waitUntil('the reply', () => fixture.github.repliesTo(comment.id));
  expect(reply?.body).toContain('completed');
  expectNothingOf([...Object.values(planted), key], ended);
});

/** Masks tell the runner what to hide: they come first, and hide themselves. */
const expectNothingOf = (secrets: readonly string[], { said, ...files }: FinishedStep): void => {
  const [, masks = ''] = /^((?:::add-mask::.*\n)*)/.exec(said) ?? [];
  expect(masks).toContain('::add-mask::');
  const printed = said.replaceAll(/^::add-mask::.*$/gm, '');
  const { comments } = fixture.github;
  const shown = [printed, JSON.stringify(files), JSON.stringify(comments)];
  for (const secret of secrets)
    expect([secret, shown.filter((each) => each.includes(secret))]).toEqual([secret, []]);
};
