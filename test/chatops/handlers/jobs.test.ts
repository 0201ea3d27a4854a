import { describe, expect, test } from '@jest/globals';
import { shortenJobId } from '../../../contracts/ids.ts';
import type { Job } from '../../../compute/client/index.ts';
import { buildComment, people } from '../../fixtures/incoming-comments.ts';
import { deliver, createCommentPorts, listStarts, type FakeCommentPorts } from '../../fakes/comment-ports.ts';

const second = (n: number): string => buildComment('', n).comment.createdAt;

/** Changes a scene's newest job. */
const move = ({ jobs }: FakeCommentPorts, change: Partial<Job>): string => {
  const [id, job] = [...jobs.all].at(-1) as [string, Job];
  jobs.all.set(id, { ...job, ...change });
  return id;
};

const canceled = ({ jobs }: FakeCommentPorts): string[] =>
  jobs.calls.filter((call) => call.startsWith('cancel')).map((call) => call.slice('cancel '.length));

describe('/cancel', () => {
  test('stops the only job of the thread that had not ended when it was written, on whatever page', async () => {
    const ports = createCommentPorts();
    await deliver(buildComment('/compute 1', 1), ports);
    const id = move(ports, {});
    for (const n of [2, 3, 4, 5]) {
      await deliver(buildComment(`/compute ${n}`, n), ports);
      move(ports, { state: 'completed', endedAt: second(10) });
    }
    await deliver(buildComment('/cancel', 20), ports);
    expect(canceled(ports)).toEqual([id]);
  });

  test('several could be meant: none is stopped, and each is listed with its command', async () => {
    const ports = createCommentPorts();
    await deliver(buildComment('/compute 1\n/compute 2', 1), ports);
    const turn = await deliver(buildComment('/cancel', 20), ports);
    expect([turn.reaction, canceled(ports)]).toEqual(['confused', []]);
    for (const id of ports.jobs.all.keys()) expect(ports.posted()).toContain(`/cancel ${shortenJobId(id)}`);
  });

  test('delivered late it leaves newer jobs alone', async () => {
    const ports = createCommentPorts();
    await deliver(buildComment('/compute 1', 25), ports);
    await deliver(buildComment('/cancel', 20), ports);
    expect(canceled(ports)).toEqual([]);
  });

  test('a job that has ended since it was written is the one that was meant', async () => {
    const ports = createCommentPorts();
    await deliver(buildComment('/compute 1', 1), ports);
    move(ports, { state: 'completed', endedAt: second(21) });
    const turn = await deliver(buildComment('/cancel', 20), ports);
    expect([turn.reaction, canceled(ports)]).toEqual(['confused', []]);
    expect(ports.posted()).toContain('too late');
  });

  test('one that ends in the meantime by the same command is told as canceled', async () => {
    const ports = createCommentPorts();
    await deliver(buildComment('/compute 1', 1), ports);
    const end = { state: 'canceled', endedBy: 'octocat', endedAt: second(21) } as const;
    const jobs = { ...ports.jobs, cancel: async () => (move(ports, end), 'ended' as const) };
    expect((await deliver(buildComment('/cancel', 20), { ...ports, jobs })).reaction).toBe('eyes');
  });

  test('by the requester even where he may run nothing any more; by nobody else without the right', async () => {
    const ports = createCommentPorts();
    await deliver(buildComment('/compute 1', 1), ports);
    const denied = await deliver(buildComment('/cancel', 20, { author: people.rhea }), ports);
    expect([denied.reaction, canceled(ports)]).toEqual(['confused', []]);
    ports.levels['octocat'] = 'read';
    await deliver(buildComment('/cancel', 21), ports);
    expect(canceled(ports)).toHaveLength(1);
  });
});

describe('the short form of a job’s id', () => {
  test.each(['cancel', 'retry', 'logs', 'status'])('/%s finds the job by it', async (name) => {
    const ports = createCommentPorts();
    await deliver(buildComment('/run Hello who=me', 1), ports);
    const id = move(ports, name === 'retry' ? { state: 'failed', endedAt: second(10) } : {});
    const turn = await deliver(buildComment(`/${name} ${shortenJobId(id)}`, 20), ports);
    expect([turn.reaction, ports.audited.at(-1)]).toEqual([
      'eyes',
      expect.objectContaining({ allowed: true }),
    ]);
    if (name === 'retry') expect([...ports.jobs.requests.values()].at(-1)).toMatchObject({ retryOf: id });
    else expect(ports.audited.at(-1)?.job).toBe(id);
  });

  test('a redelivered /retry by it runs nothing again', async () => {
    const ports = createCommentPorts();
    await deliver(buildComment('/run Hello who=me', 1), ports);
    const id = move(ports, { state: 'failed', endedAt: second(10) });
    const comment = buildComment(`/retry ${shortenJobId(id)}`, 20);
    await deliver(comment, ports);
    await deliver(comment, ports);
    expect(ports.jobs.all.size).toBe(2);
  });

  test('does nothing if it is ambiguous, and lists the jobs by their whole ids', async () => {
    const ports = createCommentPorts();
    await deliver(buildComment('/compute 5', 1), ports);
    const [[id, job]] = [...ports.jobs.all] as [[string, Job]];
    const other = `${shortenJobId(id)}${'0'.repeat(24)}`;
    ports.jobs.all.set(other, { ...job, id: other });
    const turn = await deliver(buildComment(`/cancel ${shortenJobId(id)}`, 20), ports);
    expect([turn.reaction, canceled(ports)]).toEqual(['confused', []]);
    for (const each of [id, other]) expect(ports.posted()).toContain(`/cancel ${each}`);
    await deliver(buildComment(`/cancel ${other}`, 21), ports);
    expect(canceled(ports)).toEqual([other]);
  });

  test('of another repository’s job is not found', async () => {
    const ports = createCommentPorts();
    await deliver(buildComment('/compute 5', 1), ports);
    const [id] = [...ports.jobs.all.keys()];
    const comment = buildComment(`/cancel ${shortenJobId(String(id))}`, 20, elsewhere);
    expect((await deliver(comment, ports)).reaction).toBe('confused');
    expect(canceled(ports)).toEqual([]);
  });
});

const elsewhere = {
  thread: { repository: { id: 2, name: 'acme/other' }, number: 7, kind: 'issue' },
} as const;

test.each(['cancel', 'retry', 'logs', 'status'])(
  '/%s of another repository’s job: not found',
  async (name) => {
    const ports = createCommentPorts();
    await deliver(buildComment('/run Hello who=me', 1), ports);
    const id = move(ports, {});
    const turn = await deliver(buildComment(`/${name} ${id}`, 20, elsewhere), ports);
    expect([turn.reaction, canceled(ports), listStarts(ports)]).toEqual([
      'confused',
      [],
      ['/run Hello who=me'],
    ]);
    expect(ports.posted()).toContain(id);
    expect(ports.posted()).not.toContain('Stopping');
    await deliver(buildComment(`/${name} job-${'9'.repeat(32)}`, 21), ports);
    expect(ports.posted()).toContain(`job-${'9'.repeat(32)}`);
  },
);

describe('/logs and /status', () => {
  test('the log of the newest task of the thread, for who may run it', async () => {
    const ports = createCommentPorts();
    await deliver(buildComment('/run Hello who=me\n/compute 5', 1), ports);
    await deliver(buildComment('/logs', 20), ports);
    expect(ports.posted()).toContain('Stopping');
    const turn = await deliver(buildComment('/logs', 21, { author: people.rhea }), ports);
    expect([turn.reaction, ports.posted()]).toEqual(['confused', expect.not.stringContaining('Stopping')]);
  });

  test('all jobs of the thread, or one', async () => {
    const ports = createCommentPorts();
    await deliver(buildComment('/run Hello who=me\n/compute 5', 1), ports);
    await deliver(buildComment('/status', 20), ports);
    expect(ports.posted()).toMatch(/Hello[^]*compute 5|compute 5[^]*Hello/);
    const [id] = [...ports.jobs.all.keys()];
    await deliver(buildComment(`/status ${id}`, 21), ports);
    expect(ports.posted()).toContain(shortenJobId(String(id)));
    expect(ports.posted()).toMatch(/is queued/);
  });
});

describe('/retry', () => {
  const failed = { state: 'completed-with-failures', reason: 'blocks-failed', endedAt: second(10) } as const;

  test('asks anew for the only job of the thread that ended badly', async () => {
    const ports = createCommentPorts();
    await deliver(buildComment('/compute 5 samples=7', 1), ports);
    const id = move(ports, failed);
    await deliver(buildComment('/compute 6', 2), ports);
    move(ports, { state: 'completed', endedAt: second(10) });
    const comment = buildComment('/retry', 20);
    await deliver(comment, ports);
    await deliver(comment, ports);
    expect([...ports.jobs.requests.values()].at(-1)).toMatchObject({
      kind: 'compute',
      inputCount: 5,
      parameters: { samples: '7' },
      retryOf: id,
    });
    expect(ports.jobs.all.size).toBe(3);
    expect(ports.posted()).toContain(
      `a retry of [\`${shortenJobId(id)}\`](/acme/ops/issues/7#issuecomment-1)`,
    );
    // What was retried is no candidate any more.
    expect((await deliver(buildComment('/retry', 21), ports)).reaction).toBe('confused');
  });

  test('is held against the policy of now, and the rights of its writer', async () => {
    const ports = createCommentPorts();
    await deliver(buildComment('/run Hello who=me', 1), ports);
    const id = move(ports, { state: 'failed', reason: 'script-failed', endedAt: second(10) });
    await deliver(buildComment('/retry', 20, { author: people.rhea }), ports);
    expect(ports.jobs.all.size).toBe(1);
    const text = 'version: 1\ntasks: {Hello: {approval: {from: {permission: maintain}}}}';
    await deliver(buildComment(`/retry ${id}`, 21), {
      ...ports,
      policies: createCommentPorts(text).policies,
    });
    expect([...ports.jobs.requests.values()].at(-1)).toMatchObject({
      taskName: 'Hello',
      parameters: [{ name: 'who', value: 'me' }],
      conditions: { approval: { count: 1 } },
    });
  });

  test('warns whoever approves it of the same values', async () => {
    const ports = createCommentPorts();
    await deliver(buildComment('/run Hello who=w\u0435b', 1), ports);
    const id = move(ports, { state: 'failed', reason: 'script-failed', endedAt: second(10) });
    const text = 'version: 1\ntasks: {Hello: {approval: {from: {permission: maintain}}}}';
    await deliver(buildComment(`/retry ${id}`, 20), {
      ...ports,
      policies: createCommentPorts(text).policies,
    });
    const [, again] = [...ports.jobs.requests.values()];
    expect(again?.origin?.['notes']).toMatchObject({
      warnings: ['The value of who mixes Latin and Cyrillic letters'],
    });
  });

  test.each([
    ['runs still', { state: 'running', endedAt: null }],
    ['has completed', { state: 'completed', endedAt: second(10) }],
  ] as const)('what %s is not retried', async (_what, change) => {
    const ports = createCommentPorts();
    await deliver(buildComment('/compute 5', 1), ports);
    const id = move(ports, change);
    const turn = await deliver(buildComment(`/retry ${id}`, 20), ports);
    expect([turn.reaction, ports.jobs.all.size]).toEqual(['confused', 1]);
  });

  test('a task that was given a secret has to be written again', async () => {
    const ports = createCommentPorts();
    await deliver(buildComment('/run StopVM VMName=a Token=hunter2', 1), ports);
    const id = move(ports, { state: 'failed', endedAt: second(10) });
    await deliver(buildComment(`/retry ${id}`, 20), ports);
    expect([ports.jobs.all.size, ports.posted()]).toEqual([1, expect.not.stringContaining('hunter2')]);
  });
});

test('/retry of a task whose values were all masked, for its definition was not valid then: nothing runs with the masks', async () => {
  const ports = createCommentPorts();
  await deliver(buildComment('/run Hello who=me', 1), ports);
  const masked = { taskName: 'Hello', parameters: [{ name: 'who', value: '***' }] };
  const id = move(ports, {
    state: 'failed',
    reason: 'definition-invalid',
    request: masked,
    endedAt: second(10),
  });
  const turn = await deliver(buildComment(`/retry ${id}`, 20), ports);
  expect([turn.reaction, ports.jobs.all.size]).toEqual(['confused', 1]);
});

describe('locks', () => {
  const by = (author: (typeof people)['mona' | 'octocat' | 'rhea'], body: string, id: number) =>
    buildComment(body, id, { author });

  test('a person takes one, everyone sees it, another lets go of it who may', async () => {
    const ports = createCommentPorts();
    await deliver(by(people.octocat, '/lock VM/Web-1 reason="disk swap"', 10), ports);
    await deliver(by(people.rhea, '/locks', 11), ports);
    expect(ports.posted()).toMatch(/vm\/web-1[^]*octocat[^]*disk swap/);
    expect((await deliver(by(people.mona, '/lock vm/web-1', 12), ports)).reaction).toBe('confused');
    expect((await deliver(by(people.rhea, '/unlock vm/web-1', 13), ports)).reaction).toBe('confused');
    expect((await deliver(by(people.mona, '/unlock vm/web-1', 14), ports)).reaction).toBe('eyes');
    expect(ports.posted()).toMatch(/It was held by @octocat since .*, because `disk swap`/);
    expect((await deliver(by(people.mona, '/unlock vm/web-1', 15), ports)).reaction).toBe('confused');
  });

  test('an /unlock that is delivered late leaves a lock alone that was taken after it was written', async () => {
    const ports = createCommentPorts();
    await deliver(by(people.octocat, '/lock vm/web-1', 10), ports);
    const late = by(people.mona, '/unlock vm/web-1', 12);
    const written = '2026-03-01T11:00:00Z';
    const turn = await deliver({ ...late, comment: { ...late.comment, createdAt: written } }, ports);
    expect([turn.reaction, ports.posted()]).toEqual(['confused', expect.stringContaining('octocat')]);
    expect(await ports.locks.list('github.com/1')).toHaveLength(1);
  });

  test('one’s own lock is let go of even without the right to take one', async () => {
    const ports = createCommentPorts();
    await deliver(by(people.octocat, '/lock vm/web-1', 10), ports);
    ports.levels['octocat'] = 'read';
    expect((await deliver(by(people.octocat, '/lock vm/web-2', 11), ports)).reaction).toBe('confused');
    expect((await deliver(by(people.octocat, '/unlock vm/web-1', 12), ports)).reaction).toBe('eyes');
  });
});
