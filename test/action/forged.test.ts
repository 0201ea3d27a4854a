import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { defaultGrammar, parseCommands } from '../../chatops/command/index.ts';
import { deriveJobId, trustOrigin } from '../../chatops/job/index.ts';
import { refreshReply } from '../../chatops/reply/render-reply.ts';
import type { Job } from '../../compute/client/index.ts';
import { bot, type FakeGitHub, type StoredComment } from '../fakes/fake-github.ts';
import type { FakeOrchestrator } from '../fakes/fake-orchestrator.ts';
import { ActionFixture } from '../fixtures/action/action-fixture.ts';
import { runStep } from '../fixtures/action/step-process.ts';

/* A caller that can start jobs can claim that a comment requested one. The Action's replies show no such job. */

let fixture: ActionFixture;
let orchestrator: FakeOrchestrator;
let github: FakeGitHub;

beforeEach(async () => {
  fixture = await new ActionFixture().open();
  ({ orchestrator, github } = fixture);
});
afterEach(() => fixture.close());

const sweep = () =>
  runStep(fixture.step({ inputs: { mode: 'sweep' }, environment: { GITHUB_EVENT_NAME: 'schedule' } }));

const writes = (): string[] =>
  github.calls.filter(({ method }) => method !== 'GET').map(({ method, path }) => `${method} ${path}`);

const greeter = { kind: 'key', name: 'greeter', entry: false, you: false } as const;
const file = (name: string) =>
  ({
    kind: 'workflow',
    name: `acme/ops/.github/workflows/${name}@refs/heads/main`,
    entry: false,
    you: false,
  }) as const;

const where = { host: 'github.com', repository: { id: 501, name: 'acme/ops' } };
const claiming = (comment: StoredComment, more: object = {}): Job['origin'] => ({
  ...where,
  thread: { number: comment.issue, kind: 'issue' },
  comment: { id: comment.id, createdAt: comment.created_at },
  sender: 'mona',
  command: comment.body,
  notes: { requester: 11, notify: 'always', check: 'c'.repeat(40) },
  ...more,
});

/** The id that the first command of a comment gives its job. */
const idOf = (comment: StoredComment): string => {
  const [item] = parseCommands(comment.body, defaultGrammar);
  if (item?.kind !== 'command') throw new Error('no command');
  return deriveJobId(item.command, {
    ...where,
    thread: { repository: where.repository, number: comment.issue, kind: 'issue' },
    comment: { id: comment.id },
    event: { kind: 'created' },
  });
};

const ended = () => ({ state: 'completed', endedAt: new Date().toISOString(), result: { pi: 3 } }) as const;
let jobs = 0;
const job = (more: Partial<Job>): Job => {
  jobs += 1;
  const id = `job-${String(jobs).padStart(32, '0')}`;
  orchestrator.addJob({
    id,
    request: { algorithm: 'monte-carlo-pi', inputCount: 10, parameters: {}, blockSize: 1 },
    ...more,
  });
  return orchestrator.jobs.get(more.id ?? id) as Job;
};

/** A comment with the reaction that its own run gave it. */
const seen = (body = '/compute 10', more: { issue?: number; ago?: number } = {}): StoredComment => {
  const comment = github.addComment(body, { ago: 20, ...more });
  github.reactions.push({ comment: comment.id, content: 'eyes' });
  return comment;
};

const replied = (comment: StoredComment, shown: Job): StoredComment =>
  github.addComment(refreshReply(undefined, { comment: comment.id, jobs: [shown], isPublic: false }).body, {
    user: bot,
    issue: comment.issue,
    ago: 6,
  });

const idle = { code: 0, said: expect.stringContaining('Nothing to do.'), summary: '' };

describe('a sweep', () => {
  test.each<[who: string, startedBy: Job['startedBy'], more: (comment: StoredComment) => Partial<Job>]>([
    ['another key', greeter, (comment) => ({ origin: claiming(comment) })],
    [
      'another key, under the very id',
      greeter,
      (comment) => ({ id: idOf(comment), origin: claiming(comment) }),
    ],
    ['an application', { ...greeter, kind: 'application' }, (comment) => ({ origin: claiming(comment) })],
    ['another workflow', file('hello.yml'), (comment) => ({ origin: claiming(comment) })],
    [
      'another workflow, under the id, for something else',
      file('hello.yml'),
      (comment) => ({
        id: idOf(comment),
        origin: claiming(comment),
        kind: 'task',
        request: { taskName: 'Hello', parameters: [] },
      }),
    ],
    [
      'another workflow, under the id, for somebody else',
      file('hello.yml'),
      (comment) => ({ id: idOf(comment), origin: claiming(comment, { notes: { requester: 12 } }) }),
    ],
    [
      'another workflow, under the id, by another name',
      file('hello.yml'),
      (comment) => ({ id: idOf(comment), origin: claiming(comment, { command: '/run Deploy' }) }),
    ],
    [
      'another workflow, under the id, on another thread',
      file('hello.yml'),
      (comment) => ({
        id: idOf(comment),
        origin: claiming(comment, { thread: { number: 2, kind: 'issue' } }),
      }),
    ],
    [
      'another workflow, under the id, at another time',
      file('hello.yml'),
      (comment) => ({
        id: idOf(comment),
        origin: claiming(comment, { comment: { id: comment.id, createdAt: '2099-01-01T00:00:00Z' } }),
      }),
    ],
    [
      'another key, as a step of a workflow',
      greeter,
      () => ({ origin: { ...where, thread: { number: 1, kind: 'issue' }, workflow: { run: '1' } } }),
    ],
  ])('writes nothing for a job of %s', async (_who, startedBy, more) => {
    const comment = seen();
    job({ startedBy, ...more(comment), ...ended() });
    expect(await sweep()).toMatchObject(idle);
    expect(writes()).toEqual([]);
  });

  test('updates a comment’s own job, whatever other jobs claim', async () => {
    const comment = seen();
    const own = job({ origin: claiming(comment, { notes: {} }), state: 'running' });
    const reply = replied(comment, own);
    const stranger = { startedBy: greeter, ...ended() };
    const other = { ...stranger, startedBy: file('hello.yml') };
    // Those that have ended come first in the list.
    const forged = [
      job({ ...stranger, origin: claiming(comment) }),
      job({ ...other, origin: claiming(comment) }),
      job({ ...other, origin: claiming(comment, { thread: { number: 2, kind: 'issue' } }) }),
      job({
        ...other,
        origin: claiming(comment, { comment: { id: comment.id, createdAt: '2099-01-01T00:00:00Z' } }),
      }),
    ];
    expect(await sweep()).toMatchObject(idle);
    orchestrator.updateJob(own.id, ended());
    await sweep();
    for (const { id } of forged) expect(reply.body).not.toContain(id);
    expect(reply.body).toContain('completed');
    expect(github.reactionsTo(comment.id)).toEqual(['eyes', 'rocket']);
    expect(github.comments).toHaveLength(2);
  });

  test.each<[who: string, startedBy: Job['startedBy']]>([
    ['an entry', { ...greeter, entry: true }],
    ['the very key', { ...greeter, you: true }],
    ['the workflow that answers comments', file('chatops.yml')],
    ['an older version', null],
  ])('completes the reply to a job of %s', async (_who, startedBy) => {
    const comment = seen();
    const own = job({
      id: idOf(comment),
      startedBy,
      origin: claiming(comment, { notes: { requester: 11 } }),
      state: 'running',
    });
    // Nobody has replied: the run died.
    await sweep();
    const [made] = github.repliesTo(comment.id);
    expect(made?.body).toMatch(/`\/compute 10`\*\* is running/);
    fixture.expireReplyLeases();
    orchestrator.updateJob(own.id, ended());
    await sweep();
    expect(made?.body).toMatch(/`\/compute 10`\*\* completed/);
    expect([github.repliesTo(comment.id), github.reactionsTo(comment.id)]).toEqual([
      [made],
      ['eyes', 'rocket'],
    ]);
    fixture.expireReplyLeases();
    expect(await sweep()).toMatchObject(idle);
  });

  test('completes a reply that shows a job of another workflow, even if its comment was edited', async () => {
    const comment = seen();
    const own = job({
      startedBy: file('chatops.yml'),
      origin: claiming(comment, { notes: {} }),
      state: 'running',
    });
    const reply = replied(comment, own);
    comment.body = 'Never mind';
    orchestrator.updateJob(own.id, ended());
    await sweep();
    expect(reply.body).toMatch(/`\/compute 10`\*\* completed/);
  });

  test('shows a job of another workflow’s step only where its own run has shown it', async () => {
    const thread = { number: 1, kind: 'issue' } as const;
    const origin = { ...where, thread, workflow: { run: '1' }, command: '/compute 10' };
    const step = job({ startedBy: file('deploy.yml'), origin, state: 'running' });
    expect(await sweep()).toMatchObject(idle);
    expect(writes()).toEqual([]);
    const { body } = refreshReply(undefined, { comment: 0, jobs: [trustOrigin(step)], isPublic: false });
    const reply = github.addComment(body, { user: bot, ago: 6 });
    expect(await sweep()).toMatchObject(idle);
    orchestrator.updateJob(step.id, ended());
    await sweep();
    expect(reply.body).toMatch(/`\/compute 10`\*\* completed/);
    expect(github.comments).toEqual([reply]);
  });

  test('looks up at most one job for each command of the comment', async () => {
    const comment = seen('/compute 10\n/compute 20');
    for (let n = 0; n < 20; n += 1)
      job({ startedBy: file('hello.yml'), origin: claiming(comment), ...ended() });
    orchestrator.gets.length = 0;
    expect(await sweep()).toMatchObject(idle);
    expect(orchestrator.gets).toHaveLength(2);
  });
});

describe('a run whose comment the app answers', () => {
  const approve = (issue: number) => {
    const approval = github.addComment('/approve k3x9q0aa7b', { issue });
    orchestrator.leases.set(`entry/github.com/501/${approval.id}`, { holder: 'app', until: Infinity });
    return runStep(fixture.comment(approval));
  };
  /** It waited when the approval was written, and has ended since. */
  const waited = () => ({ ...ended(), endedAt: new Date(Date.now() + 60_000).toISOString() });

  test.each<[who: string, startedBy: Job['startedBy']]>([
    ['another key', greeter],
    ['another workflow', file('hello.yml')],
  ])('follows no job that only claims to be a comment’s: one of %s', async (_who, startedBy) => {
    const comment = seen('/compute 10', { issue: 4 });
    job({ startedBy, origin: claiming(comment), ...waited() });
    const { code, outputs } = await approve(4);
    expect([code, outputs['job-id'], writes()]).toEqual([0, undefined, []]);
  });

  test('follows the job that the reply shows', async () => {
    const comment = seen('/compute 10', { issue: 4 });
    const own = job({
      startedBy: file('chatops.yml'),
      origin: claiming(comment, { notes: {} }),
      ...waited(),
    });
    const reply = replied(comment, { ...own, state: 'waiting', endedAt: null });
    const { outputs } = await approve(4);
    expect(outputs['job-id']).toBe(own.id);
    expect(reply.body).toMatch(/`\/compute 10`\*\* completed/);
  });
});
