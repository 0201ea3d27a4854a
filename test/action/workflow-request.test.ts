import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { collaboratorPermission } from '../fakes/github-api.ts';
import { bot } from '../fakes/fake-github.ts';
import { waitUntil } from '../fixtures/wait-until.ts';
import { completed, ActionFixture } from '../fixtures/action/action-fixture.ts';
import { findCommands, runStep, startStep, type StepSettings } from '../fixtures/action/step-process.ts';

/* The requester, the policy's decision, and where it is reported. */

let fixture: ActionFixture;

beforeEach(async () => {
  fixture = await new ActionFixture().open();
});
afterEach(() => fixture.close());

/** Runs a step whose job, if it starts one, completes. */
const ran = async (settings: StepSettings) => {
  const { jobs } = fixture.orchestrator;
  const step = await startStep(fixture.dispatch(settings));
  let over = false;
  void step.ended.then(() => (over = true));
  const [job] = await waitUntil('a job, or the end', () => (over || jobs.size > 0) && [...jobs.values()]);
  if (job) fixture.orchestrator.updateJob(job.id, completed);
  return { job, ...(await step.ended) };
};

const refusedRun = async (settings: StepSettings) => {
  const ended = await ran(settings);
  expect(ended).toMatchObject({ code: 1, job: undefined, outputs: { state: 'refused' } });
  return ended;
};

describe('a schedule', () => {
  const environment = { GITHUB_EVENT_NAME: 'schedule' };

  test.each([
    ['without a policy', ''],
    ['that allows persons', 'compute: {allow: {permission: read, everyone: true, users: [schedule]}}'],
    ['that names it for another work', 'tasks: {Hello: {allow: {bots: [schedule]}}}'],
  ])('may do nothing under a policy %s', async (_what, policy) => {
    fixture.github.policy = `version: 1\n${policy}`;
    await refusedRun({ environment });
    expect(fixture.orchestrator.startRequests).toBe(0);
  });

  test('may do what the policy allows it', async () => {
    fixture.github.policy = 'version: 1\ncompute: {allow: {bots: [schedule]}}';
    const { code, job } = await ran({ environment });
    expect({ code, sender: job?.origin.sender }).toEqual({ code: 0, sender: 'schedule' });
    // Who edited the workflow last is not who asks.
    expect(fixture.github.calls.some(({ path }) => path.includes('/collaborators/'))).toBe(false);
  });

  test('that a user re-runs has this user as the requester', async () => {
    fixture.github.policy = 'version: 1\ncompute: {allow: {bots: [schedule]}}';
    await refusedRun({ environment: { ...environment, GITHUB_RUN_ATTEMPT: '2' } });
  });
});

describe('a custom role', () => {
  beforeEach(() => {
    fixture.github.policy = 'version: 1\ncompute: {allow: {permission: maintain}}';
  });
  const names = { permission: 'write', role_name: 'release-lead' };
  const mona = { id: 11, login: 'mona' };

  test('counts as the highest level that GitHub says it grants', async () => {
    fixture.github.permissions.set('mona', collaboratorPermission(names, 'maintain', mona));
    expect((await ran({})).code).toBe(0);
  });

  test('does not count for more than that', async () => {
    fixture.github.permissions.set('mona', collaboratorPermission(names, 'push', mona));
    await refusedRun({});
  });
});

describe('a team', () => {
  const team = '/orgs/acme/teams/ops';
  const own = 'ghs_of-the-workflow';
  const organization = 'ghp_of-the-organization';

  beforeEach(() => {
    fixture.github.policy = 'version: 1\ncompute: {allow: {teams: [acme/ops]}}';
    fixture.github.more.set(`GET ${team}/memberships/mona`, { state: 'active' });
    fixture.github.more.set('GET /users/mona', { id: 11, login: 'mona' });
  });

  const callsWith = (token: string): string[] =>
    fixture.github.calls.filter((call) => call.token === token).map(({ path }) => path);

  test('has no members if no token may read it, and the refusal says so', async () => {
    const { said, summary } = await refusedRun({ inputs: { 'github-token': own } });
    for (const told of [findCommands(said).join('\n'), summary])
      expect(told).toMatch(/Teams could not be read.*the Action needs the input `org-token`/);
    expect(fixture.github.calls.some(({ path }) => path.startsWith('/orgs'))).toBe(false);
  });

  test('is read with the organization’s token, which does nothing else', async () => {
    const { code } = await ran({
      inputs: { 'github-token': own, 'org-token': organization, 'reply-to': '1' },
    });
    expect(code).toBe(0);
    expect(callsWith(organization)).toEqual([`${team}/memberships/mona`, '/users/mona']);
    expect(callsWith(own).filter((path) => path.startsWith('/orgs'))).toEqual([]);
    expect(new Set(fixture.github.calls.map(({ token }) => token))).toEqual(new Set([own, organization]));
  });

  test('without the user as a member is refused', async () => {
    fixture.github.more.delete(`GET ${team}/memberships/mona`);
    fixture.github.more.set(`GET ${team}`, { slug: 'ops' });
    await refusedRun({ inputs: { 'org-token': organization } });
  });
});

describe('reply-to', () => {
  const inputs = { 'reply-to': '1' };
  const replies = () => fixture.github.comments.filter(({ user }) => user.id === bot.id);

  test('has one reply for a job, which is updated, also by a later attempt', async () => {
    const first = await startStep(fixture.dispatch({ inputs }));
    const { id } = await fixture.job();
    fixture.orchestrator.updateJob(id, { state: 'waiting' });
    const waited = await first.ended;
    expect(replies()).toMatchObject([{ issue: 1, body: expect.stringContaining('is waiting') }]);
    fixture.orchestrator.updateJob(id, completed);
    fixture.expireReplyLeases();
    const again = await runStep(fixture.dispatch({ inputs, environment: { GITHUB_RUN_ATTEMPT: '2' } }));
    expect(again.code).toBe(0);
    expect(replies()).toMatchObject([{ issue: 1, body: expect.stringContaining('completed') }]);
    const url = `https://github.com/acme/ops/issues/1#issuecomment-${replies()[0]?.id}`;
    expect([waited.outputs['reply-url'], again.outputs['reply-url']]).toEqual([url, url]);
  });

  test('has a refusal', async () => {
    fixture.github.permissions.clear();
    const { outputs } = await refusedRun({ inputs });
    expect(replies()).toMatchObject([{ issue: 1, body: expect.stringContaining('write') }]);
    expect(outputs['reply-url']).toContain(`#issuecomment-${replies()[0]?.id}`);
  });

  test('that refuses a reply causes a warning, and the job’s result counts', async () => {
    fixture.github.fail(/^POST .*\/comments$/, 403, 'Unable to create comment because issue is locked.');
    const { code, said } = await ran({ inputs });
    expect({ code, said: findCommands(said).join('\n') }).toEqual({
      code: 0,
      said: expect.stringMatching(/::warning::Could not write the reply.*locked.$/m),
    });
  });

  test('that does not exist is reported once, with a remedy', async () => {
    fixture.github.fail(/^POST .*\/comments$/, 404, 'Not Found');
    const { code, said } = await ran({ inputs });
    expect(code).toBe(0);
    expect(said.match(/::warning::.*/g)).toEqual([
      expect.stringMatching(/Could not write the reply: Not Found.*"issues: write"/),
    ]);
  });
});

test('the user who re-runs the workflow is the requester', async () => {
  const environment = { GITHUB_RUN_ATTEMPT: '2', GITHUB_TRIGGERING_ACTOR: 'eve' };
  await refusedRun({ environment });
  expect(fixture.github.calls.map(({ path }) => path)).toContain(
    '/repos/acme/ops/collaborators/eve/permission',
  );
});
