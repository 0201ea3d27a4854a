import type { Logger } from '../../runtime/log.ts';
import type { Launcher } from '../launcher/port.ts';
import type { Storage } from '../storage/port.ts';
import type { Algorithm } from '../algorithms/algorithm.ts';
import type { Authenticator } from './auth/authenticate.ts';
import { guardRoutes, type GuardedRoute } from './auth/guard.ts';
import { makeActivities } from './activities/activities.ts';
import { createConcurrencyLimit } from '../../runtime/async/concurrency.ts';
import type { OrchestratorApp } from './durable.ts';
import { computeComplete, computeCompleteFromQueue } from './events/compute-complete.ts';
import { approveJob, rejectJob } from './http/approvals.ts';
import { getJobLog } from './http/job-log.ts';
import { cancelJob, getJob, listJobs } from './http/jobs.ts';
import { postLease, postLeaseRelease } from './http/leases.ts';
import type { RequestLimits } from './http/limits.ts';
import { endLocks, listLocks, releaseLock, takeLock } from './http/locks.ts';
import { listTasks, startTask } from './http/tasks.ts';
import { putInputs } from './http/put-inputs.ts';
import { startCompute } from './http/start-compute.ts';
import { openInputSources } from './inputs/sources.ts';
import { openJobIds } from './job/job-ids.ts';
import { LogStreams } from './log-stream/log-streams.ts';
import { computeBatch } from './orchestrations/compute-batch.ts';
import { computeGroup } from './orchestrations/compute-group.ts';
import { computeOrchestrator } from './orchestrations/compute-orchestrator.ts';
import { taskOrchestrator } from './orchestrations/task-orchestrator.ts';
import { openCatalogue } from './catalogue/catalogue.ts';
import { createChores } from './timers/chores.ts';
import { createTick } from './timers/tick.ts';
import { defaultTiming, type Timing } from './timing.ts';

export type AppOptions = {
  storage: Storage;
  launcher: Launcher;
  algorithms: ReadonlyMap<string, Algorithm>;
  /** Identifies the callers of the routes. */
  access: Authenticator;
  /** Returns the number of workers; null if it is unknown. */
  workers: () => number | null;
  /** Flushes storage to disk before an outcome is reported. Only Azurite needs it. */
  flush: () => Promise<void>;
  limits: RequestLimits;
  retentionDays: number;
  /** The lifetime of the links in a view, in seconds. */
  linkSeconds: number;
  /** Whether logs can be followed in streams. Otherwise, clients poll them. */
  streams: boolean;
  /** The interval between ticks of the timer function. */
  tickSeconds: number;
  log: Logger;
  timing?: Partial<Timing>;
};

/** The maximum number of concurrent storage operations of all activities. Azurite is not faster with more. */
const maxStorageOperations = 32;
const maxBatchesPutting = 2;

/** Creates the orchestrator: all its orchestrations, activities and functions, for any host. */
export const createOrchestratorApp = (options: AppOptions): OrchestratorApp => {
  const { storage, launcher, algorithms, workers, flush, limits } = options;
  const { retentionDays, linkSeconds, streams, tickSeconds, log } = options;
  const { blobs } = storage;
  const sources = openInputSources(blobs);
  const timing = { ...defaultTiming, ...options.timing };
  const view = { blobs, linkSeconds, workers };
  const routes: GuardedRoute[] = [
    startCompute({ algorithms, sources, limits }),
    putInputs({ blobs, flush, limits }),
    startTask({ blobs, limits }),
    listTasks({ catalogue: openCatalogue(blobs), algorithms, limits }),
    listJobs(view),
    getJob(view),
    cancelJob({ blobs }),
    approveJob,
    rejectJob,
    getJobLog({ blobs, streams: streams ? new LogStreams({ blobs, log }) : undefined }),
    postLease({ blobs }),
    postLeaseRelease({ blobs }),
    listLocks({ blobs }),
    takeLock({ blobs, flush }),
    releaseLock({ blobs, flush }),
    endLocks({ blobs, flush }),
  ];
  return {
    registry: {
      orchestrations: {
        ComputeOrchestrator: computeOrchestrator(timing),
        ComputeGroup: computeGroup(timing),
        ComputeBatch: computeBatch(timing),
        TaskOrchestrator: taskOrchestrator(timing),
      },
      activities: makeActivities({
        storage,
        launcher,
        algorithms,
        sources,
        maxSeconds: limits.timeoutSeconds,
        launchSeconds: timing.maxLaunchWait,
        startSeconds: timing.maxStartWait,
        flush,
        log,
        limitStorage: createConcurrencyLimit(maxStorageOperations),
        limitPutting: createConcurrencyLimit(maxBatchesPutting),
      }),
    },
    routes: routes.map(guardRoutes(options.access, openJobIds({ blobs, flush }), log)),
    events: [computeComplete({ blobs })],
    queues: [computeCompleteFromQueue({ blobs, poison: storage.poisonEvents, log })],
    timers: [
      createTick({
        chores: createChores({ blobs, launcher, retentionDays, log }),
        everySeconds: tickSeconds,
        blobs,
        log,
      }),
    ],
  };
};
