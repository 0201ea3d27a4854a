import { expect, test } from '@jest/globals';
import type { Job } from '../../../compute/client/index.ts';
import { renderJobList } from '../../../chatops/reply/answers/index.ts';
import { foldAnswers, refreshReply, updateReply } from '../../../chatops/reply/render-reply.ts';
import {
  jobAwaitingApproval,
  computeJob,
  finishedComputeJob,
  jobId,
  commandKey,
  mona,
  jobAwaitingLock,
  taskFiles,
  taskJob,
} from '../../fixtures/jobs.ts';
import { expectGolden } from './golden-file.ts';

/*
 * What people see, a file for each state: `golden/<name>.md`. `UPDATE_GOLDEN=1 npm test -- golden` rewrites them; review
 * the diff.
 */
const halfDone = { done: 420, failed: 0, total: 1000, workers: 0 };
const since = '2026-03-01T12:00:02Z';
const running = { result: null, links: null, endedAt: null };
const notYet = { startedAt: null, progress: null };
const nothing = { result: null, links: null };
const failures = [
  { block: 17, code: 'gave-up', message: 'five attempts ended with their worker' },
  { block: 40, code: 'compute-failed', message: 'division | by zero\nat x' },
];

const { result: _result, ...partialLinks } = finishedComputeJob().links ?? {};

const late = { updatedAt: '2026-03-01T12:30:00Z' };
const twice = jobAwaitingApproval({
  request: {
    algorithm: 'score',
    inputCount: 1200,
    blockSize: 4,
    timeoutSeconds: 86_400,
    parameters: { scale: 'pаypal' },
  },
  kind: 'compute',
  approvals: [{ by: mona, at: '2026-03-01T12:05:00Z' }],
  waiting: {
    for: 'approval',
    code: 'k3x9q2m7pa',
    count: 2,
    requester: { id: '1', name: 'octocat' },
    expiresAt: '2026-03-01T16:00:00Z',
  },
  origin: {
    ...computeJob().origin,
    command: '/compute inputs=data/points.jsonl',
    notes: {
      approvers: { words: '**maintain** access', mentions: [] },
      prefix: 'crew',
      inputs: { path: 'data/points.jsonl', commit: '0123456789abcdef0123456789abcdef01234567' },
      warnings: ['The value of scale mixes Latin and Cyrillic letters'],
    },
  },
});

const summary = `# Sales of October

Sales grew by **4.2 %** in *three* regions, see [the dashboard](https://dash.example.org/d/1).

| Region | Orders | Sales |
|:-------|-------:|------:|
| North | 1 204 | €18.200 |
| South | 988 | €9.100 |

- [x] data complete
- [ ] checked by @mona
`;
const report = taskJob({
  origin: { ...taskJob().origin, command: '/run Report month=2026-10' },
  files: taskFiles(
    { 'by-day.csv': 1_930, 'by_region.png': 48_211, 'model.tar.gz': 7_340_032, 'summary.md': 301 },
    {
      summary,
      tables: [
        {
          name: 'by-day.csv',
          header: ['day', 'orders', 'sales', 'note'],
          rows: [
            ['2026-10-01', '71', '1204.50', ''],
            ['2026-10-02', '64', '980.00', 'half a day | fixes #3'],
            ['2026-10-03', '1207', '20110.75', 'sale of @acme/ops'],
          ],
          truncated: true,
        },
      ],
    },
  ),
});
const hostileSummary = `<!-- coxswain {"v":1,"comment":9,"jobs":[],"state":"00000000"} -->
/compute 5
@octocat @acme/ops fixes #1, closes acme/ops#2, GH-3, deadbeef12 www.example.org https://example.org?sig=abc
mona@example.org :tada: $x^2$ [^1] ![pixel](https://evil.example/p.png) <img src="https://evil.example/p.png">

> [!CAUTION]
> \`\`\`
> cox run Deploy

<details><summary>All is well</summary>

- [ ] /approve k3x9q2m7pa

\`\`\`mermaid
click here
/lgtm
\`\`\`

---

[a]: https://example.org
[^1]: a footnote
`;
const failedTask = (exitCode: number, logTail: string): Job =>
  taskJob({
    state: 'failed',
    reason: 'script-failed',
    message: `The script ended with exit code ${exitCode}`,
    result: { exitCode, signal: null, timedOut: false, logTail },
  });

const replies: Record<string, Job[]> = {
  queued: [computeJob({ state: 'queued', ...notYet })],
  'waiting-for-approval': [jobAwaitingApproval()],
  'waiting-for-two-approvals': [twice],
  'waiting-for-approval-before-a-lock': [
    jobAwaitingApproval({
      origin: {
        ...jobAwaitingApproval().origin,
        notes: {
          ...(jobAwaitingApproval().origin['notes'] as object),
          locks: [
            {
              key: 'vm/web-1',
              when: 'queue',
              slots: null,
              holders: [{ kind: 'person', person: mona, reason: 'new disks', since: '2026-03-01T11:00:00Z' }],
              more: 0,
              elsewhere: 0,
              waiting: 2,
            },
            { key: 'zone/eu', when: 'refuse', slots: 3, holders: [], more: 0, elsewhere: 0, waiting: 0 },
          ],
        },
      },
    }),
  ],
  'waiting-for-a-lock': [jobAwaitingLock()],
  'waiting-for-a-job': [
    jobAwaitingLock({ holders: [{ kind: 'job', job: jobId('c'), since: '2026-03-01T11:00:00Z' }], ahead: 0 }),
  ],
  'waiting-for-a-lock-of-the-task': [jobAwaitingLock({ scope: 'tasks' })],
  'waiting-for-a-job-of-another-repository': [
    jobAwaitingLock({ scope: 'tasks', holders: [], elsewhere: 1, ahead: 0 }),
  ],
  'waiting-for-a-lock-with-slots': [jobAwaitingLock({ slots: 3 })],
  'waiting-for-a-lock-held-here-and-elsewhere': [jobAwaitingLock({ scope: 'tasks', slots: 3, elsewhere: 2 })],
  'waiting-for-the-only-place': [
    jobAwaitingLock({
      scope: 'github.com/1#concurrent',
      holders: [{ kind: 'job', job: jobId('c'), since: '2026-03-01T11:00:00Z' }],
      ahead: 0,
    }),
  ],
  'waiting-for-a-place': [
    jobAwaitingLock({
      scope: 'github.com/1#concurrent',
      key: 'task/stopvm',
      slots: 2,
      holders: ['c', 'd'].map((digit) => ({ kind: 'job', job: jobId(digit), since: '2026-03-01T11:00:00Z' })),
      ahead: 1,
    }),
  ],
  approved: [
    taskJob({ ...twice, ...late, waiting: null, state: 'running', startedAt: '2026-03-01T12:30:00Z' }),
  ],
  rejected: [
    jobAwaitingApproval({
      ...late,
      waiting: null,
      state: 'canceled',
      reason: 'rejected',
      message: 'not on a Friday @octocat',
      endedBy: 'mona',
      endedAt: '2026-03-01T12:30:00Z',
    }),
  ],
  'retry-in-a-crowd': [
    computeJob({
      retryOf: jobId('c'),
      origin: {
        ...computeJob().origin,
        command: `/retry ${jobId('c')}`,
        notes: {
          comments: 2417,
          retried: {
            thread: { number: 5, kind: 'pull-request' },
            comment: { id: 8, createdAt: '2026-03-01T11:00:00Z' },
          },
        },
      },
    }),
  ],
  running: [computeJob()],
  'running-with-failures': [computeJob({ progress: { done: 418, failed: 2, total: 1000, workers: 1 } })],
  'running-task-with-last-lines': [
    taskJob({
      state: 'running',
      result: null,
      endedAt: null,
      lastLines: '\ncopying 1\rcopying 2\rcopying 3\ncopied\n```\n@octocat /compute 5\n',
    }),
  ],
  'completed-task-with-a-long-log': [
    taskJob({
      result: {
        exitCode: 0,
        signal: null,
        timedOut: false,
        logTail: Array.from({ length: 6 }, (_, n) => `line ${n + 1}\n`).join(''),
      },
    }),
  ],
  'running-task': [taskJob({ state: 'running', result: null, endedAt: null })],
  completed: [finishedComputeJob()],
  'completed-nested-result': [finishedComputeJob({ result: { histogram: [1, 2], name: 'x' } })],
  'completed-task': [taskJob()],
  'completed-with-failures': [
    finishedComputeJob({
      state: 'completed-with-failures',
      reason: 'blocks-failed',
      progress: { done: 986, failed: 14, total: 1000, workers: null },
      failures,
    }),
  ],
  failed: [
    finishedComputeJob({
      state: 'failed',
      reason: 'all-blocks-failed',
      progress: { done: 0, failed: 2, total: 2, workers: 0 },
      failures,
      ...nothing,
    }),
  ],
  'failed-with-equal-errors': [
    finishedComputeJob({
      state: 'completed-with-failures',
      reason: 'blocks-failed',
      request: { algorithm: 'score', inputCount: 10_000, blockSize: 10 },
      progress: { done: 980, failed: 20, total: 1000, workers: null },
      failures: [
        ...[0, 1, 2, 3, 5, 6, 7, 9, 12].map((block) => ({
          block,
          code: 'compute-failed',
          message: 'division by zero',
        })),
        { block: 4, code: 'gave-up', message: 'five attempts ended with their worker' },
      ],
    }),
  ],
  'failed-without-a-result': [
    finishedComputeJob({
      state: 'failed',
      reason: 'all-blocks-failed',
      progress: { done: 0, failed: 1000, total: 1000, workers: null },
      failures: failures.slice(0, 1),
      result: null,
    }),
  ],
  'not-approved-in-time': [
    jobAwaitingApproval({
      ...late,
      waiting: null,
      state: 'timed-out',
      reason: 'approval-expired',
      endedAt: '2026-03-01T16:00:00Z',
    }),
  ],
  'lock-taken': [
    jobAwaitingApproval({
      ...late,
      waiting: null,
      state: 'failed',
      reason: 'lock-taken',
      endedAt: '2026-03-01T12:30:00Z',
    }),
  ],
  'canceled-task': [
    taskJob({
      state: 'canceled',
      reason: 'canceled-by-user',
      endedBy: 'maria',
      result: { exitCode: null, signal: null, timedOut: false, logTail: 'Hello\n' },
    }),
  ],
  'canceled-with-partial-outputs': [
    finishedComputeJob({
      state: 'canceled',
      reason: 'canceled-by-user',
      endedBy: 'maria',
      progress: halfDone,
      result: null,
      links: partialLinks,
    }),
  ],
  'failed-task': [
    taskJob({
      state: 'failed',
      reason: 'script-failed',
      message: 'The script ended with exit code 3',
      result: { exitCode: 3, signal: null, timedOut: false, logTail: 'a\n```\n/compute 5\n```\n@octocat' },
    }),
  ],
  'failed-task-with-a-long-log': [
    failedTask(1, Array.from({ length: 60 }, (_, n) => `line ${n + 1}`).join('\n')),
  ],
  'failed-task-program-missing': [failedTask(127, '../script: line 3: az: command not found\n')],
  'failed-task-program-not-executable': [failedTask(126, '../script: line 3: ./deploy: Permission denied\n')],
  'timed-out-task': [
    taskJob({
      state: 'timed-out',
      reason: 'deadline',
      result: { exitCode: null, signal: 'SIGKILL', timedOut: true, logTail: 'waiting …\n'.repeat(7) },
    }),
  ],
  'failed-to-launch': [
    taskJob({
      state: 'failed',
      reason: 'launch-failed',
      message: 'The script could not be started (ENOENT).',
      result: {
        exitCode: null,
        signal: null,
        timedOut: false,
        logTail: 'The script could not be started (ENOENT).\n',
      },
    }),
  ],
  'task-starting': [taskJob({ state: 'running', ...running, launch: { waitingFor: null, since } })],
  'task-waiting-for-launch': [
    taskJob({
      state: 'running',
      ...running,
      launch: { waitingFor: 'a free container group: the limit of 100 is reached', since },
    }),
  ],
  'task-waiting-for-hostile-launch': [
    taskJob({
      state: 'running',
      ...running,
      launch: { waitingFor: '@mona: [x](https://evil.example)\n\n/run Other', since },
    }),
  ],
  'failed-not-started-in-time': [
    taskJob({
      state: 'failed',
      reason: 'launch-failed',
      message:
        'The script did not start within 15 min after the launch of its runner. The image crew.azurecr.io/tools:1 cannot be pulled.\n{"level":50,"msg":"@mona ``` no storage"}\nSegmentation fault',
      ...nothing,
    }),
  ],
  'failed-runner-lost': [taskJob({ state: 'failed', reason: 'runner-lost', ...nothing })],
  'canceled-before-it-began': [
    computeJob({
      state: 'canceled',
      reason: 'canceled-by-user',
      endedAt: '2026-03-01T12:01:12Z',
      endedBy: 'maria',
      ...notYet,
      ...nothing,
    }),
  ],
  canceled: [
    finishedComputeJob({
      state: 'canceled',
      reason: 'canceled-by-user',
      endedBy: 'maria',
      progress: halfDone,
      ...nothing,
    }),
  ],
  'timed-out': [
    finishedComputeJob({ state: 'timed-out', reason: 'deadline', progress: halfDone, ...nothing }),
  ],
  'completed-with-files': [report],
  'completed-with-many-files': [
    taskJob({
      files: taskFiles(
        Object.fromEntries(Array.from({ length: 12 }, (_, n) => [`part-${n}.json`, 1_500 * n])),
        {
          omitted: [
            { name: 'huge.bin', bytes: 1_288_490_189, reason: 'too-large' },
            { name: 'two words\u202e', bytes: 12, reason: 'bad-name' },
            { name: 'core', bytes: null, reason: 'not-a-file' },
            { name: 'part-12.json', bytes: 4_096, reason: 'too-many' },
            { name: 'part-13.json', bytes: 4_096, reason: 'too-many' },
          ],
          omittedCount: 9_981,
        },
      ),
    }),
  ],
  'completed-with-a-hostile-summary': [taskJob({ files: taskFiles({}, { summary: hostileSummary }) })],
  'canceled-with-files': [
    taskJob({
      state: 'canceled',
      reason: 'canceled-by-user',
      endedBy: 'maria',
      result: null,
      files: taskFiles(
        { 'part-0.json': 1_500 },
        {
          omitted: [
            { name: 'model.bin', bytes: 94_371_840, reason: 'not-delivered' },
            { name: 'part-1.json', bytes: 1_500, reason: 'not-delivered' },
          ],
          omittedCount: 2,
        },
      ),
    }),
  ],
  'as-written': [
    computeJob({
      origin: {
        ...computeJob().origin,
        command: '/compute 1000 samples=50000 seed=7',
        notes: { written: '/Compute 1000 seed="7" samples=50000' },
      },
    }),
  ],
  'two-commands': [computeJob(), taskJob()],
};

const sectionsOf = (jobs: Job[]) =>
  jobs.map((job, index) => ({ kind: 'job', key: commandKey(index), index, job }) as const);

test.each(Object.entries(replies))('%s', async (name, jobs) => {
  await expectGolden(
    name,
    updateReply(undefined, { comment: 9, sections: sectionsOf(jobs), isPublic: false, keep: 'jobs' }).body,
  );
});

test.each([
  ['completed-public', finishedComputeJob()],
  ['completed-with-files-public', report],
])('%s: names, no addresses', async (name, job) => {
  const { body } = updateReply(undefined, {
    comment: 9,
    sections: sectionsOf([job]),
    isPublic: true,
    keep: 'jobs',
  });
  await expectGolden(name, body);
  expect(body).not.toMatch(/crew\.blob|sig=/);
});

test('a job and an answer that a newer one folds', async () => {
  const answer = {
    kind: 'answer',
    key: commandKey(1),
    index: 1,
    markdown: renderJobList([computeJob()], 0),
  } as const;
  const reads = { by: 1, what: { [commandKey(1)]: 'status' } };
  const { body } = updateReply(undefined, {
    comment: 9,
    sections: [...sectionsOf([computeJob()]), answer],
    isPublic: false,
    keep: 'jobs',
    reads,
  });
  await expectGolden('folded-answer', foldAnswers(body, new Set(['status']))?.body ?? '');
});

test('an approval that is decided mentions nobody', async () => {
  const { body } = refreshReply(undefined, { comment: 9, jobs: [jobAwaitingApproval()], isPublic: false });
  expect(body).toMatch(/^For approval by @/);
  const decided = refreshReply(body, { comment: 9, jobs: [jobAwaitingLock()], isPublic: false });
  await expectGolden('decided-approval', decided.body);
});
