import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { checkOutputs } from '../../cli/demo/outputs.ts';
import { follow } from '../../cli/thread/follow.ts';
import { jobOf, localPlatform, until, type LocalPlatform } from './local-platform.ts';

let platform: LocalPlatform;
beforeAll(async () => {
  platform = await localPlatform();
});
afterAll(() => platform.remove());

/** What is ended by SIGKILL, each once so many blocks are done. */
const kills: [doneBlocks: number, what: string][] = [
  [50, 'worker'],
  [150, 'azurite-blob'],
  [250, 'azurite-queue'],
  [300, 'bot'],
  [350, 'worker'],
  [400, 'the platform'],
];

test('whatever is killed during /compute 1000, 1000 of 1000 are done', async () => {
  const me = await platform.as('write');
  const { github } = await platform.file();
  const comment = await me.comment(github.issue, '/compute 1000');
  const { id } = await jobOf(platform, comment);
  for (const [doneBlocks, what] of kills) {
    const jobs = await platform.jobs();
    const job = await until(`${doneBlocks} blocks`, async () => {
      const now = await jobs.get(id);
      return now && (now.progress?.done ?? 0) >= doneBlocks && now;
    });
    expect(job.state).toBe('running');
    if (what === 'the platform') await platform.killPlatform();
    else expect(await platform.kill(what)).toBe(true);
  }
  await platform.start();
  const story = await follow(await platform.file(), me, github.issue, comment, () => {}, 120);
  expect(story.jobs).toMatchObject([
    { id, state: 'completed', progress: { done: 1000, failed: 0, total: 1000 } },
  ]);
  await expect(checkOutputs(story, 1000)).resolves.toContain('1000 outputs');
}, 180_000);

test('a platform killed in the middle of a task: its script ran once, and the reply says what is known', async () => {
  const me = await platform.as('write');
  const { github } = await platform.file();
  const comment = await me.comment(github.issue, '/run Countdown seconds=60');
  const { id } = await jobOf(platform, comment);
  const { orchestrator } = await platform.file();
  expect(orchestrator.url).toContain('127.0.0.1');
  await until('the runner', async () =>
    (await platform.file()).children.some(({ name }) => name === 'runner'),
  );
  await platform.killPlatform();
  await platform.start();
  const story = await follow(await platform.file(), me, github.issue, comment, () => {}, 120);
  expect(story.jobs).toMatchObject([{ id, state: 'failed', reason: 'runner-lost' }]);
  expect((await platform.file()).children.filter(({ name }) => name === 'runner')).toEqual([]);
}, 120_000);

test('Ctrl-C leaves no process, and the next start goes on with the job', async () => {
  const me = await platform.as('write');
  const { github } = await platform.file();
  const comment = await me.comment(github.issue, '/compute 300');
  const { id } = await jobOf(platform, comment);
  const jobs = await platform.jobs();
  await until('20 blocks', async () => ((await jobs.get(id))?.progress?.done ?? 0) >= 20);
  const { pid, children } = await platform.file();
  expect(children.length).toBeGreaterThan(3);
  expect(await platform.stop()).toBe(0);
  const alive = [pid, ...children.map((child) => child.pid)].filter((one) => isAlive(one));
  expect(alive).toEqual([]);
  await platform.start();
  const story = await follow(await platform.file(), me, github.issue, comment, () => {}, 120);
  expect(story.jobs).toMatchObject([{ id, state: 'completed', progress: { done: 300 } }]);
}, 120_000);

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};
