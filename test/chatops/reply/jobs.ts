import type { Job, Lock, Waiting } from '../../../compute/client/index.ts';

export const id = (digit: string): string => `job-${digit.repeat(32)}`;

/** The key of a comment's n-th command. */
export const keyOf = (index: number): string => String(index).padStart(8, '0');

const running: Job = {
  v: 1,
  id: id('a'),
  kind: 'compute',
  state: 'running',
  reason: null,
  message: null,
  request: { algorithm: 'monte-carlo-pi', inputCount: 1000 },
  progress: { done: 420, failed: 0, total: 1000, workers: 4 },
  origin: {
    host: 'github.com',
    repository: { id: 1, name: 'acme/ops' },
    thread: { number: 7, kind: 'issue' },
    comment: { id: 9, createdAt: '2026-03-01T12:00:00Z', key: keyOf(0), index: 0 },
    sender: 'octocat',
    command: '/compute 1000',
  },
  createdAt: '2026-03-01T12:00:01Z',
  startedAt: '2026-03-01T12:00:02Z',
  updatedAt: '2026-03-01T12:01:07Z',
  endedAt: null,
  result: null,
  failures: [],
  endedBy: null,
  waiting: null,
  approvals: [],
  retryOf: null,
  links: null,
};

const link = (path: string) => ({
  path,
  url: `https://crew.blob.core.windows.net/${path}?sv=1&sp=r&sig=a%2Bb%3D`,
});

/** A compute job that runs, changed as told. */
export const compute = (changes: Partial<Job> = {}): Job => ({ ...running, ...changes });

const ended = { endedAt: '2026-03-01T12:01:14Z', updatedAt: '2026-03-01T12:01:14Z' };

/** A compute job that has ended with its outputs, changed as told. */
export const computed = (changes: Partial<Job> = {}): Job =>
  compute({
    state: 'completed',
    progress: { done: 1000, failed: 0, total: 1000, workers: 0 },
    result: { estimate: 3.141532, standardError: 0.0016, samples: 1000000 },
    links: {
      result: link(`result/${id('a')}/result.json`),
      manifest: link(`result/${id('a')}/manifest.jsonl`),
      outputs: link(`result/${id('a')}/outputs.jsonl`),
    },
    ...ended,
    ...changes,
  });

/** A task's job that has ended well, changed as told. */
export const task = (changes: Partial<Job> = {}): Job =>
  compute({
    id: id('b'),
    kind: 'task',
    state: 'completed',
    request: { taskName: 'Hello', parameters: [{ name: 'who', value: 'world' }] },
    progress: null,
    origin: {
      ...running.origin,
      comment: { id: 9, createdAt: '2026-03-01T12:00:00Z', key: keyOf(1), index: 1 },
      command: '/run Hello who=world',
    },
    result: { exitCode: 0, signal: null, timedOut: false, logTail: 'Hello, world\n' },
    links: { log: link(`run/${id('b')}/log`) },
    ...ended,
    ...changes,
  });

const stopVm = {
  request: { taskName: 'StopVM', parameters: [{ name: 'VMName', value: 'web-1' }], timeoutSeconds: 600 },
  origin: {
    ...running.origin,
    command: '/run StopVM VMName=web-1',
    notes: {
      requester: 1,
      policy: '89abcdef0123456789abcdef0123456789abcdef',
      approvers: {
        words: 'a member of `acme/oncall`, or `mona`',
        mentions: ['@acme/oncall', '@mona'],
      },
      code: 'k3x9q2m7pa',
      image: 'crew.azurecr.io/tools:1',
      script: '0123456789abcdef'.repeat(4),
    },
  },
};

const octocat = { id: '1', name: 'octocat' };

/** A task's job that waits for approval, changed as told. */
export const asking = (changes: Partial<Job> = {}): Job =>
  compute({
    kind: 'task',
    state: 'waiting',
    startedAt: null,
    progress: null,
    ...stopVm,
    waiting: {
      for: 'approval',
      code: 'k3x9q2m7pa',
      count: 1,
      requester: octocat,
      expiresAt: '2026-03-01T16:00:00Z',
    },
    ...changes,
  });

export const mona = { id: '7', name: 'mona' };

/** A lock that a person has, and for which a job waits, changed as told. */
export const lock = (changes: Partial<Lock> = {}): Lock => ({
  v: 1,
  scope: 'github.com/1',
  key: 'vm/web-1',
  slots: 1,
  holders: [{ kind: 'person', person: mona, reason: 'migration', since: '2026-03-01T11:00:00Z' }],
  waiting: [{ job: id('a'), since: '2026-03-01T12:00:01Z' }],
  ...changes,
});

/** A task's job that waits for that lock, changed as told. */
export const queueing = (changes: Partial<Extract<Waiting, { for: 'lock' }>> = {}): Job => {
  const { scope, key, slots, holders } = lock();
  return asking({
    approvals: [{ by: mona, at: '2026-03-01T12:05:00Z' }],
    waiting: { for: 'lock', scope, key, slots, holders, ahead: 2, ...changes },
  });
};
