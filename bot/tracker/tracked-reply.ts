import { getRequestComment } from '../../contracts/origin.ts';
import type { CommentId } from '../../contracts/comment-id.ts';
import type { Reaction } from '../../chatops/github/ports.ts';
import type { ThreadRef } from '../../chatops/incoming-comment.ts';
import { isOriginTrusted } from '../../chatops/job/trusted-origin.ts';
import type { Job, JobState } from '../../compute/client/index.ts';
import { isLive } from '../../compute/client/job-watch.ts';
import { priorities, type Priority, type WriteTarget } from '../rate-limit/write-budget.ts';

/** The comment whose reply shows a job, from the job's origin. */
export type ReplyTarget = {
  /** The host of its GitHub. */
  host: string;
  thread: ThreadRef;
  comment: { id: CommentId; createdAt: string };
  installation: number;
};

/** Returns the target of a job's reply; undefined if this bot must not report the job: it has another host, no comment, or no installation. */
export const toReplyTarget = (job: Job, host: string): ReplyTarget | undefined => {
  const { origin } = job;
  const { repository, thread, installation } = origin;
  const comment = getRequestComment(origin);
  // For any other job, it is only a claim that a comment requested it.
  if (!isOriginTrusted(job)) return undefined;
  if (origin.host !== host || !repository || !thread || !comment || installation === undefined)
    return undefined;
  // Callers that can start jobs choose this value, and GitHub would refuse an invalid time at every attempt.
  if (Number.isNaN(Date.parse(comment.createdAt))) return undefined;
  return {
    host,
    thread: {
      repository: { id: repository.id, name: repository.name },
      number: thread.number,
      kind: thread.kind,
    },
    comment: { id: comment.id, createdAt: comment.createdAt },
    installation,
  };
};

/** Returns the key of a reply. It consists of ids, because a repository can be renamed. */
export const toReplyKey = ({ thread, comment }: ReplyTarget): string =>
  `${thread.repository.id}/${thread.number}/${comment.id}`;

/** Returns where the writes of a reply are charged. */
export const toWriteTarget = ({ installation, thread }: ReplyTarget): WriteTarget => ({
  installation,
  repository: thread.repository.id,
});

/** A change that the reply may not show yet: since when, and how urgent it is. */
export type PendingUpdate = { since: number; priority: Priority };

/** A reply that is kept up to date. It can be rebuilt from the orchestrator and GitHub. Times are by `performance.now()`. */
export type TrackedReply = {
  readonly target: ReplyTarget;
  readonly jobs: Map<string, Job>;
  /** The last lines of running tasks' logs, by job id, when they were last read. */
  readonly lastLines: Map<string, string | null>;
  /** The body on GitHub, as last seen. */
  body: string | undefined;
  /** Undefined if the reply shows everything. */
  pending: PendingUpdate | undefined;
  /** The earliest time of the next update. */
  dueAt: number;
  /** The earliest time of the next update that only shows progress. */
  progressDueAt: number;
  isBusy: boolean;
  /** The number of consecutive faults. */
  faults: number;
  /** The number of consecutive rounds in which GitHub refused the reply or the reaction. Meanwhile, progress is not written. */
  refusals: number;
  /** Jobs whose end has a notice, or cannot have one. */
  readonly noticed: Set<string>;
  /** The state that each job's check run shows. */
  readonly shownCheckStates: Map<string, JobState>;
  /** Jobs whose check run GitHub refused. */
  readonly refusedChecks: Set<string>;
  /** The final reaction that the comment is known to have. */
  reaction: Reaction | undefined;
};

export const trackReply = (target: ReplyTarget, due: number): TrackedReply => ({
  target,
  jobs: new Map(),
  lastLines: new Map(),
  body: undefined,
  pending: undefined,
  dueAt: due,
  progressDueAt: -Infinity,
  isBusy: false,
  faults: 0,
  refusals: 0,
  noticed: new Set(),
  shownCheckStates: new Map(),
  refusedChecks: new Set(),
  reaction: undefined,
});

/**
 * Records the current state of a job. Its links differ at each poll, and do not count as a change.
 * @param isRecent whether the job has ended recently: the end of an older job may have been shown long ago
 */
export const recordJob = (
  tracked: TrackedReply,
  job: Job,
  { now, isRecent }: { now: number; isRecent: boolean },
): void => {
  const before = tracked.jobs.get(job.id);
  tracked.jobs.set(job.id, job);
  if (before !== undefined && serializeContent(before) === serializeContent(job)) return;
  const priority = getPriority(before, job, isRecent);
  if (priority === 'progress' && tracked.refusals > 0) return;
  markPending(tracked, { since: now, priority });
};

/** Returns whether all jobs of the reply have ended. */
export const haveAllEnded = ({ jobs }: TrackedReply): boolean =>
  [...jobs.values()].every((job) => !isLive(job));

/** Marks the reply as outdated, in addition to earlier changes. */
export const markPending = (tracked: TrackedReply, { since, priority }: PendingUpdate): void => {
  const before = tracked.pending ?? { since, priority };
  tracked.pending = {
    since: Math.min(before.since, since),
    priority: getMoreUrgent(before.priority, priority),
  };
};

const getPriority = (before: Job | undefined, job: Job, isRecent: boolean): Priority => {
  if (before && toStage(before) === toStage(job)) return 'progress';
  return !isLive(job) && (before !== undefined || isRecent) ? 'final' : 'news';
};

/** Returns the stage of a job. People may be waiting for the next one. */
const toStage = ({ state, waiting, approvals }: Job): string =>
  `${state} ${waiting?.for} ${approvals.length}`;

const getMoreUrgent = (a: Priority, b: Priority): Priority =>
  priorities.indexOf(a) < priorities.indexOf(b) ? a : b;

const serializeContent = (job: Job): string =>
  JSON.stringify({ ...job, links: job.links && Object.keys(job.links), updatedAt: null });
