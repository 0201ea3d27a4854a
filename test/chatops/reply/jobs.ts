import type { Job } from '../../../compute/client/index.ts';

export const id = (digit: string): string => `job-${digit.repeat(32)}`;

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
    comment: { id: 9, createdAt: '2026-03-01T12:00:00Z', index: 0 },
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
      comment: { id: 9, createdAt: '2026-03-01T12:00:00Z', index: 1 },
      command: '/run Hello who=world',
    },
    result: { exitCode: 0, signal: null, timedOut: false, logTail: 'Hello, world\n' },
    links: { log: link(`run/${id('b')}/log`) },
    ...ended,
    ...changes,
  });
