import type { Reaction } from '../../chatops/github/ports.ts';
import type { ThreadRef } from '../../chatops/incoming-comment.ts';
import { isOriginTrusted } from '../../chatops/job/trusted-origin.ts';
import type { Job, JobState } from '../../compute/client/index.ts';
import { isLive } from '../../compute/client/job-watch.ts';
import { priorities, type Priority, type WriteTarget } from '../rate-limit/write-budget.ts';

/** The comment whose reply shows a job, as the job's origin names it. */
export type ReplyTarget = {
  /** The host of the GitHub that it is on. */
  host: string;
  thread: ThreadRef;
  comment: { id: number; createdAt: string };
  installation: number;
};

/** Undefined for a job that is not ours to report: from elsewhere, from no comment, or from no installation of the app. */
export const toReplyTarget = (job: Job, host: string): ReplyTarget | undefined => {
  const { origin } = job;
  const { repository, thread, comment, installation } = origin;
  // For any other job, it is only a claim that a comment requested it.
  if (!isOriginTrusted(job)) return undefined;
  if (origin.host !== host || !repository || !thread || !comment || installation === undefined)
    return undefined;
  // Anybody who may start jobs can say anything here, and a time that is none would be asked of GitHub again and again.
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

/** What tells replies apart: ids, for a repository may change its name. */
export const toReplyKey = ({ thread, comment }: ReplyTarget): string =>
  `${thread.repository.id}/${thread.number}/${comment.id}`;

/** Where the writes of a reply are charged. */
export const toWriteTarget = ({ installation, thread }: ReplyTarget): WriteTarget => ({
  installation,
  repository: thread.repository.id,
});

/** There may be something to show: since when, and how urgent it is. */
export type PendingUpdate = { since: number; priority: Priority };

/** A reply that is kept up to date. All of it can be rebuilt from the orchestrator and from GitHub. Times by `performance.now()`. */
export type TrackedReply = {
  readonly target: ReplyTarget;
  readonly jobs: Map<string, Job>;
  /** What stands on GitHub, as far as we know. */
  body: string | undefined;
  /** Undefined if it shows all there is. */
  pending: PendingUpdate | undefined;
  /** Before then it is not looked at. */
  dueAt: number;
  /** Before then it shows no mere progress. */
  progressDueAt: number;
  isBusy: boolean;
  /** Faults in a row. */
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
 * Takes in a job as it is now. Links differ at each look, and say nothing new.
 * @param lately whether something that has ended has done so lately: what ended long ago, unseen, may have been told long ago
 */
export const recordJob = (
  followed: TrackedReply,
  job: Job,
  { now, lately }: { now: number; lately: boolean },
): void => {
  const before = followed.jobs.get(job.id);
  followed.jobs.set(job.id, job);
  if (before !== undefined && serializeContent(before) === serializeContent(job)) return;
  const priority = getPriority(before, job, lately);
  if (priority === 'progress' && followed.refusals > 0) return;
  markPending(followed, { since: now, priority });
};

/** Returns whether all jobs of the reply have ended. */
export const haveAllEnded = ({ jobs }: TrackedReply): boolean =>
  [...jobs.values()].every((job) => !isLive(job));

/** There is something to show, beside what there was. */
export const markPending = (followed: TrackedReply, { since, priority }: PendingUpdate): void => {
  const before = followed.pending ?? { since, priority };
  followed.pending = {
    since: Math.min(before.since, since),
    priority: getMoreUrgent(before.priority, priority),
  };
};

const getPriority = (before: Job | undefined, job: Job, lately: boolean): Priority => {
  if (before && toStage(before) === toStage(job)) return 'progress';
  return !isLive(job) && (before !== undefined || lately) ? 'final' : 'news';
};

/** Somebody may be waiting for a job to go from one to the next. */
const toStage = ({ state, waiting, approvals }: Job): string =>
  `${state} ${waiting?.for} ${approvals.length}`;

const getMoreUrgent = (a: Priority, b: Priority): Priority =>
  priorities.indexOf(a) < priorities.indexOf(b) ? a : b;

const serializeContent = (job: Job): string =>
  JSON.stringify({ ...job, links: job.links && Object.keys(job.links), updatedAt: null });
