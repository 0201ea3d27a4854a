import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { getExample, getRunnerVariables, type WebhookExample } from '../fixtures/action/webhook-examples.ts';
import { addCommit } from '../fixtures/action/git-commit.ts';
import { commentEvent } from '../fixtures/action/action-fixture.ts';
import { openStepFixture, type StepFixture } from '../fixtures/action/real-orchestrator.ts';
import {
  findCommands,
  runStep,
  type FinishedStep,
  type StepSettings,
} from '../fixtures/action/step-process.ts';

/* Content of a fork is untrusted: it decides nothing and runs nothing. */

const head = 'f'.repeat(40);
const stranger = { id: 66, login: 'mallory', type: 'User' };

/** A pull request of GitHub's examples, but from a fork. */
const fork = (): WebhookExample => {
  const example = getExample('pull_request');
  const repo = { id: 666, full_name: 'mallory/Hello-World', fork: true };
  return {
    ...example,
    sender: stranger,
    pull_request: { ...example.pull_request, head: { ...example.pull_request.head, sha: head, repo } },
  };
};
const { repository, pull_request: pull } = fork();
const { issue } = getExample('issues', (example) => example.issue.pull_request !== undefined);

let fixture: StepFixture;
let github: StepFixture['github'];

beforeAll(async () => {
  fixture = await openStepFixture();
  ({ github } = fixture);
  github.repository = repository;
  github.policy = 'version: 1\ncompute: {limits: {inputs: 5}}';
  addCommit(github, head, {
    '.github/coxswain.yml': 'version: 1\ncompute: {allow: {permission: read, everyone: true}}',
    'data/inputs.jsonl': '10\n20\n30\n',
    'data/many.jsonl': '1\n'.repeat(6),
  });
  github.more.set(`GET /repos/acme/ops/pulls/${issue.number}`, pull);
});
afterAll(() => fixture.close());
beforeEach(() => void (github.calls.length = 0));

/** What was read of the fork, by the last part of its path. */
const readOfFork = (): (string | undefined)[] =>
  github.calls.filter(({ path }) => path.includes(head)).map(({ path }) => path.split('/').at(-1));

describe('a comment on the pull request of a fork', () => {
  const heard = async (body: string, user?: typeof stranger): Promise<FinishedStep & { reply: string }> => {
    const comment = github.addComment(body, { issue: issue.number, ...(user ? { user } : {}) });
    const ended = await runStep(
      fixture.step({
        environment: getRunnerVariables('issue_comment', { ...fork(), sender: comment.user }),
        event: commentEvent(comment, { issue, repository }),
      }),
    );
    return { ...ended, reply: github.repliesTo(comment.id)[0]?.body ?? '' };
  };

  test('is checked against the policy of the default branch', async () => {
    const { code, outputs, reply } = await heard('/compute 3', stranger);
    expect({ code, state: outputs['state'] }).toEqual({ code: 0, state: 'refused' });
    expect(reply).toContain('write');
    expect((await heard('/compute 6')).reply).toContain('5');
    expect(readOfFork()).toEqual([]);
  });

  test('reads its inputs only at the commit that an authorized user has named', async () => {
    const unnamed = await heard('/compute inputs=data/inputs.jsonl algorithm=statistics');
    expect(unnamed.outputs['state']).toBe('refused');
    expect(unnamed.reply).toContain(`inputs=data/inputs.jsonl@${head}`);
    expect(
      (await heard(`/compute inputs=data/inputs.jsonl@${'e'.repeat(40)} algorithm=statistics`)).reply,
    ).toContain(`inputs=data/inputs.jsonl@${head}`);
    expect(
      (await heard(`/compute inputs=data/inputs.jsonl@${head} algorithm=statistics`, stranger)).outputs,
    ).toEqual(expect.objectContaining({ state: 'refused' }));
    expect(readOfFork()).toEqual([]);

    const named = await heard(`/compute inputs=data/inputs.jsonl@${head} algorithm=statistics`);
    expect(named).toMatchObject({ code: 0, outputs: { state: 'completed' } });
    expect(JSON.parse(named.outputs['result'] ?? '')).toMatchObject({ result: { mean: 20 } });
    expect((await heard(`/compute inputs=data/many.jsonl@${head} algorithm=statistics`)).reply).toContain(
      '5',
    );
    expect(new Set(readOfFork())).toEqual(
      new Set([head, `${head}-data`, `${head}-data-inputs.jsonl-blob`, `${head}-data-many.jsonl-blob`]),
    );
    expect(github.calls.filter(({ path }) => path.includes('mallory/Hello-World'))).toEqual([]);
  });
});

describe('a run for the pull request of a fork, which has no secrets and may not write', () => {
  const run = (given: StepSettings['inputs']): Promise<FinishedStep> =>
    runStep(
      fixture.step({
        inputs: { 'orchestrator-key': '', 'org-token': '', ...given },
        environment: getRunnerVariables('pull_request', fork()),
        event: fork(),
      }),
    );

  test('reports once what is missing', async () => {
    const { code, said, outputs } = await run({ compute: '3' });
    expect({ code, outputs }).toEqual({ code: 1, outputs: { state: 'refused', reason: 'invalid-input' } });
    const [told, more] = findCommands(said).filter((line) => line.startsWith('::error'));
    expect(told).toMatch(/orchestrator-key.*id-token: write.*fork/);
    expect([more, github.calls]).toEqual([undefined, []]);
  });

  test('validates the policy of the fork, and writes nothing', async () => {
    github.fail(/^(POST|PATCH|PUT|DELETE) /, 403, 'Resource not accessible by integration');
    const { code, said } = await run({ mode: 'validate' });
    github.clearFaults();
    expect({ code, said }).toEqual({ code: 0, said: expect.stringContaining('is valid') });
    expect(new Set(github.calls.map(({ method }) => method))).toEqual(new Set(['GET']));
    expect(readOfFork()).toContain(head);
  });
});
