import { secretMask } from '../../../contracts/task-parameters.ts';
import type { CallerName } from '../../../contracts/caller.ts';
import type { Job } from '../../../contracts/job.ts';
import { getBlockCount, getBlockSize } from '../../../contracts/job-request.ts';
import { toCallerName, type Caller } from '../auth/caller.ts';
import type { DurableClient, InstanceStatus } from '../durable.ts';
import { isLive } from '../job/instances.ts';
import { type JobInstance, getJobStatus } from '../job/job-instance.ts';
import { buildFiles, buildLinks, type LinkOptions } from './links.ts';
import { getBatchProgress, type BatchProgress } from './progress.ts';
import type { JobInput } from '../job/job-state.ts';

export type JobViewOptions = LinkOptions & {
  /** Returns the number of workers; null if it is unknown. */
  workers: () => number | null;
};

/** The options of views for one caller. */
export type CallerViewOptions = JobViewOptions & { caller: Caller };

/** Builds the API's view of a job. A completed job needs no further query. */
export const buildJobView = async (
  client: DurableClient,
  job: JobInstance,
  options: CallerViewOptions,
): Promise<Job> => {
  const { id, input, status, end } = job;
  const { startedAt, waiting, approvals, launch = null } = getJobStatus(job);
  const batches =
    input.kind === 'compute' && !end && !waiting ? await getBatchProgress(client, id) : undefined;
  const ended = end ?? (isLive(status) ? undefined : toAbnormalEnd(status));
  const updatedAt = pickLatest(status.lastUpdatedTime, batches?.updatedAt);
  return {
    v: 1,
    id,
    kind: input.kind,
    state: ended?.state ?? getLiveState({ startedAt, waiting }),
    reason: ended?.reason ?? null,
    message: ended?.message ?? null,
    request: redactRequest(input),
    progress: buildProgress(job, batches, ended ? null : options.workers()),
    origin: input.request.origin,
    startedBy: input.startedBy
      ? { ...input.startedBy, you: isSameCaller(options.caller, input.startedBy) }
      : null,
    createdAt: status.createdTime,
    startedAt,
    updatedAt,
    endedAt: end?.endedAt ?? (ended ? status.lastUpdatedTime : null),
    result: end?.result ?? null,
    failures: end?.failures ?? [],
    endedBy: end?.endedBy ?? null,
    endedVia: end?.endedVia ?? null,
    waiting,
    launch,
    approvals,
    retryOf: input.request.retryOf ?? null,
    links: await buildLinks(job, options),
    files: buildFiles(job, options),
  };
};

const isSameCaller = (caller: Caller, { kind, name }: CallerName): boolean => {
  const own = toCallerName(caller);
  return own.kind === kind && own.name === name;
};

const getLiveState = ({ startedAt, waiting }: Pick<Job, 'startedAt' | 'waiting'>): Job['state'] => {
  if (waiting) return 'waiting';
  return startedAt === null ? 'queued' : 'running';
};

const pickLatest = (a: string, b: string | null | undefined): string => (b && b > a ? b : a);

type AbnormalEnd = Pick<Job, 'state' | 'reason' | 'message'>;

/** Returns the state of an instance that did not end with an output of its own. */
const toAbnormalEnd = ({ runtimeStatus, output }: InstanceStatus): AbnormalEnd => {
  const message = typeof output === 'string' ? (output.split('\n')[0]?.slice(0, 300) ?? null) : null;
  if (runtimeStatus === 'Terminated' || runtimeStatus === 'Canceled')
    return { state: 'canceled', reason: 'terminated', message };
  return { state: 'failed', reason: 'internal', message };
};

const buildProgress = (
  { input, end }: JobInstance,
  batches: BatchProgress | undefined,
  workers: number | null,
): Job['progress'] => {
  if (input.kind !== 'compute') return null;
  if (end?.counts) return { ...end.counts, workers: null };
  const { done = 0, failed = 0 } = batches ?? {};
  return { done, failed, total: getBlockCount(input.request), workers };
};

/** Returns a request for a view: with defaults, and with the values of secret parameters redacted. */
const redactRequest = (input: JobInput): Record<string, unknown> => {
  if (input.kind === 'compute') {
    const { algorithm, inputCount, inputs, timeoutSeconds } = input.request;
    const blockSize = getBlockSize(input.request);
    const redacted = { algorithm, inputCount, parameters: input.parameters, blockSize, timeoutSeconds };
    return inputs ? { ...redacted, inputs } : redacted;
  }
  const { taskName, parameters, timeoutSeconds } = input.request;
  const redacted = parameters.map(({ name, value }) => ({
    name,
    value: input.secrets.includes(name) ? secretMask : value,
  }));
  return { taskName, parameters: redacted, ...(timeoutSeconds === undefined ? {} : { timeoutSeconds }) };
};
