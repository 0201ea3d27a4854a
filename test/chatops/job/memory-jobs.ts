import type { Job, Jobs, StartRequest, TaskDefinition } from '../../../compute/client/index.ts';
import { compute } from '../reply/jobs.ts';

/** The orchestrator's rules for starting, finding and canceling jobs, in memory, with a record of what was asked. */
export type MemoryJobs = Jobs & {
  asked: string[];
  all: Map<string, Job>;
  /** What `start` throws next, once for each. */
  faults: Error[];
};

const ended = (job: Job): boolean => job.endedAt !== null;

const jobOf = (request: StartRequest): Job =>
  compute({
    id: request.jobId ?? '',
    kind: request.kind,
    state: 'queued',
    progress: null,
    startedAt: null,
    origin: request.origin ?? {},
    createdAt: request.origin?.comment?.createdAt ?? '',
  });

export const memoryJobs = (tasks: TaskDefinition[] = [], pageSize = 2): MemoryJobs => {
  const all = new Map<string, Job>();
  const requests = new Map<string, string>();
  const asked: string[] = [];
  const faults: Error[] = [];
  const note = async (call: string): Promise<void> => void asked.push(call);
  return {
    all,
    asked,
    faults,
    start: async (request) => {
      await note(`start ${request.origin?.command}`);
      const fault = faults.shift();
      if (fault) throw fault;
      const id = request.jobId ?? '';
      const { origin: _origin, ...wanted } = request;
      const text = JSON.stringify(wanted);
      if (all.has(id) && (requests.get(id) ?? text) !== text) {
        return {
          outcome: 'conflict',
          problem: { code: 'conflict', field: null, message: 'another', expected: null, received: null },
        };
      }
      if (all.has(id)) return { outcome: 'known', id };
      all.set(id, jobOf(request));
      requests.set(id, text);
      return { outcome: 'started', id };
    },
    get: async (id) => {
      await note(`get ${id}`);
      return all.get(id);
    },
    page: async (filter) => {
      await note('page');
      const inThread = [...all.values()].filter(
        ({ origin }) => `${origin.repository?.id}/${origin.thread?.number}` === filter.thread,
      );
      const newestFirst = inThread.toSorted((a, b) => b.createdAt.localeCompare(a.createdAt));
      const from = Number(filter.continue ?? 0);
      const next = from + pageSize;
      const jobs = newestFirst.slice(from, next);
      return {
        v: 1,
        now: '2026-03-01T12:00:00Z',
        jobs,
        continue: next < newestFirst.length ? String(next) : null,
      };
    },
    cancel: async (id, by) => {
      await note(`cancel ${id}`);
      const job = all.get(id);
      if (!job) return 'not-found';
      if (ended(job)) return 'ended';
      all.set(id, {
        ...job,
        state: 'canceled',
        reason: 'canceled-by-user',
        endedBy: by,
        endedAt: '2026-03-01T13:00:00Z',
      });
      return 'accepted';
    },
    approve: async () => ({ outcome: 'not-found' }),
    reject: async () => 'not-found',
    log: async () => undefined,
    putInputs: async () => ({ outcome: 'stored', sha256: '0'.repeat(64), count: 1 }),
    tasks: async () => {
      await note('tasks');
      return { v: 1, tasks, invalid: [] };
    },
  };
};
