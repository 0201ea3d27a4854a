import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Job } from '../../compute/client/index.ts';
import { bot, GitHubStandIn, type StoredComment } from '../bot/stand-ins/github.ts';
import { OrchestratorStandIn } from '../bot/stand-ins/orchestrator.ts';
import { until } from '../bot/stand-ins/until.ts';
import { runStep, startStep, type StepSettings } from './step.ts';

let orchestrator: OrchestratorStandIn;
let github: GitHubStandIn;

beforeEach(async () => {
  [orchestrator, github] = await Promise.all([new OrchestratorStandIn().open(), new GitHubStandIn().open()]);
  github.permissions.set('mona', { permission: 'write', role_name: 'write' });
  github.login = bot.login;
});

afterEach(() => Promise.all([orchestrator.close(), github.close()]));

const settings = (comment: StoredComment, more: object = {}): StepSettings => ({
  inputs: { 'orchestrator-url': orchestrator.url, 'orchestrator-key': orchestrator.key },
  environment: { GITHUB_API_URL: github.url, GITHUB_EVENT_NAME: 'issue_comment' },
  event: {
    action: 'created',
    issue: { number: 1, labels: [], comments: 1 },
    comment,
    repository: { id: 501, full_name: 'acme/ops' },
    sender: comment.user,
    ...more,
  },
});

const startedJob = (): Promise<Job> => until('a job', () => [...orchestrator.jobs.values()][0]);

describe('a comment', () => {
  test('with a command becomes a job and one reply, up to its end', async () => {
    const comment = github.comment('/compute 10');
    const step = await startStep(settings(comment));
    const { id, origin } = await startedJob();
    expect(origin.comment?.id).toBe(comment.id);
    orchestrator.move(id, { state: 'completed', result: { pi: 3 } });
    const { code, outputs } = await step.ended;
    expect({ code, outputs }).toMatchObject({ code: 0, outputs: { state: 'completed', 'job-id': id } });
    const [reply, more] = github.repliesTo(comment.id);
    expect(reply?.body).toContain('completed');
    expect(more).toBeUndefined();
    expect(github.reactionsTo(comment.id)).toEqual(['eyes', 'rocket']);
  });

  test.each(['hello', 'see a/b', ''])('without a command asks nobody: %j', async (body) => {
    const { code, said, outputs } = await runStep(settings(github.comment(body)));
    expect({ code, said, outputs }).toEqual({ code: 0, said: '', outputs: {} });
    expect(github.calls).toEqual([]);
  });

  test('whose job waits ends the step well', async () => {
    const step = await startStep(settings(github.comment('/compute 10')));
    const { id } = await startedJob();
    orchestrator.move(id, { state: 'waiting' });
    const { code, outputs } = await step.ended;
    expect({ code, state: outputs['state'] }).toEqual({ code: 0, state: 'waiting' });
  });

  test('by who may not is refused, and the step ends well', async () => {
    github.permissions.clear();
    const comment = github.comment('/compute 10');
    const { code, outputs } = await runStep(settings(comment));
    expect({ code, state: outputs['state'] }).toEqual({ code: 0, state: 'refused' });
    expect(github.repliesTo(comment.id)).toHaveLength(1);
    expect(orchestrator.asked).toBe(0);
  });

  test('edited by another starts nothing', async () => {
    const comment = github.comment('/compute 10');
    const changes = { body: { from: 'hello' } };
    const sender = { id: 12, login: 'eve', type: 'User' };
    const { outputs } = await runStep(settings(comment, { action: 'edited', changes, sender }));
    expect(outputs['state']).toBe('refused');
    expect(orchestrator.asked).toBe(0);
  });

  test('edited by its author runs what is new alone', async () => {
    const comment = github.comment('/compute 10\n/compute 20');
    const changes = { body: { from: '/compute 10' } };
    const step = await startStep(settings(comment, { action: 'edited', changes }));
    const { id, request } = await startedJob();
    expect(request['inputCount']).toBe(20);
    orchestrator.move(id, { state: 'completed', result: {} });
    expect((await step.ended).code).toBe(0);
    expect(orchestrator.starts).toBe(1);
  });

  test('of our own is nobody’s', async () => {
    const { code } = await runStep(settings(github.comment('/compute 10', { user: bot })));
    expect({ code, asked: orchestrator.asked }).toEqual({ code: 0, asked: 0 });
  });

  test('that was told before has its one job and its one reply', async () => {
    const comment = github.comment('/compute 10');
    const first = await startStep(settings(comment));
    const { id } = await startedJob();
    orchestrator.move(id, { state: 'completed', result: {} });
    await first.ended;
    expect((await runStep(settings(comment))).code).toBe(0);
    expect(orchestrator.starts).toBe(1);
    expect(github.repliesTo(comment.id)).toHaveLength(1);
  });

  test('is answered once the orchestrator can tell whose it is', async () => {
    orchestrator.fault = 503;
    const comment = github.comment('/compute 10');
    const step = await startStep(settings(comment));
    await step.says('It is tried again');
    expect(github.repliesTo(comment.id)).toEqual([]);
    orchestrator.fault = undefined;
    const { id } = await startedJob();
    orchestrator.move(id, { state: 'completed', result: {} });
    expect((await step.ended).code).toBe(0);
    expect(github.repliesTo(comment.id)).toHaveLength(1);
    expect([...orchestrator.leases.keys()]).toContain(`entry/github.com/501/${comment.id}`);
  });

  test('that the app has claimed is left to it', async () => {
    const comment = github.comment('/compute 10');
    const claim = { holder: 'app', until: Date.now() + 60_000 };
    orchestrator.leases.set(`entry/github.com/501/${comment.id}`, claim);
    const { code, said, outputs } = await runStep(settings(comment));
    expect({ code, said, outputs, asked: orchestrator.asked }).toMatchObject({
      code: 0,
      outputs: {},
      asked: 0,
    });
    expect(said).toContain('The app answers this comment');
    expect([...github.repliesTo(comment.id), ...github.reactionsTo(comment.id)]).toEqual([]);
  });
});
