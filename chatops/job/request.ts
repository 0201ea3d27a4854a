import type { Job, Origin, StartRequest, TaskDefinition } from '../../compute/client/index.ts';
import type { Command, StartIntent } from '../command/index.ts';
import type { IncomingComment } from '../github/port.ts';
import { jobId } from './id.ts';
import { shownForm } from './shown.ts';

/** A command that starts a job, and where it stands in its comment (`index`, from 0). */
export type StartOrder = { command: Command; intent: StartIntent; index: number };

/** A request that names its job and says where it comes from. */
export type JobRequest = StartRequest & { jobId: string; origin: CommentOrigin };

/** The origin of a job that a comment asks for: all of it is known, but for an installation. */
type CommentOrigin = Origin & { comment: NonNullable<Origin['comment']>; command: string };

/** The request for a command's job. The same comment gives the same request, however often it is delivered. */
export const jobRequest = (
  { command, intent, index }: StartOrder,
  comment: IncomingComment,
  catalogue: readonly TaskDefinition[],
): JobRequest => {
  const shared = {
    jobId: jobId({
      host: comment.host,
      repository: comment.thread.repository.id,
      comment: comment.comment.id,
      command: command.canonical,
      occurrence: command.occurrence,
    }),
    origin: originOf(comment, index, shownForm(command, intent, catalogue)),
  };
  if (intent.kind === 'run') {
    return { ...shared, kind: 'task', taskName: intent.taskName, parameters: intent.parameters };
  }
  const { inputCount, algorithm, blockSize, timeoutSeconds, parameters } = intent;
  return { ...shared, kind: 'compute', inputCount, algorithm, blockSize, timeoutSeconds, parameters };
};

const originOf = (
  { host, thread, comment, author, installation }: IncomingComment,
  index: number,
  command: string,
): CommentOrigin => ({
  host,
  repository: { id: thread.repository.id, name: thread.repository.name },
  thread: { number: thread.number, kind: thread.kind },
  comment: { id: comment.id, createdAt: comment.createdAt, index },
  sender: author.login,
  ...(installation === null ? {} : { installation }),
  command,
});

/** A job as it is right after its start: what is shown until the orchestrator tells more. */
export const queuedJob = (request: JobRequest): Job => {
  const at = request.origin.comment.createdAt;
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
    retryOf: null,
    links: null,
  };
};
