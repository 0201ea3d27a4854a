import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createJobId } from '../../../contracts/ids.ts';
import {
  toKeyRule,
  openTestAuthenticator,
  platformKey,
} from '../../fixtures/orchestrator/test-authenticator.ts';
import { startTokenIssuer, type TokenIssuer } from '../../fakes/token-issuer.ts';
import {
  openOrchestratorFixture,
  openTestOrchestrator,
  putTasks,
  waitUntil,
  type OrchestratorFixture,
  type TestOrchestrator,
} from '../../fixtures/orchestrator/orchestrator-fixture.ts';

/* Each attack starts `Hello` under the id of a command. The command then gets its own job, or the name of the owner of the id. */

let fixture: OrchestratorFixture;
let issuer: TokenIssuer;
let platform: TestOrchestrator;
beforeAll(async () => {
  [fixture, issuer] = await Promise.all([openOrchestratorFixture(), startTokenIssuer()]);
  const hello = { scopes: ['start', 'read'], tasks: ['Hello'] };
  const { access, log } = openTestAuthenticator({
    issuer,
    trust: [{ repositoryId: '74', workflowRef: helloFile, ...hello }],
    keys: [
      toKeyRule('of-75', { name: 'nightly', repositories: [75], ...hello }),
      toKeyRule('of-74', { name: 'greeter', repositories: [74], ...hello }),
      toKeyRule('of-all', { name: 'robot', ...hello }),
      toKeyRule('entry-of-75', { name: 'bot of 75', repositories: [75], entry: true, ...hello }),
    ],
  });
  platform = await openTestOrchestrator(fixture, { access, log });
  await putTasks(fixture.storage, ['Hello', 'Deploy'], []);
});
afterAll(async () => {
  await fixture.stopAll();
  await Promise.all([fixture.close(), issuer.close()]);
});

const helloFile = 'octo-org/octo-repo/.github/workflows/hello.yml@refs/heads/main';
const host = '127.0.0.1';
const a = { id: 74, name: 'acme/ops' };
const commanded = (more: object = {}) => ({
  host,
  repository: a,
  thread: { number: 7, kind: 'issue' },
  comment: { id: 9, createdAt: '2026-01-01T00:00:00Z' },
  sender: 'mona',
  installation: 3,
  command: '/run Deploy',
  notes: { requester: 7 },
  ...more,
});

type Headers = Record<string, string>;
const key = (name: string): Headers => ({ 'x-functions-key': name });
const start = (body: object, headers: Headers = key(platformKey)) =>
  platform.call('POST', 'tasks', body, headers);
const jobAt = async (id: string, scope = `${host}/74`) =>
  (await platform.call('GET', `jobs/${id}?scope=${encodeURIComponent(scope)}`, undefined, key(platformKey)))
    .body;

type Attack = [what: string, who: string, origin: object | undefined, more?: object];
const elsewhere = { host, repository: { id: 75, name: 'acme/other' } };

/** The results of the attacker, then of the command: `runs`, or the name of the key that has the id. */
const afterwards = async ([, who, origin, more = {}]: Attack) => {
  const jobId = createJobId();
  const headers = who === 'workflow' ? await token() : key(who);
  const forged = await start({ taskName: 'Hello', jobId, origin, ...more }, headers);
  const command = { taskName: 'Deploy', jobId, origin: commanded() };
  const own = await start(command);
  if (own.status === 409) {
    const [, name] = /(".*")/.exec(String(own.body.error['message'])) ?? [];
    return [forged.status, JSON.parse(name ?? '""')];
  }
  const { id, request } = await jobAt(jobId);
  expect([own.status, id, request]).toEqual([202, own.body['id'], { taskName: 'Deploy', parameters: [] }]);
  // A redelivery finds only its own job.
  expect(await start(command)).toMatchObject({ status: 200, body: { id } });
  return [forged.status, 'runs'];
};

const token = async (): Promise<Headers> => ({
  authorization: `Bearer ${await issuer.token({ workflow_ref: helloFile, job_workflow_ref: helloFile })}`,
});

describe('the command runs although its id is requested', () => {
  test.each<Attack>([
    ['by another repository', 'of-75', elsewhere],
    ['by another repository of this name', 'of-75', { host, repository: { id: 75, name: a.name } }],
    ['by another repository on a host of its choice', 'of-75', { ...elsewhere, host: `${host}/74` }],
    ['by another repository on no host', 'of-75', { repository: elsewhere.repository }],
    ['by another repository for this comment', 'of-75', commanded({ repository: elsewhere.repository })],
    ['by an entry of another repository', 'entry-of-75', commanded({ repository: elsewhere.repository })],
    ['on a host in capitals', 'of-74', commanded({ host: 'LOCALHOST' })],
    ['on a host with a port', 'of-74', commanded({ host: `${host}:80` })],
    ['on a host with a dot at its end', 'of-74', commanded({ host: `${host}.` })],
    ['on a host in wide digits', 'of-74', commanded({ host: '127.0.0.１' })],
    ['on a host of GitHub Enterprise', 'of-74', commanded({ host: 'github.example.com' })],
    ['on an empty host', 'of-74', commanded({ host: '' })],
    [
      'on a host that looks like an owner',
      'of-74',
      commanded({ host: `${host}/74`, repository: { ...a, id: 74 } }),
    ],
    ['for no repository', 'of-all', {}],
    ['without an origin', 'of-all', undefined],
    ['for no repository, for this comment', 'of-all', commanded({ repository: undefined })],
  ])('%s', async (...attack) => {
    expect(await afterwards(attack)).toEqual([202, 'runs']);
  });
});

describe('the response names the owner of the id if the command’s id is taken', () => {
  test.each<Attack>([
    ['for this comment', 'of-74', commanded()],
    ['for the repository alone', 'of-74', { host, repository: a }],
    [
      'by another name of the repository',
      'of-74',
      commanded({ repository: { id: 74, name: 'acme/renamed' } }),
    ],
    ['by a look-alike of its name', 'of-74', commanded({ repository: { id: 74, name: 'acmе/ops' } })],
    ['by a key for all repositories', 'of-all', commanded()],
    ['by a workflow for another task', 'workflow', commanded()],
    [
      'for a step of a workflow',
      'of-74',
      { host, repository: a, workflow: { run: '1', job: 'j', step: 's' } },
    ],
    ['for a schedule', 'of-74', { host, repository: a, sender: 'schedule', workflow: { run: '1' } }],
    [
      'with fields of other types',
      'of-74',
      commanded({ notes: 'x', workflow: [], comment: { id: 9, createdAt: '' } }),
    ],
    ['with a lock', 'of-74', commanded(), { conditions: { locks: [{ scope: `${host}/74`, key: 'vm' }] } }],
    ['with a timeout', 'of-74', commanded(), { timeoutSeconds: 1 }],
    ['without a host', 'of-74', { repository: a }],
  ])('%s', async (...attack) => {
    const names: Record<string, string> = { 'of-74': 'greeter', 'of-all': 'robot', workflow: helloFile };
    const [, who] = attack;
    expect(await afterwards(attack)).toEqual([202, names[who]]);
  });
});

describe('no job is started', () => {
  test.each<[...Attack, status: number]>([
    ['for a repository of another key', 'of-75', commanded(), {}, 403],
    ['for a number as text', 'of-75', commanded({ repository: { id: '74', name: a.name } }), {}, 400],
    ['for a list of numbers', 'of-75', commanded({ repository: { id: [75, 74], name: a.name } }), {}, 400],
    ['for a fraction', 'of-74', commanded({ repository: { id: 74.5, name: a.name } }), {}, 403],
    ['for none, by a key of one', 'of-74', {}, {}, 403],
    ['without an origin, by a key of one', 'of-74', undefined, {}, 403],
    ['on another host, by a workflow', 'workflow', commanded({ host: 'github.example.com' }), {}, 403],
    ['under an id in capitals', 'of-74', commanded(), { jobId: `job-${'A'.repeat(32)}` }, 400],
    ['under an id with a line break', 'of-74', commanded(), { jobId: `${createJobId()}\n` }, 400],
    ['under the id of a batch', 'of-74', commanded(), { jobId: `batch-${'0'.repeat(32)}-0000` }, 400],
    ['under a path', 'of-74', commanded(), { jobId: `${createJobId()}/others` }, 400],
    ['of a task that looks alike', 'of-74', commanded(), { taskName: 'Hellо' }, 400],
  ])('%s', async (_what, who, origin, more, status) => {
    const headers = who === 'workflow' ? await token() : key(who);
    const body = { taskName: 'Hello', jobId: createJobId(), origin, ...more };
    expect((await start(body, headers)).status).toBe(status);
  });
});

test('an origin with two repositories belongs to the last, as its job shows', async () => {
  const jobId = createJobId();
  const body = `{"taskName":"Hello","jobId":"${jobId}","origin":{"host":"${host}","repository":{"id":75,"name":"x","id":74}}}`;
  expect((await platform.call('POST', 'tasks', body, key('of-75'))).status).toBe(403);
  expect((await platform.call('POST', 'tasks', body, key('of-74'))).status).toBe(202);
  expect(await jobAt(jobId)).toMatchObject({ id: jobId, origin: { repository: { id: 74 } } });
});

test('an id whose job was purged belongs to the command again, and the other job stays unchanged', async () => {
  const jobId = createJobId();
  const command = { taskName: 'Deploy', jobId, origin: commanded() };
  const first = await start(command);
  const id = String(first.body['id']);
  await waitUntil(async () => (await jobAt(id))['endedAt'] !== null);
  const old = await openTestOrchestrator(fixture, { retentionDays: 0 });
  await old.runChore('purge-jobs', platform.client);
  expect(await platform.client.status(id)).toBeUndefined();
  const forged = await start({ taskName: 'Hello', jobId, origin: elsewhere }, key('of-75'));
  expect([forged.status, forged.body['id']]).toEqual([202, jobId]);
  const again = await start(command);
  expect([again.status, again.body['id'] === jobId]).toEqual([202, false]);
  expect(await jobAt(jobId)).toMatchObject({ id: again.body['id'], request: { taskName: 'Deploy' } });
  expect(await jobAt(jobId, `${host}/75`)).toMatchObject({ id: jobId, request: { taskName: 'Hello' } });
});

test('of many concurrent requests for one id, each gets its own job or the name of the owner', async () => {
  const jobId = createJobId();
  const asked = [
    ...Array.from({ length: 4 }, () => start({ taskName: 'Deploy', jobId, origin: commanded() })),
    ...Array.from({ length: 4 }, () => start({ taskName: 'Hello', jobId, origin: elsewhere }, key('of-75'))),
  ];
  const answers = await Promise.all(asked);
  const [own, theirs] = [answers.slice(0, 4), answers.slice(4)].map(
    (some) => new Set(some.map(({ body }) => body['id'])),
  );
  expect([own?.size, theirs?.size, new Set([...(own ?? []), ...(theirs ?? [])]).size]).toEqual([1, 1, 2]);
  expect(await jobAt(jobId)).toMatchObject({ request: { taskName: 'Deploy' } });
  expect(await jobAt(jobId, `${host}/75`)).toMatchObject({ request: { taskName: 'Hello' } });
});
