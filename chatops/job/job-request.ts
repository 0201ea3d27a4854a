import type { CommentId } from '../../contracts/comment-id.ts';
import { getRequestComment } from '../../contracts/origin.ts';
import type { Conditions, Job, Origin, StartRequest } from '../../compute/client/index.ts';
import type { Command, StartIntent } from '../command/index.ts';
import { type IncomingComment, toScope } from '../incoming-comment.ts';
import { deriveCommentJobId, deriveWorkflowJobId } from './job-id.ts';
import type { JobNotes } from './notes.ts';
import type { JobPlan } from './plan.ts';
import type { JobValue } from './job-values.ts';

/** A command that starts a job, its place in the comment, and the job that it retries, if any. */
export type StartOrder = {
  /** The command as written, from which the id of the job is derived. */
  command: Command;
  key: string;
  index: number;
  intent: StartIntent;
  retryOf?: Job;
};

/** A request with the id and the origin of its job. */
export type JobRequest = StartRequest & { jobId: string; origin: CommandOrigin };

/** The origin of a job, with its comment or its workflow run. */
type CommandOrigin = Origin & { command: string };

/** Returns the id of the job that a command of a comment, or of a workflow, requests. */
export const deriveJobId = (
  command: Command,
  {
    host,
    thread,
    comment,
    event,
  }: Pick<IncomingComment, 'host' | 'thread' | 'event'> & { comment: { id: CommentId } },
): string => {
  const where = { host, repository: thread.repository.id };
  if (event.kind === 'run')
    return deriveWorkflowJobId({ ...where, step: event.step, command: command.canonical });
  const { canonical, occurrence } = command;
  return deriveCommentJobId({ ...where, comment: comment.id, command: canonical, occurrence });
};

/** Returns the request for a planned job. */
export const buildJobRequest = (
  order: StartOrder,
  comment: IncomingComment,
  { plan, values, notes }: { plan: JobPlan; values: readonly JobValue[]; notes: JobNotes },
): JobRequest => {
  const { work, timeoutSeconds } = plan;
  const shared = {
    jobId: deriveJobId(order.command, comment),
    origin: buildOrigin(order, comment, plan.command, notes),
    conditions: buildConditions(plan, comment),
    retryOf: order.retryOf?.id,
    timeoutSeconds: timeoutSeconds ?? undefined,
  };
  if (work.kind === 'task') {
    const given = values.filter(({ source }) => source === 'given');
    const parameters = given.map(({ name, value }) => ({ name, value }));
    const pin = work.digests ?? undefined;
    return { ...shared, kind: 'task', taskName: work.taskName, parameters, pin };
  }
  return {
    ...shared,
    kind: 'compute',
    inputCount: work.inputCount,
    algorithm: work.algorithm ?? undefined,
    blockSize: work.blockSize ?? undefined,
    parameters: Object.fromEntries(values.map(({ name, value }) => [name, value])),
    inputs: work.inputs ? { sha256: work.inputs.sha256 } : undefined,
  };
};

const buildConditions = (
  { work, approval, lock, concurrent }: JobPlan,
  comment: IncomingComment,
): Conditions | undefined => {
  const scope = toScope(comment);
  const what = work.kind === 'task' ? `task/${work.taskName.toLowerCase()}` : 'compute';
  const locks: Conditions['locks'] = [
    ...(lock ? [{ scope, key: lock.key, slots: 1, whenTaken: lock.when }] : []),
    // A separate scope: `/lock` cannot take a slot of a concurrency limit.
    ...(concurrent === null
      ? []
      : [{ scope: `${scope}#concurrent`, key: what, slots: concurrent, whenTaken: 'queue' as const }]),
  ];
  if (!approval && locks.length === 0) return undefined;
  const { code, count, expiresSeconds } = approval ?? {};
  const requester = { id: String(comment.author.id), name: comment.author.login };
  return {
    locks,
    ...(code === undefined || count === undefined || expiresSeconds === undefined
      ? {}
      : { approval: { code, count, expiresSeconds, requester } }),
  };
};

const buildOrigin = (
  { key, index }: StartOrder,
  { host, thread, comment, author, installation, event }: IncomingComment,
  command: string,
  notes: JobNotes,
): CommandOrigin => ({
  host,
  repository: { id: thread.repository.id, name: thread.repository.name },
  ...(thread.number === 0 ? {} : { thread: { number: thread.number, kind: thread.kind } }),
  ...(event.kind === 'run' ? { workflow: event.step } : describeRequestComment(comment, { key, index })),
  sender: author.login,
  ...(installation === null ? {} : { installation }),
  command,
  notes,
});

/** Returns the part of an origin that names the comment. */
const describeRequestComment = (
  { id, createdAt }: IncomingComment['comment'],
  position: { key: string; index: number },
): Pick<Origin, 'comment' | 'review'> =>
  typeof id === 'number'
    ? { comment: { id, createdAt, ...position } }
    : { review: { id, createdAt, ...position } };

/** Returns a job as it is right after its start, for replies until the orchestrator returns its state. */
export const buildQueuedJob = (request: JobRequest): Job => {
  const at = getRequestComment(request.origin)?.createdAt ?? new Date().toISOString();
  return {
    v: 1,
    id: request.jobId,
    kind: request.kind,
    state: 'queued',
    reason: null,
    message: null,
    request: {},
    progress: null,
    origin: request.origin,
    createdAt: at,
    startedAt: null,
    updatedAt: at,
    endedAt: null,
    result: null,
    failures: [],
    endedBy: null,
    waiting: null,
    approvals: [],
    retryOf: request.retryOf ?? null,
    links: null,
  };
};
