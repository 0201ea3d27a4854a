import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  addExample,
  getExample,
  getExamples,
  getRunnerVariables,
  withBody,
  type WebhookExample,
} from '../fixtures/action/webhook-examples.ts';
import { completed, ActionFixture } from '../fixtures/action/action-fixture.ts';
import { runStep, startStep, type RunningStep } from '../fixtures/action/step-process.ts';

/* Runs the built bundle on GitHub's own example events. */

let fixture: ActionFixture;

beforeEach(async () => {
  fixture = await new ActionFixture().open();
});
afterEach(() => fixture.close());

const given = (example: WebhookExample): Promise<RunningStep> => {
  const environment = { GITHUB_API_URL: fixture.github.url, ...getRunnerVariables('issue_comment', example) };
  const inputs = {
    'orchestrator-url': fixture.orchestrator.url,
    'orchestrator-key': fixture.orchestrator.key,
  };
  return startStep({ inputs, environment, event: example });
};

describe('GitHub’s own examples of comments, as they are', () => {
  const examples = getExamples('issue_comment');

  test('are of all actions', () => {
    expect(new Set(examples.map(({ action }) => action))).toEqual(new Set(['created', 'edited', 'deleted']));
  });

  test.each(examples.map((example, n) => [n, example.action, example] as const))(
    'number %d, %s: nobody is asked, and nothing said',
    async (_n, _action, example) => {
      const { code, said, outputs, summary } = await (await given(example)).ended;
      expect({ code, said, outputs, summary }).toEqual({ code: 0, said: '', outputs: {}, summary: '' });
      expect([fixture.github.calls, fixture.orchestrator.startRequests]).toEqual([[], 0]);
    },
  );
});

describe('an example whose comment is a command', () => {
  const created = (): WebhookExample => getExample('issue_comment', ({ action }) => action === 'created');
  const edited = (): WebhookExample => getExample('issue_comment', ({ action }) => action === 'edited');
  const pull = getExample('issues', ({ issue }) => issue.pull_request !== undefined).issue;

  test.each<[string, () => WebhookExample, 'issue' | 'pull-request']>([
    ['created on an issue', created, 'issue'],
    ['created on a pull request', () => ({ ...created(), issue: pull }), 'pull-request'],
    ['edited by its author', edited, 'issue'],
    ['edited on a pull request', () => ({ ...edited(), issue: pull }), 'pull-request'],
  ])('%s, becomes a job', async (_what, make, kind) => {
    const example = withBody(make(), '/compute 10');
    addExample(fixture.github, example);
    const step = await given(example);
    const { id, origin } = await fixture.job();
    expect(origin).toMatchObject({
      host: 'github.com',
      repository: { id: 186853002, name: 'Codertocat/Hello-World' },
      thread: { number: example.issue.number, kind },
      comment: { id: 492700400, createdAt: example.comment.created_at },
      sender: 'Codertocat',
    });
    fixture.orchestrator.updateJob(id, completed);
    expect(await step.ended).toMatchObject({
      code: 0,
      outputs: {
        state: 'completed',
        'job-id': id,
        'reply-url': expect.stringContaining(
          `Codertocat/Hello-World/issues/${example.issue.number}#issuecomment-`,
        ),
      },
    });
    expect(fixture.github.repliesTo(492700400)).toMatchObject([{ issue: example.issue.number }]);
  });

  const silent = async (example: WebhookExample): Promise<void> => {
    addExample(fixture.github, example);
    const { code, outputs } = await (await given(example)).ended;
    expect({ code, outputs }).toEqual({ code: 0, outputs: {} });
    expect(fixture.orchestrator.startRequests).toBe(0);
    expect(fixture.github.calls.filter(({ method }) => method !== 'GET')).toEqual([]);
  };

  test('deleted, is ignored', () =>
    silent(
      withBody(
        getExample('issue_comment', ({ action }) => action === 'deleted'),
        '/compute 10',
      ),
    ));

  test('by a bot, is ignored', () => {
    const { sender } = getExample('check_suite', (example) => example.sender.type === 'Bot');
    const example = withBody(created(), '/compute 10');
    return silent({ ...example, sender, comment: { ...example.comment, user: sender } });
  });

  test('edited, with the command unchanged, is ignored', () =>
    silent({ ...withBody(edited(), '/compute 10\nPlease.'), changes: { body: { from: '/compute 10' } } }));

  test('of 2019, is answered as missed', async () => {
    const example = withBody(created(), '/compute 10', new Date('2019-05-15T15:20:21Z'));
    addExample(fixture.github, example);
    expect(await (await given(example)).ended).toMatchObject({ code: 0, outputs: { state: 'refused' } });
    expect(fixture.orchestrator.startRequests).toBe(0);
    expect(fixture.github.repliesTo(492700400)[0]?.body).toContain('/compute 10');
  });
});

test.each(getExamples('workflow_dispatch').map((example, n) => [n, example] as const))(
  'the example number %d of a dispatch',
  async (_n, example) => {
    addExample(fixture.github, example);
    const environment = getRunnerVariables('workflow_dispatch', example);
    const step = await startStep(fixture.dispatch({ environment, event: example }));
    const { id, origin } = await fixture.job();
    expect(origin).toMatchObject({ repository: { id: example.repository.id }, sender: example.sender.login });
    fixture.orchestrator.updateJob(id, completed);
    expect(await step.ended).toMatchObject({ code: 0, outputs: { state: 'completed' } });
  },
);

test('the examples of other events start nothing by themselves', async () => {
  for (const event of ['issues', 'push', 'pull_request']) {
    const [example] = getExamples(event);
    if (!example) throw new Error(event);
    const { inputs, environment } = fixture.dispatch({
      environment: getRunnerVariables(event, example),
      inputs: {},
    });
    const { code, said } = await runStep({
      inputs: { ...inputs, compute: '' },
      ...(environment ? { environment } : {}),
      event: example,
    });
    expect({ code, said }).toEqual({ code: 1, said: expect.stringContaining(`on the event ${event}`) });
  }
});
