import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { shortenJobId } from '../../contracts/ids.ts';
import { createHttpJobs, type Jobs, type StartRequest } from '../../compute/client/index.ts';
import { defaultGrammar, parseCommands } from '../../chatops/command/index.ts';
import type { IncomingComment } from '../../chatops/incoming-comment.ts';
import { deriveJobId, parseNotes } from '../../chatops/job/index.ts';
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
import { serveOrchestrator } from '../fixtures/action/real-orchestrator.ts';
import { buildComment, people } from '../fixtures/incoming-comments.ts';
import { deliver, createCommentPorts, type FakeCommentPorts } from '../fakes/comment-ports.ts';

/* Keys that may start a harmless task take ids and names of other people's commands, at a real orchestrator over HTTP. */

let orchestratorFixture: OrchestratorFixture;
let issuer: TokenIssuer;
let url: string;
const jobsBy = (key: string): Jobs => createHttpJobs({ url, key });

beforeAll(async () => {
  [orchestratorFixture, issuer] = await Promise.all([openOrchestratorFixture(), startTokenIssuer()]);
  const hello = { scopes: ['start', 'read'], tasks: ['Hello'] };
  const { access, log } = openTestAuthenticator({
    issuer,
    keys: [
      toKeyRule('of-b', { name: 'key of B', repositories: [75], ...hello }),
      toKeyRule('hello-of-a', { name: 'greeter', repositories: [74], ...hello }),
      toKeyRule('former-bot', { name: 'former bot', scopes: ['start', 'read', 'approve'], tasks: '*' }),
    ],
  });
  ({ url } = await serveOrchestrator(orchestratorFixture, { access, log }));
  await putTasks(
    orchestratorFixture.storage,
    ['Hello', 'Deploy'],
    [{ parameterName: 'who' }, { parameterName: 'place' }],
  );
});
afterAll(async () => {
  await orchestratorFixture.stopAll();
  await Promise.all([orchestratorFixture.close(), issuer.close()]);
});

const place = { host: '127.0.0.1', repository: { id: 74, name: 'acme/ops' } };

let ports: FakeCommentPorts & { jobs: Jobs };
let comments = 100;
beforeEach(() => {
  // Each test has a thread of its own.
  comments += 100;
  ports = { ...createCommentPorts(), jobs: jobsBy(platformKey) } as typeof ports;
});

const thread = () => ({
  repository: place.repository,
  number: Math.floor(comments / 100),
  kind: 'issue' as const,
});
const at = new Date(Date.now() - 60_000).toISOString();

/** The next comment of octocat, or of somebody else, on the thread. */
const write = (body: string, changes: Partial<IncomingComment> = {}): IncomingComment => {
  comments += 1;
  const whole = { host: place.host, thread: thread(), ...changes };
  const comment = buildComment(body, comments, whole);
  const createdAt = new Date(Date.parse(at) + comments * 1_000).toISOString();
  return { ...comment, comment: { ...comment.comment, createdAt } };
};

const idOf = (comment: IncomingComment): string => {
  const [item] = parseCommands(comment.comment.body, defaultGrammar);
  if (item?.kind !== 'command') throw new Error('no command');
  return deriveJobId(item.command, comment);
};

/** The origin of a job that says it is a comment's. */
const claiming = (comment: IncomingComment, more: object = {}) => ({
  ...place,
  thread: { number: comment.thread.number, kind: 'issue' as const },
  comment: { id: comment.comment.id, createdAt: comment.comment.createdAt },
  sender: 'octocat',
  installation: 3,
  command: comment.comment.body,
  notes: { requester: 1, notify: 'always', check: 'c'.repeat(40) },
  ...more,
});

const hello = (more: object = {}): StartRequest => ({
  kind: 'task',
  taskName: 'Hello',
  parameters: [{ name: 'who', value: 'x' }],
  ...more,
});

const forge = async (key: string, request: StartRequest): Promise<string> => {
  const answer = await jobsBy(key).start(request);
  if (answer.outcome !== 'started') throw new Error(JSON.stringify(answer));
  return answer.id;
};

const ended = async (id: string) => {
  const find = () => ports.jobs.get(id);
  await waitUntil(async () => (await find())?.endedAt !== null);
  return find();
};

const deploy = '/run Deploy place=production';

describe('the id of the next command is taken', () => {
  test('by a key of another repository: the command runs, once, and its reply shows it', async () => {
    const comment = write(deploy);
    const id = idOf(comment);
    const forged = await forge(
      'of-b',
      hello({ jobId: id, origin: { host: place.host, repository: { id: 75, name: 'acme/ops' } } }),
    );
    expect(forged).toBe(id);
    const turn = await deliver(comment, ports);
    expect(turn).toMatchObject({ reaction: 'eyes', sections: [{ kind: 'job' }] });
    const [section] = turn.sections;
    const own = section?.kind === 'job' ? section.job.id : '';
    expect(own).not.toBe(id);
    expect(await ended(own)).toMatchObject({
      request: { taskName: 'Deploy' },
      origin: claiming(comment, { notes: { requester: 1 } }),
    });
    expect(await ended(id)).toMatchObject({ request: { taskName: 'Hello' } });
    // Delivered again, it finds its own job.
    const again = await deliver(comment, ports);
    expect(again).toMatchObject({ news: false, sections: [{ kind: 'job', job: { id: own } }] });
    expect(ports.posted()).toContain(own);
    expect(ports.posted()).not.toContain(id);
  });

  test('by a key of the same repository for another task: the reply names the key, and what to do', async () => {
    const comment = write(deploy);
    const id = await forge('hello-of-a', hello({ jobId: idOf(comment), origin: claiming(comment) }));
    const turn = await deliver(comment, ports);
    expect(turn).toMatchObject({ reaction: 'confused', news: true, sections: [{ kind: 'refusal' }] });
    expect(ports.audited).toMatchObject([{ allowed: true, reason: 'id-taken', job: id }]);
    expect(ports.posted()).toContain(
      '😕 **`/run Deploy place=production`** was not started: another job (`run Hello who=x`), started by the key `greeter`, already has its id. To run the command, write it in a new comment.',
    );
    // Once the forged job has ended, nothing says that the command has.
    await ended(id);
    await deliver(comment, ports);
    expect([ports.bodies.size, ports.posted()]).toEqual([1, expect.stringContaining('was not started')]);
    expect(ports.posted()).not.toMatch(/✅|completed|failed/);

    const next = await deliver(write(deploy), ports);
    expect(next).toMatchObject({ reaction: 'eyes', sections: [{ kind: 'job' }] });
  });

  test.each<[what: string, more: (comment: IncomingComment) => object]>([
    ['without a host', (comment) => ({ origin: claiming(comment, { host: undefined }) })],
    ['as a job of nobody’s command', () => ({ origin: place })],
    [
      'as a step of a workflow',
      () => ({ origin: { ...place, workflow: { run: '1', job: 'j', step: 's' } } }),
    ],
    ['as a retry', (comment) => ({ origin: claiming(comment), retryOf: `job-${'0'.repeat(32)}` })],
    [
      'as a request for approval',
      (comment) => ({
        origin: claiming(comment),
        conditions: {
          locks: [],
          approval: {
            code: '0123456789',
            count: 1,
            expiresSeconds: 60,
            requester: { id: '1', name: 'octocat' },
          },
        },
      }),
    ],
  ])('%s: it is refused just so', async (_what, more) => {
    const comment = write(deploy);
    const id = await forge('hello-of-a', hello({ jobId: idOf(comment), ...more(comment) }));
    await deliver(comment, ports);
    expect(ports.posted()).toMatch(/was not started: another job .* started by the key `greeter`/);
    await jobsBy(platformKey).cancel(id, 'octocat');
  });

  test('under a host that looks alike, or is none: the command has an id of its own', async () => {
    for (const host of ['127.0.0.1:80', 'LOCALHOST', '127.0.0.１', 'github.com', '']) {
      const comment = write(deploy);
      const id = await forge(
        'hello-of-a',
        hello({ jobId: idOf(comment), origin: claiming(comment, { host }) }),
      );
      const turn = await deliver(comment, ports);
      const [section] = turn.sections;
      expect([host, section?.kind, section?.kind === 'job' && section.job.id !== id]).toEqual([
        host,
        'job',
        true,
      ]);
    }
  });

  test('for the very same request: it does not run twice, and the reply says who has started it', async () => {
    const comment = write('/run Hello who=x');
    const id = await forge('hello-of-a', hello({ jobId: idOf(comment), origin: claiming(comment) }));
    const turn = await deliver(comment, ports);
    expect(turn).toMatchObject({ reaction: 'confused', sections: [{ kind: 'refusal' }] });
    expect(ports.audited).toMatchObject([{ reason: 'started-elsewhere', job: id }]);
    expect(ports.posted()).toContain(
      `was not started again: the key \`greeter\` already started exactly this as \`${shortenJobId(id)}\`, but its progress is not shown here. To see its state, write \`/status ${shortenJobId(id)}\`. To run the command again, write it in a new comment.`,
    );
    const { jobs } = await ports.jobs.page({ thread: `74/${thread().number}` });
    expect(jobs.map((job) => job.id)).toEqual([id]);
  });

  test('by an entry, or by the bot under its former key: it is the command’s own job', async () => {
    const comment = write('/run Hello who=x');
    const former = { ...ports, jobs: jobsBy('former-bot') };
    await deliver(comment, former);
    // The caller that started it finds it again without another start.
    const again = await deliver(comment, former);
    expect(again).toMatchObject({ news: false, sections: [{ kind: 'job', job: { id: idOf(comment) } }] });
  });
});

const needsApproval = `version: 1
tasks: {Deploy: {approval: {from: {permission: maintain}}}}
`;
const pick = ({ policies }: FakeCommentPorts) => ({ policies });

describe('a forged job that says it is octocat’s', () => {
  let mine: IncomingComment;
  let forged: string;
  let approval: {
    code: string;
    count: number;
    expiresSeconds: number;
    requester: { id: string; name: string };
  };
  beforeEach(async () => {
    mine = write('Thanks!');
    const code = `k3x9q${String(comments).padStart(5, '0')}`;
    approval = { code, count: 1, expiresSeconds: 600, requester: { id: '1', name: 'octocat' } };
    const origin = claiming(mine, {
      command: '/run Deploy place=production',
      notes: {
        requester: 1,
        code: approval.code,
        approvers: { words: 'nobody at all', mentions: ['@victim'] },
        defaults: [{ name: 'place', value: 'harmless' }],
      },
    });
    forged = await forge('hello-of-a', hello({ origin, conditions: { locks: [], approval } }));
    await waitUntil(async () => (await ports.jobs.get(forged))?.state === 'waiting');
  });

  const claimed = '(according to the key `greeter`)';

  test('/status shows what it does, and whose word its person is', async () => {
    await deliver(write(`/status ${forged}`), ports);
    const posted = ports.posted();
    expect(posted).toContain('**`run Hello who=x`** is waiting for approval.');
    expect(posted).toContain(`\`octocat\` ${claimed}, who requested it, can't approve it`);
    expect(posted).toContain('defaults, image, script, locks and policy are according to the key `greeter`:');
    expect(posted).toContain('It was started by the key `greeter`.');
    expect(posted).not.toMatch(/Deploy|@victim|nobody at all|own reply/);
    await deliver(write('/status'), ports);
    expect(ports.posted()).toContain(
      `| \`run Hello who=x\` | ⏸️ is waiting for approval | \`octocat\` ${claimed} |`,
    );
    expect(ports.posted()).not.toContain('Deploy');
  });

  test('/approve lets go on what it does, and says what that is', async () => {
    await deliver(write('/approve', { author: people.mona }), ports);
    expect(ports.posted()).toContain(`| \`run Hello who=x\` | \`octocat\` ${claimed} |`);
    await deliver(write(`/approve ${approval.code}`), ports);
    expect([(await ports.jobs.get(forged))?.state, ports.posted()]).toEqual([
      'waiting',
      expect.stringContaining('😕'),
    ]);
    await deliver(write(`/approve ${approval.code}`, { author: people.mona }), ports);
    expect(ports.posted()).toContain(
      `👍 You approved \`run Hello who=x\` (\`${shortenJobId(forged)}\`). \`/status ${shortenJobId(forged)}\` shows its progress.`,
    );
  });

  test('with the code of a request that waits: /approve means the request', async () => {
    const asking = { ...ports, ...pick(createCommentPorts(needsApproval)), jobs: ports.jobs };
    const turn = await deliver(write(deploy), asking);
    const [section] = turn.sections;
    if (section?.kind !== 'job') throw new Error('no job');
    const { id, origin } = section.job;
    const { code } = parseNotes(origin);
    if (code === null) throw new Error('no code');
    await waitUntil(async () => (await ports.jobs.get(id))?.state === 'waiting');
    const same = { locks: [], approval: { ...approval, code } };
    const second = await forge(
      'hello-of-a',
      hello({ origin: { ...origin, notes: { code } }, conditions: same }),
    );
    await waitUntil(async () => (await ports.jobs.get(second))?.state === 'waiting');
    await deliver(write(`/approve ${code}`, { author: people.mona }), asking);
    expect(ports.posted()).toContain(
      `👍 You approved \`/run Deploy place=production\` ([\`${shortenJobId(id)}\`](/acme/ops/issues/`,
    );
    expect((await ports.jobs.get(second))?.state).toBe('waiting');
  });

  test('/cancel, /logs and /retry name it by what it does', async () => {
    await deliver(write(`/retry ${forged}`), ports);
    expect(ports.posted()).toContain(
      `was not started: \`run Hello who=x\` (\`${shortenJobId(forged)}\`) has not ended yet.`,
    );
    await deliver(write(`/cancel ${forged}`), ports);
    expect(ports.posted()).toContain(
      `is stopping \`run Hello who=x\` (\`${shortenJobId(forged)}\`). \`/status ${shortenJobId(forged)}\` shows`,
    );
    await ended(forged);
    await deliver(write(`/logs ${forged}`), ports);
    expect(ports.posted()).toContain('run Hello who=x');
    const turn = await deliver(write(`/retry ${forged}`), ports);
    const [section] = turn.sections;
    // The new job is the person's own: it does what the forged one did, and nothing that its origin says.
    expect(section).toMatchObject({ kind: 'job', job: { retryOf: forged, origin: { sender: 'octocat' } } });
    const job = section?.kind === 'job' ? await ports.jobs.get(section.job.id) : undefined;
    expect(job).toMatchObject({ request: { taskName: 'Hello', parameters: [{ name: 'who', value: 'x' }] } });
    expect(JSON.stringify(job?.origin)).not.toMatch(/Deploy|victim/);
    expect(ports.posted()).not.toContain('Deploy');
  });

  test('is not there for another repository, nor by its claims', async () => {
    const other = { ...thread(), repository: { id: 75, name: 'acme/ops' } };
    for (const command of [`/status ${forged}`, `/cancel ${forged}`, `/retry ${forged}`]) {
      await deliver(write(command, { thread: other }), ports);
      expect(ports.posted()).toContain('in this repository');
    }
    await deliver(write(`/approve ${approval.code}`, { thread: other, author: people.mona }), ports);
    expect(ports.posted()).toContain('has this code');
    expect((await ports.jobs.get(forged))?.state).toBe('waiting');
  });
});
