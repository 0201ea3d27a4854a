import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { handleComment } from '../../chatops/handle-comment.ts';
import { defaultGrammar, parseCommands, type Command } from '../../chatops/command/index.ts';
import type { IncomingComment } from '../../chatops/incoming-comment.ts';
import { isJobOfCommand, isOriginTrusted, deriveJobId } from '../../chatops/job/index.ts';
import { handleMissedComment } from '../../chatops/handle-missed-comment.ts';
import { createHttpJobs, type Job, type Jobs } from '../../compute/client/index.ts';
import { createBuiltInAlgorithms } from '../../compute/algorithms/built-in.ts';
import { serveOrchestrator } from '../fixtures/action/real-orchestrator.ts';
import {
  toKeyRule,
  openTestAuthenticator,
  platformKey,
} from '../fixtures/orchestrator/test-authenticator.ts';
import { startTokenIssuer, type TokenIssuer } from '../fakes/token-issuer.ts';
import {
  openOrchestratorFixture,
  putTasks,
  waitUntil,
  type OrchestratorFixture,
} from '../fixtures/orchestrator/orchestrator-fixture.ts';
import ids from '../fixtures/older/command-ids.json' with { type: 'json' };
import recorded from '../fixtures/older/jobs.json' with { type: 'json' };
import { buildComment } from '../fixtures/incoming-comments.ts';
import { deliver, createCommentPorts, type FakeCommentPorts } from '../fakes/comment-ports.ts';

/* What an older version has started is found again by this one, and what its programs say is still understood. */

const commandIn = (body: string): Command => {
  const [item] = parseCommands(body, defaultGrammar);
  if (item?.kind !== 'command') throw new Error(`no command in ${body}`);
  return item.command;
};

const keysOf = (body: string): unknown[] => {
  const asked = {
    host: 'github.com',
    thread: { repository: { id: 1296269, name: 'acme/ops' }, number: 7, kind: 'issue' },
    comment: { id: 492700400 },
    event: { kind: 'created' },
  } as const;
  return parseCommands(body, defaultGrammar).map((item) =>
    item.kind === 'command'
      ? [item.command.canonical, deriveJobId(item.command, asked), item.key]
      : ['mistakes', item.errors[0]?.code, item.key],
  );
};

test.each(ids.comments)('the commands of a comment have the ids that they had: $body', ({ body, jobs }) => {
  expect(keysOf(body)).toEqual(jobs);
});

test.each(ids.steps)('so has the command of a workflow’s step: $step', ({ step, job }) => {
  const command = commandIn('/run Hello who=x');
  const thread = { repository: { id: 1296269, name: 'acme/ops' }, number: 0, kind: 'issue' } as const;
  const asked = { host: 'github.com', thread, comment: { id: 0 }, event: { kind: 'run', step } } as const;
  expect(deriveJobId(command, asked)).toBe(job);
});

let orchestratorFixture: OrchestratorFixture;
let issuer: TokenIssuer;
let orchestrator: Awaited<ReturnType<typeof serveOrchestrator>>;
beforeAll(async () => {
  [orchestratorFixture, issuer] = await Promise.all([openOrchestratorFixture(), startTokenIssuer()]);
  const { access, log } = openTestAuthenticator({
    issuer,
    keys: [
      toKeyRule('action', {
        name: 'the Action',
        scopes: ['start', 'read', 'approve'],
        tasks: '*',
        repositories: [501],
      }),
    ],
  });
  orchestrator = await serveOrchestrator(orchestratorFixture, {
    access,
    log,
    algorithms: createBuiltInAlgorithms({}),
  });
  await putTasks(
    orchestratorFixture.storage,
    ['Hello', 'Deploy'],
    [{ parameterName: 'who' }, { parameterName: 'place' }, { parameterName: 'token', secret: true }],
  );
});
afterAll(async () => {
  await orchestratorFixture.stopAll();
  await Promise.all([orchestratorFixture.close(), issuer.close()]);
});

const jobsBy = (key: string): Jobs => createHttpJobs({ url: orchestrator.url, key });

/** The bot, and the Action with a key that says nothing of `entry`, as older ones have. */
const entries = (): Record<'app' | 'action', FakeCommentPorts> => {
  const ports = (name: 'app' | 'action', key: string) =>
    ({
      ...createCommentPorts(),
      jobs: jobsBy(key),
      entry: { name, claims: async () => true },
    }) as unknown as FakeCommentPorts;
  return { app: ports('app', platformKey), action: ports('action', 'action') };
};

type Recorded = (typeof recorded.jobs)[number];

/** Comments are young, or old enough to be missed. */
const commentFor = ({ body, request }: Recorded, comment: number, minutes: number): IncomingComment => {
  const { host, repository, thread } = request.origin;
  const made = buildComment(body, comment, {
    host,
    thread: { repository, number: thread.number, kind: 'issue' },
  });
  return {
    ...made,
    comment: { ...made.comment, createdAt: new Date(Date.now() - minutes * 60_000).toISOString() },
  };
};

let comments = 1_000;
/** Starts a job as an older version has, for a comment that nobody has replied to yet. */
const startOld = async (one: Recorded, minutes = 1) => {
  comments += 1;
  const comment = commentFor(one, comments, minutes);
  const command = commandIn(one.body);
  const id = deriveJobId(command, comment);
  const origin = {
    ...one.input.request.origin,
    comment: { ...one.input.request.origin.comment, id: comments },
  };
  const input = { ...one.input, request: { ...one.input.request, jobId: id, origin } };
  await orchestrator.client.start(one.orchestrator, id, input);
  return { id, comment };
};

const jobsOf = async (comment: IncomingComment): Promise<string[]> => {
  const { jobs } = await jobsBy(platformKey).page({ thread: '501/7', top: 500 });
  return jobs.filter(({ origin }) => origin.comment?.id === comment.comment.id).map(({ id }) => id);
};

describe.each(recorded.jobs)('an older version’s job of $body', (one) => {
  test.each([
    ['the bot first', ['app', 'action', 'app']],
    ['the Action first', ['action', 'app', 'action']],
  ] as const)('is found by both, %s: it is one job', async (_order, order) => {
    const { id, comment } = await startOld(one);
    const both = entries();
    for (const name of order) {
      const turn = await deliver(comment, both[name]);
      expect(turn).toMatchObject({ reaction: 'eyes', news: false, sections: [{ kind: 'job', job: { id } }] });
    }
    expect(await jobsOf(comment)).toEqual([id]);
  });

  test('is found by both at once, and after its end', async () => {
    const { id, comment } = await startOld(one);
    const { app, action } = entries();
    const found = { sections: [{ kind: 'job', job: { id } }] };
    const turns = [app, action, app, action].map((ports) => handleComment(comment, ports));
    for (const turn of await Promise.all(turns)) expect(turn).toMatchObject(found);
    await jobsBy(platformKey).cancel(id, 'octocat');
    await waitUntil(async () => (await jobsBy(platformKey).get(id))?.endedAt !== null);
    for (const ports of [app, action]) expect(await handleComment(comment, ports)).toMatchObject(found);
    expect(await jobsOf(comment)).toEqual([id]);
  });

  test('was not missed, say the sweeps of both', async () => {
    const { id, comment } = await startOld(one, 90);
    for (const ports of Object.values(entries()))
      expect(await handleMissedComment(comment, ports)).toBeUndefined();
    expect(await jobsOf(comment)).toEqual([id]);
  });

  test('is the same that an older bot or Action asks for once more', async () => {
    comments += 1;
    const comment = commentFor(one, comments, 1);
    const command = commandIn(one.body);
    const jobId = deriveJobId(command, comment);
    const { installation, ...origin } = one.request.origin;
    const asked = {
      ...one.request,
      jobId,
      origin: { ...origin, comment: { ...origin.comment, id: comments } },
    };
    const send = async (key: string, more: object) =>
      orchestrator.call(
        'POST',
        one.path.slice('/api/'.length),
        { ...asked, ...more },
        { 'x-functions-key': key },
      );
    const first = await send('action', {});
    expect([first.status, first.body]).toMatchObject([202, { id: jobId, started: true }]);
    const again = await send(platformKey, { origin: { ...asked.origin, installation } });
    expect([again.status, again.body]).toMatchObject([200, { id: jobId, started: false }]);
    // The platform's own key is still answered with all that it was.
    expect(Object.keys(again.body)).toEqual(expect.arrayContaining(one.answer));
    const view = (await orchestrator.call('GET', `jobs/${jobId}`, undefined, { 'x-functions-key': 'action' }))
      .body;
    expect(Object.keys(view)).toEqual(expect.arrayContaining(Object.keys(one.view)));
    expect(view['origin']).toEqual(asked.origin);
    // The caller that started it finds it again.
    const turn = await handleComment(comment, entries().action);
    expect(turn).toMatchObject({ sections: [{ kind: 'job', job: { id: jobId } }] });
    expect(await jobsOf(comment)).toEqual([jobId]);
  });

  test('as an older orchestrator shows it, is believed by what it does', () => {
    const view = one.view as unknown as Job;
    const comment = commentFor(one, one.request.origin.comment.id, 1);
    const command = commandIn(one.body);
    expect([isOriginTrusted(view), isJobOfCommand(view, command, comment)]).toEqual([true, true]);
    const others = recorded.jobs.filter(({ body }) => body !== one.body);
    for (const other of others) {
      const theirs = commentFor(other, one.request.origin.comment.id, 1);
      expect(isJobOfCommand(view, commandIn(other.body), theirs)).toBe(false);
    }
  });
});

test.each(recorded.leases)('an older Action’s lease is given as it was: $path $request', async (one) => {
  const { status, body } = await orchestrator.call('POST', one.path.slice('/api/'.length), one.request, {
    'x-functions-key': 'action',
  });
  expect(status).toBe(200);
  expect(Object.keys(body)).toEqual(expect.arrayContaining(Object.keys(one.answer)));
});

test('an older orchestrator, where another repository’s job has the id: nothing of that job is shown', async () => {
  const deploy = recorded.jobs.find(({ body }) => body.startsWith('/run Deploy')) as Recorded;
  const comment = commentFor(deploy, 12, 1);
  const theirs = {
    ...(deploy.view as unknown as Job),
    request: { taskName: 'Hello', parameters: [{ name: 'who', value: 'private' }] },
    origin: { host: 'github.com', repository: { id: 502, name: 'acme/private' } },
  };
  const problem = { code: 'conflict', field: 'jobId', message: 'm', expected: 'e', received: 'r' };
  const { app } = entries();
  // It answers by the plain id, whatever the scope.
  const jobs: Jobs = {
    ...app.jobs,
    get: async () => theirs,
    start: async () => ({ outcome: 'conflict', problem }),
  };
  const ports = { ...app, jobs } as FakeCommentPorts;
  expect(await deliver(comment, ports)).toMatchObject({ reaction: 'confused' });
  expect(ports.posted()).toContain(
    'was not started: another job already has its id. To run the command, write it in a new comment.',
  );
  expect(ports.posted()).not.toMatch(/private|who/);
});
