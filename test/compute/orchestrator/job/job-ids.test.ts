import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createJobId } from '../../../../contracts/ids.ts';
import {
  toKeyRule,
  openTestAuthenticator,
  platformKey,
} from '../../../fixtures/orchestrator/test-authenticator.ts';
import { startTokenIssuer, workflow, type TokenIssuer } from '../../../fakes/token-issuer.ts';
import {
  listPaths,
  openOrchestratorFixture,
  openTestOrchestrator,
  putTasks,
  waitUntil,
  type OrchestratorFixture,
  type TestOrchestrator,
} from '../../../fixtures/orchestrator/orchestrator-fixture.ts';
import { approval } from '../../../fixtures/orchestrator/jobs-with-conditions.ts';

let fixture: OrchestratorFixture;
let issuer: TokenIssuer;
let platform: TestOrchestrator;
beforeAll(async () => {
  [fixture, issuer] = await Promise.all([openOrchestratorFixture(), startTokenIssuer()]);
  const { access, log } = openTestAuthenticator({
    issuer,
    trust: [{ repositoryId: '74', scopes: ['start', 'read'], tasks: '*' }],
    keys: [
      toKeyRule('key-of-75', {
        name: 'nightly build',
        scopes: ['start', 'read'],
        repositories: [75],
        tasks: ['Hello'],
      }),
      toKeyRule('hello-of-74', {
        name: 'greeter',
        scopes: ['start', 'read'],
        repositories: [74],
        tasks: ['Hello'],
      }),
      toKeyRule('key-of-both', { scopes: ['start', 'read'], repositories: [74, 75], tasks: '*' }),
      toKeyRule('key-of-all', { name: 'the bot', scopes: ['start', 'read'], tasks: '*', entry: true }),
    ],
  });
  platform = await openTestOrchestrator(fixture, { access, log });
  await putTasks(
    fixture.storage,
    ['Hello', 'Deploy'],
    [{ parameterName: 'place' }, { parameterName: 'token', secret: true }],
  );
});
afterAll(async () => {
  await fixture.stopAll();
  await Promise.all([fixture.close(), issuer.close()]);
});

const key = (name: string) => ({ 'x-functions-key': name });
const own = key(platformKey);
const action = async () => ({ authorization: `Bearer ${await issuer.token()}` });

const host = '127.0.0.1';
const of = (id: number, more: object = {}) => ({ host, repository: { id, name: 'acme/ops' }, ...more });
/** The origin of a command in a comment. */
const commanded = (more: object = {}) =>
  of(74, {
    thread: { number: 7, kind: 'issue' },
    comment: { id: 9, createdAt: '2026-01-01T00:00:00Z' },
    sender: 'mona',
    notes: { requester: 7 },
    ...more,
  });

const deploy = { taskName: 'Deploy', parameters: [{ name: 'place', value: 'production' }] };
const post = (request: object, headers: Record<string, string> = own) =>
  platform.call('POST', 'tasks', request, headers);
const get = async (path: string, headers: Record<string, string> = own) =>
  (await platform.call('GET', `jobs/${path}`, undefined, headers)).body as Record<string, unknown>;
const ended = async (id: string): Promise<Record<string, unknown>> => {
  await waitUntil(async () => (await get(id))['endedAt'] !== null);
  return get(id);
};
const scope = (id: number) => encodeURIComponent(`${host}/${id}`);

describe('an id that another repository uses', () => {
  test('does not prevent a job from starting, once', async () => {
    const jobId = createJobId();
    const taken = await post({ taskName: 'Hello', jobId, origin: of(75) }, key('key-of-75'));
    expect([taken.status, taken.body['id']]).toEqual([202, jobId]);

    const request = { ...deploy, jobId, origin: commanded() };
    const starts = await Promise.all([post(request), post(request, await action()), post(request)]);
    expect(starts.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 200, 202]);
    const [id] = new Set(starts.map(({ body }) => body['id']));
    expect(new Set(starts.map(({ body }) => body['id'])).size).toBe(1);
    expect(id).toMatch(/^job-[0-9a-f]{32}$/);
    expect(id).not.toBe(jobId);
    expect(await post(request)).toMatchObject({ status: 200, body: { id, started: false } });

    // A request with this id finds the caller's own job; the other repository's job is unchanged.
    expect(await get(jobId, await action())).toMatchObject({ id, request: { taskName: 'Deploy' } });
    expect(await get(`${jobId}?scope=${scope(74)}`)).toMatchObject({ id });
    expect(await get(`${jobId}?scope=${scope(75)}`)).toMatchObject({ id: jobId });
    expect(await get(jobId)).toMatchObject({ id: jobId, request: { taskName: 'Hello' } });
    expect(await get(jobId, key('key-of-both'))).toMatchObject({ id: jobId });
    expect(await get(`${jobId}?scope=${scope(74)}`, key('key-of-75'))).toMatchObject({
      error: { code: 'unknown-job' },
    });
    expect(await get(String(id), key('key-of-75'))).toMatchObject({ error: { code: 'unknown-job' } });
    expect(await get(`${jobId}?scope=${scope(76)}`)).toMatchObject({ error: { code: 'unknown-job' } });
  });

  test('stands for one job of each repository, whichever is first, whatever it runs', async () => {
    const jobId = createJobId();
    const origins = [of(74), of(75), of(76), { ...of(74), host: 'github.example' }, {}];
    const ids = await Promise.all(
      [...origins, ...origins].map(async (origin) => (await post({ ...deploy, jobId, origin })).body['id']),
    );
    expect(new Set(ids).size).toBe(origins.length);
    expect(ids.slice(origins.length)).toEqual(ids.slice(0, origins.length));
  });

  test('is canceled only for its own repository', async () => {
    const jobId = createJobId();
    const conditions = { approval };
    await post({ taskName: 'Hello', jobId, origin: of(75), conditions });
    const { body } = await post({ ...deploy, jobId, origin: of(74), conditions }, await action());
    const cancel = (headers: Record<string, string>, query = '') =>
      platform.call('POST', `jobs/${jobId}/cancel${query}`, { by: 'mona' }, headers);
    expect((await cancel(await action())).body['id']).toBe(body['id']);
    expect((await ended(String(body['id'])))['reason']).toBe('canceled-by-user');
    expect(await get(jobId)).toMatchObject({ state: 'waiting' });
    expect((await cancel(own, `?scope=${scope(76)}`)).status).toBe(404);
    expect((await cancel(own, `?scope=${scope(75)}`)).body['id']).toBe(jobId);
  });

  test('is not purged while another job uses it', async () => {
    const jobId = createJobId();
    const conditions = { approval };
    const [, second] = [
      await post({ taskName: 'Hello', jobId, origin: of(75) }),
      await post({ ...deploy, jobId, origin: of(74), conditions }),
    ];
    const other = String(second.body['id']);
    await ended(jobId);
    const old = await openTestOrchestrator(fixture, { retentionDays: 0 });
    const purge = () => old.runChore('purge-jobs', platform.client);
    await purge();
    expect(await platform.client.status(jobId)).toBeDefined();
    expect(await post({ ...deploy, jobId, origin: of(74), conditions })).toMatchObject({
      status: 200,
      body: { id: other },
    });
    await platform.call('POST', `jobs/${other}/cancel`, {}, own);
    await ended(other);
    await purge();
    await purge();
    expect(await platform.client.status(jobId)).toBeUndefined();
    expect(await listPaths(fixture.storage, `control/${jobId}/`)).toEqual([]);
  });
});

describe('a command’s job', () => {
  const token = { name: 'token', value: 'secret' };
  const request = { ...deploy, parameters: [...deploy.parameters, token] };

  test('is the same for both entries, in either order, whatever its installation and attempt', async () => {
    for (const [first, second] of [
      [own, await action()],
      [await action(), own],
    ] as const) {
      const jobId = createJobId();
      const byApp = { ...request, jobId, origin: commanded({ installation: 3 }) };
      expect((await post(byApp, first)).status).toBe(202);
      const byAction = { ...request, jobId, origin: commanded() };
      expect(await post(byAction, second)).toMatchObject({ status: 200, body: { id: jobId } });
    }
    const jobId = createJobId();
    const step = (attempt: number) => ({ run: 1, job: 'job', step: 'step', key: '', attempt });
    const inRun = (workflow: object) => ({ ...request, jobId, origin: of(74, { workflow }) });
    expect((await post(inRun(step(1)))).status).toBe(202);
    expect((await post(inRun(step(2)))).status).toBe(200);
    expect((await post(inRun({ ...step(1), run: 2 }))).status).toBe(409);
    expect((await post(inRun({ ...step(1), step: 'other' }))).status).toBe(409);
    const ofReview = (id: string) => ({
      ...request,
      jobId: reviewJobId,
      origin: commanded({ comment: undefined, review: { id, createdAt: '2026-01-01T00:00:00Z' } }),
    });
    const reviewJobId = createJobId();
    expect((await post(ofReview('review-9'))).status).toBe(202);
    expect((await post(ofReview('review-9'))).status).toBe(200);
    expect((await post(ofReview('review-comment-9'))).status).toBe(409);
    expect(await post(ofReview('9'))).toMatchObject({
      status: 400,
      body: { error: { field: 'origin.review.id' } },
    });
  });

  test.each([
    ['task', { taskName: 'Hello' }],
    ['value', { parameters: [{ name: 'place', value: 'staging' }, token] }],
    ['secret value', { parameters: [...deploy.parameters, { ...token, value: 'other' }] }],
    ['lack of a value', { parameters: deploy.parameters }],
    ['timeout', { timeoutSeconds: 9 }],
    ['approval', { conditions: { approval } }],
    ['lock', { conditions: { locks: [{ scope: `${host}/74`, key: 'vm' }] } }],
    ['thread', { origin: commanded({ thread: { number: 8, kind: 'issue' } }) }],
    ['comment', { origin: commanded({ comment: { id: 10, createdAt: '2026-01-01T00:00:00Z' } }) }],
    [
      'kind of comment',
      {
        origin: commanded({
          comment: undefined,
          review: { id: 'review-comment-9', createdAt: '2026-01-01T00:00:00Z' },
        }),
      },
    ],
    ['person', { origin: commanded({ notes: { requester: 8 } }) }],
    ['person’s name', { origin: commanded({ notes: undefined, sender: 'eve' }) }],
    ['lack of a comment', { origin: of(74) }],
  ])('is not another one: another %s', async (_what, other) => {
    const jobId = createJobId();
    const command = { ...request, jobId, origin: commanded() };
    const taken = await post({ ...command, ...other }, key('key-of-all'));
    expect(taken.status).toBe(202);
    const { status, body } = await post(command);
    expect([status, body.error]).toMatchObject([
      409,
      { code: 'conflict', field: 'jobId', message: expect.stringContaining('key "the bot"') },
    ]);
  });

  test('shows its starter, and whether the starter is an entry or the caller', async () => {
    const start = async (headers: Record<string, string>) =>
      String((await post({ taskName: 'Hello', origin: of(74) }, headers)).body['id']);
    const by = {
      platform: await start(own),
      greeter: await start(key('hello-of-74')),
      bot: await start(key('key-of-all')),
      workflow: await start(await action()),
    };
    const startedBy = async (id: string, headers: Record<string, string>) =>
      (await get(id, headers))['startedBy'];
    const greeter = { kind: 'key', name: 'greeter', entry: false };
    expect(await startedBy(by.platform, own)).toMatchObject({ kind: 'platform', entry: true, you: true });
    expect(await startedBy(by.platform, key('hello-of-74'))).toMatchObject({ kind: 'platform', you: false });
    expect(await startedBy(by.greeter, own)).toEqual({ ...greeter, you: false });
    expect(await startedBy(by.greeter, key('hello-of-74'))).toEqual({ ...greeter, you: true });
    expect(await startedBy(by.bot, own)).toEqual({ kind: 'key', name: 'the bot', entry: true, you: false });
    const file = { kind: 'workflow', name: `${workflow}@refs/heads/main`, entry: false };
    expect(await startedBy(by.workflow, own)).toEqual({ ...file, you: false });
    expect(await startedBy(by.workflow, await action())).toEqual({ ...file, you: true });
  });
});
