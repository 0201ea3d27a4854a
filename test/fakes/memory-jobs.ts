import type {
  ApproveAnswer,
  Job,
  JobFilter,
  Jobs,
  StartRequest,
  TaskDefinition,
} from '../../compute/client/index.ts';
import { computeJob } from '../fixtures/jobs.ts';

/** The orchestrator's rules for starting, approving, finding and canceling jobs, in memory, with a record of the calls. */
export type MemoryJobs = Jobs & {
  calls: string[];
  all: Map<string, Job>;
  requests: Map<string, StartRequest>;
  /** The errors that the next calls of `start` throw, one each. */
  faults: Error[];
};

const at = '2026-03-01T13:00:00Z';

const toJob = (request: StartRequest): Job => {
  const approval = request.conditions?.approval;
  const expiresAt = '2026-03-02T12:00:00Z';
  return computeJob({
    id: request.jobId ?? '',
    kind: request.kind,
    state: approval ? 'waiting' : 'queued',
    waiting: approval ? { for: 'approval', ...approval, expiresAt } : null,
    request:
      request.kind === 'task'
        ? { taskName: request.taskName, parameters: request.parameters ?? [] }
        : {
            algorithm: request.algorithm ?? 'monte-carlo-pi',
            inputCount: request.inputCount,
            parameters: request.parameters ?? {},
            ...(request.inputs ? { inputs: request.inputs } : {}),
          },
    progress: null,
    startedAt: null,
    origin: request.origin ?? {},
    createdAt: request.origin?.comment?.createdAt ?? '',
    retryOf: request.retryOf ?? null,
  });
};

const matchesFilter = (job: Job, { thread, repository, states, idPrefix = '' }: JobFilter): boolean =>
  job.id.startsWith(idPrefix) &&
  (repository === undefined || `${job.origin.host}/${job.origin.repository?.id}` === repository) &&
  (thread === undefined || `${job.origin.repository?.id}/${job.origin.thread?.number}` === thread) &&
  (states === undefined || states.includes(job.state));

/** Returns the reason why an approval cannot count, as far as it depends on the job and the code; undefined if there is none. */
const findObstacle = (
  job: Job | undefined,
  code: string,
): Exclude<ApproveAnswer['outcome'], 'counted'> | undefined => {
  if (!job) return 'not-found';
  if (job.endedAt !== null) return 'ended';
  if (job.waiting?.for !== 'approval') return 'not-waiting';
  return job.waiting.code === code ? undefined : 'wrong-code';
};

export const createMemoryJobs = (tasks: TaskDefinition[] = [], pageSize = 2): MemoryJobs => {
  const all = new Map<string, Job>();
  const requests = new Map<string, StartRequest>();
  const calls: string[] = [];
  const faults: Error[] = [];
  const note = async (call: string): Promise<void> => void calls.push(call);
  const change = (id: string, to: Partial<Job>): void => void all.set(id, { ...(all.get(id) as Job), ...to });
  return {
    all,
    requests,
    calls,
    faults,
    start: async (request) => {
      await note(`start ${request.origin?.command}`);
      const fault = faults.shift();
      if (fault) throw fault;
      const id = request.jobId ?? '';
      if (all.has(id)) return { outcome: 'known', id };
      all.set(id, toJob(request));
      requests.set(id, request);
      return { outcome: 'started', id };
    },
    get: async (id) => {
      await note(`get ${id}`);
      return all.get(id);
    },
    page: async (filter) => {
      await note('page');
      const fitting = [...all.values()].filter((job) => matchesFilter(job, filter));
      const newestFirst = fitting.toSorted((a, b) => b.createdAt.localeCompare(a.createdAt));
      const from = Number(filter.continue ?? 0);
      const next = from + pageSize;
      const more = next < newestFirst.length ? String(next) : null;
      return { v: 1, now: '2026-03-01T12:00:00Z', jobs: newestFirst.slice(from, next), continue: more };
    },
    cancel: async (id, by) => {
      await note(`cancel ${id}`);
      const job = all.get(id);
      if (!job) return 'not-found';
      if (job.endedAt !== null) return 'ended';
      change(id, { state: 'canceled', reason: 'canceled-by-user', endedBy: by, endedAt: at, waiting: null });
      return 'accepted';
    },
    approve: async (id, { by, code }) => {
      await note(`approve ${id} ${by.name}`);
      const job = all.get(id);
      if (job?.approvals.some((one) => one.by.id === by.id)) return { outcome: 'counted', missing: 0 };
      const why = findObstacle(job, code);
      if (why || job?.waiting?.for !== 'approval') return { outcome: why ?? 'not-waiting' };
      if (job.waiting.requester.id === by.id) return { outcome: 'own-request' };
      const approvals = [...job.approvals, { by, at }];
      const missing = job.waiting.count - approvals.length;
      change(id, { approvals, ...(missing === 0 ? { state: 'queued', waiting: null } : {}) });
      return { outcome: 'counted', missing };
    },
    reject: async (id, { by, code, reason }) => {
      await note(`reject ${id} ${by.name}`);
      const why = findObstacle(all.get(id), code);
      if (why === 'own-request') throw new Error('not an outcome of a rejection');
      if (why) return why;
      const end = { reason: 'rejected', endedBy: by.name, message: reason, endedAt: at } as const;
      change(id, { state: 'canceled', waiting: null, ...end });
      return 'accepted';
    },
    log: async (id) => {
      await note(`log ${id}`);
      return { v: 1, id, text: 'Stopping\n', bytes: 9, truncated: false };
    },
    followLog: async function* (id) {
      await note(`follow ${id}`);
      yield { text: 'Stopping\n', offset: 9 };
    },
    putInputs: async (text) => {
      await note('inputs');
      return { outcome: 'stored', sha256: 'f'.repeat(64), count: text.trimEnd().split('\n').length };
    },
    tasks: async () => {
      await note('tasks');
      return { v: 1, tasks, invalid: [] };
    },
  };
};
