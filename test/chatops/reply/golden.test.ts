import { expect, test } from '@jest/globals';
import { readFile, writeFile } from 'node:fs/promises';
import type { Job } from '../../../compute/client/index.ts';
import { updateReply } from '../../../chatops/reply/index.ts';
import { compute, computed, task } from './jobs.ts';

/*
 * What people see, a file for each state: `golden/<name>.md`. `UPDATE_GOLDEN=1 npm test -- golden` writes them anew; the
 * diff is what to look at.
 */
const halfDone = { done: 420, failed: 0, total: 1000, workers: 0 };
const notYet = { startedAt: null, progress: null };
const nothing = { result: null, links: null };
const failures = [
  { block: 17, code: 'gave-up', message: 'five attempts ended with their worker' },
  { block: 40, code: 'compute-failed', message: 'division | by zero\nat x' },
];

const replies: Record<string, Job[]> = {
  queued: [compute({ state: 'queued', ...notYet })],
  waiting: [compute({ state: 'waiting', message: 'waits for an approval', ...notYet })],
  running: [compute()],
  'running-with-failures': [compute({ progress: { done: 418, failed: 2, total: 1000, workers: 1 } })],
  'running-task': [task({ state: 'running', result: null, endedAt: null })],
  completed: [computed()],
  'completed-nested-result': [computed({ result: { histogram: [1, 2], name: 'x' } })],
  'completed-task': [task()],
  'completed-with-failures': [
    computed({
      state: 'completed-with-failures',
      reason: 'blocks-failed',
      progress: { done: 986, failed: 14, total: 1000, workers: null },
      failures,
    }),
  ],
  failed: [
    computed({
      state: 'failed',
      reason: 'all-blocks-failed',
      progress: { done: 0, failed: 2, total: 2, workers: 0 },
      failures,
      ...nothing,
    }),
  ],
  'failed-task': [
    task({
      state: 'failed',
      reason: 'script-failed',
      message: 'The script ended with exit code 3',
      result: { exitCode: 3, signal: null, timedOut: false, logTail: 'a\n```\n/compute 5\n```\n@octocat' },
    }),
  ],
  'failed-runner-lost': [task({ state: 'failed', reason: 'runner-lost', ...nothing })],
  canceled: [
    computed({
      state: 'canceled',
      reason: 'canceled-by-user',
      endedBy: 'maria',
      progress: halfDone,
      ...nothing,
    }),
  ],
  'timed-out': [computed({ state: 'timed-out', reason: 'deadline', progress: halfDone, ...nothing })],
  'two-commands': [compute(), task()],
};

const file = (name: string): URL => new URL(`golden/${name}.md`, import.meta.url);

const expectGolden = async (name: string, body: string): Promise<void> => {
  if (process.env['UPDATE_GOLDEN']) await writeFile(file(name), `${body}\n`);
  expect(`${body}\n`).toBe(await readFile(file(name), 'utf8'));
};

const sectionsOf = (jobs: Job[]) => jobs.map((job, index) => ({ kind: 'job', index, job }) as const);

test.each(Object.entries(replies))('%s', async (name, jobs) => {
  await expectGolden(
    name,
    updateReply(undefined, { comment: 9, sections: sectionsOf(jobs), isPublic: false }).body,
  );
});

test('completed, on a public repository: names, no addresses', async () => {
  const { body } = updateReply(undefined, { comment: 9, sections: sectionsOf([computed()]), isPublic: true });
  await expectGolden('completed-public', body);
  expect(body).not.toMatch(/https?:|sig=/);
});
