import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openStorage } from '../../compute/storage/open-storage.ts';
import { outputPrefix } from '../../contracts/blob-paths.ts';
import { waitForJob, startTestPlatform, waitUntil, type LocalPlatform } from '../fixtures/local-platform.ts';

let platform: LocalPlatform;
beforeAll(async () => {
  platform = await startTestPlatform();
});
afterAll(() => platform.remove());

describe('mistakes start nothing and say what to do', () => {
  test.each([
    ['/compute 0', /1 to 10/],
    ['/compute -1', /1 to 10/],
    ['/compute 1e9', /1e9/],
    ['/compute abc', /abc/],
    ['/compute 100000000', /10.?000.?000/],
    ['/compute 30000 blockSize=1', /20.?000/],
    ['/compute 10 algorithm=nope', /nope/],
    ['/run Nope', /Nope/],
    ['/run Helo who=x', /Hello/],
    ['/run Hello', /who/],
    ['/run Hello who=x colour=red', /colour/],
    ['/comptue 5', /\/compute/],
    ['/cox nope', /help/],
  ])('%s', async (body, said) => {
    const { jobs, reply, reactions } = await platform.say(body);
    expect(jobs).toEqual([]);
    expect(reply?.body).toMatch(said);
    expect(reactions).toContain('confused');
  });

  test('a user with read access starts nothing', async () => {
    const { jobs, reply, reactions } = await platform.say('/compute 10', 'read');
    expect(jobs).toEqual([]);
    expect(reply?.body).toMatch(/write/);
    expect(reactions).toContain('confused');
  });
});

test('several commands in a comment: each has its part of the one reply', async () => {
  const { jobs, reply } = await platform.say(
    'Please:\n/compute 30\n/run Hello who="a `b` @mona"\n/run Nope\n/compute 30',
  );
  expect(jobs.map(({ kind, state }) => `${kind} ${state}`)).toEqual([
    'compute completed',
    'task completed',
    'compute completed',
  ]);
  expect(reply?.body).toContain('Nope');
});

test('/help and /tasks answer at once and start nothing', async () => {
  const help = await platform.say('/help', 'read');
  expect(help.reply?.body).toContain('/compute');
  const tasks = await platform.say('/tasks', 'read');
  expect(tasks.reply?.body).toContain('StopVM');
  expect([...help.jobs, ...tasks.jobs]).toEqual([]);
});

test('a job that ends before its first reply is written reaches the last reaction every time', async () => {
  const { storage } = await platform.file();
  const task = {
    taskName: 'Broken',
    description: 'Has no script.',
    dockerImage: 'coxswain-runner:latest',
    scriptName: 'missing.sh',
    scriptParameters: [],
  };
  const { blobs } = openStorage(storage.connectionString);
  await blobs.put('tasks/Broken.json', Buffer.from(JSON.stringify(task)), 'application/json');
  for (let n = 0; n < 6; n += 1) {
    const { comment, jobs, reply } = await platform.say('/run Broken');
    expect(jobs.map(({ state }) => state)).toEqual(['failed']);
    expect(reply?.body).toContain('failed');
    const me = await platform.as('write');
    await waitUntil('the last reaction', async () => (await me.reactions(comment.id)).includes('confused'));
  }
}, 300_000);

test('/cancel in the middle of /compute 10000: no worker computes for it afterwards, and the reply says who canceled it and how much was done', async () => {
  const me = await platform.as('write');
  const { github, storage } = await platform.file();
  const comment = await me.comment(github.issue, '/compute 10000 blockSize=10');
  const { id } = await waitForJob(platform, comment);
  const jobs = await platform.jobs();
  await waitUntil('some blocks', async () => ((await jobs.get(id))?.progress?.done ?? 0) >= 30);
  await platform.say('/cancel', 'maintain');
  const job = await waitUntil('the end', async () => {
    const now = await jobs.get(id);
    return now?.state === 'canceled' && now;
  });
  expect(job).toMatchObject({
    reason: 'canceled-by-user',
    endedBy: expect.stringMatching(/\w/),
    progress: { total: 1000 },
  });
  const { blobs, input } = openStorage(storage.connectionString);
  await waitUntil('an empty queue', async () => (await input.length()) === 0);
  const outputs = async () => (await Array.fromAsync(blobs.list(outputPrefix(id)))).length;
  const before = await outputs();
  // Another job uses the same queue: a worker that still processed the canceled job would write in the meantime.
  await platform.say('/compute 40');
  expect(await outputs()).toBe(before);
  expect(before).toBeLessThan(1000);
  const reply = await waitUntil('the reply', async () => {
    const comments = await me.commentsSince(github.issue, comment);
    return comments.find(({ body }) => body.includes(`"comment":${comment.id},`) && /[Cc]anceled/.test(body));
  });
  expect(reply.body).toContain(job.endedBy ?? '');
}, 300_000);
