import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { leasePrefix } from '../../contracts/blob-paths.ts';
import type { StoredComment } from '../fakes/fake-github.ts';
import { commentEvent } from '../fixtures/action/action-fixture.ts';
import { openStepFixture, type StepFixture } from '../fixtures/action/real-orchestrator.ts';
import { runStep, type FinishedStep, type StepSettings } from '../fixtures/action/step-process.ts';

/* A run ends when its job waits; the run of the comment that resumes the job follows it. */

const lisa = { id: 12, login: 'lisa', type: 'User' };

let fixture: StepFixture;
let github: StepFixture['github'];

beforeAll(async () => {
  fixture = await openStepFixture();
  ({ github } = fixture);
  github.permissions.set('lisa', { permission: 'write', role_name: 'write' });
});
afterAll(() => fixture.close());

/** Removes the leases of replies, which otherwise prevent other writers for some seconds. */
const later = async (): Promise<void> => {
  const { blobs } = fixture.orchestratorFixture.storage;
  const leases = await Array.fromAsync(blobs.list(leasePrefix));
  await blobs.delete(leases.map(({ path }) => path).filter((path) => path.includes('reply')));
};

const runOnComment = async (
  comment: StoredComment,
  inputs: StepSettings['inputs'] = {},
  attempt = 1,
): Promise<FinishedStep> => {
  await later();
  return runStep(
    fixture.step({
      inputs,
      environment: { GITHUB_EVENT_NAME: 'issue_comment', GITHUB_RUN_ATTEMPT: String(attempt) },
      event: commentEvent(comment),
    }),
  );
};

/** Asks for a job that waits. */
const waiting = async (user?: typeof lisa, issue = 1): Promise<{ comment: StoredComment; id: string }> => {
  const comment = github.addComment('/compute 3', { ...(user ? { user } : {}), issue });
  const { code, outputs } = await runOnComment(comment);
  expect({ code, state: outputs['state'] }).toEqual({ code: 0, state: 'waiting' });
  return { comment, id: outputs['job-id'] ?? '' };
};

const getReply = ({ id }: StoredComment): string => {
  const [reply, more] = github.repliesTo(id);
  expect(more).toBeUndefined();
  return reply?.body ?? '';
};

const getCode = (reply: string): string => /approve ([0-9a-z]{10})/.exec(reply)?.[1] ?? '';

test('the notice of a job that waits for approval has the code, and neither the table nor its introduction', async () => {
  github.policy = 'version: 1\ncompute: {approval: {from: {permission: write}}}';
  const { said } = await runOnComment(github.addComment('/compute 3', { issue: 1 }));
  const found = said.split('\n').find((line) => line.startsWith('::notice title=The job is waiting'));
  expect(found).toMatch(
    /write this in a new comment:%0A\/approve [0-9a-z]{10}%0ATo reject it, write `\/reject /,
  );
  expect(found).not.toMatch(/approves exactly|%0A\||samples/);
});

test('the run of an approval follows the job that it names, and no other', async () => {
  github.policy = 'version: 1\ncompute: {approval: {from: {permission: write}}}';
  const { comment, id } = await waiting();
  const other = await waiting();
  const approval = github.addComment(`/approve ${getCode(getReply(comment))}`, { user: lisa });
  const { code, outputs, said } = await runOnComment(approval);
  expect({ code, outputs }).toMatchObject({ code: 0, outputs: { state: 'completed', 'job-id': id } });
  expect(said).not.toContain(other.id);
  expect(getReply(approval)).toContain('You approved');
  expect(getReply(comment)).toMatch(/completed[^]*Approved by `lisa`/);
  expect(github.reactionsTo(comment.id)).toContain('rocket');
  expect(getReply(other.comment)).toContain('is waiting for approval');
  const rejection = github.addComment(`/reject ${getCode(getReply(other.comment))} "not now"`, {
    user: lisa,
  });
  expect(await runOnComment(rejection)).toMatchObject({
    code: 0,
    outputs: { state: 'canceled', reason: 'rejected', 'job-id': other.id },
  });
  expect(getReply(other.comment)).toContain('was rejected by `lisa`');
}, 300_000);

test('the run of an unlock follows the job that had waited for it, on another thread too', async () => {
  github.policy = 'version: 1\ncompute: {lock: {key: one}}';
  expect((await runOnComment(github.addComment('/lock one'))).code).toBe(0);
  const { comment, id } = await waiting(lisa, 2);
  expect(getReply(comment)).toContain('is waiting for the lock');
  const { code, outputs } = await runOnComment(github.addComment('/unlock one'));
  expect({ code, outputs }).toMatchObject({ code: 0, outputs: { state: 'completed', 'job-id': id } });
  const [reply] = github.repliesTo(comment.id);
  expect(reply).toMatchObject({ issue: 2, body: expect.stringContaining('completed') });
}, 300_000);

test('a comment that only requests information follows no job', async () => {
  github.policy = 'version: 1\ncompute: {approval: {from: {permission: write}}}';
  const { id } = await waiting();
  const { code, outputs, said } = await runOnComment(github.addComment('/status'));
  expect({ code, state: outputs['state'] }).toEqual({ code: 0, state: undefined });
  expect(said).not.toContain(`following ${id}`);
}, 300_000);

test('a later attempt of an approval’s run follows the job too', async () => {
  github.policy = 'version: 1\ncompute: {approval: {from: {permission: write}}}';
  const { comment, id } = await waiting(undefined, 3);
  const approval = github.addComment(`/approve ${getCode(getReply(comment))}`, { user: lisa, issue: 3 });
  expect(await runOnComment(approval, { wait: 'false' })).toMatchObject({
    code: 0,
    outputs: { 'job-id': id },
  });
  expect((await runOnComment(approval, {}, 2)).code).toBe(0);
  expect(getReply(comment)).toContain('completed');
}, 300_000);
