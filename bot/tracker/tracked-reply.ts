import type { Reaction, ThreadRef } from '../../chatops/github/ports.ts';
import { isVouched } from '../../chatops/job/trusted-origin.ts';
import type { Job, JobState } from '../../compute/client/index.ts';
import { isLive } from '../../compute/client/job-watch.ts';
import { priorities, type Priority, type WriteTarget } from '../rate-limit/write-budget.ts';

/** The comment whose reply shows a job, as the job's origin names it. */
export type Target = {
  /** The host of the GitHub that it is on. */
  host: string;
  thread: ThreadRef;
  comment: { id: number; createdAt: string };
  installation: number;
};

/** Undefined for a job that is not ours to report: from elsewhere, from no comment, or from no installation of the app. */
export const targetOf = (job: Job, host: string): Target | undefined => {
  const { origin } = job;
  const { repository, thread, comment, installation } = origin;
  // For any other job, it is only a claim that a comment requested it.
  if (!isVouched(job)) return undefined;
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
export const keyOf = ({ thread, comment }: Target): string =>
  `${thread.repository.id}/${thread.number}/${comment.id}`;

/** Where the writes of a reply are charged. */
export const writeTargetOf = ({ installation, thread }: Target): WriteTarget => ({
  installation,
  repository: thread.repository.id,
});

/** There may be something to show: since when, and how urgent it is. */
export type Stale = { since: number; priority: Priority };

/** A reply that is kept up to date. All of it can be rebuilt from the orchestrator and from GitHub. Times by `performance.now()`. */
export type Followed = {
  readonly target: Target;
  readonly jobs: Map<string, Job>;
  /** What stands on GitHub, as far as we know. */
  body: string | undefined;
  /** Undefined if it shows all there is. */
  stale: Stale | undefined;
  /** Before then it is not looked at. */
  due: number;
  /** Before then it shows no mere progress. */
  progressDue: number;
  busy: boolean;
  /** Faults in a row. */
  faults: number;
  /** The number of consecutive rounds in which GitHub refused the reply or the reaction. Meanwhile, progress is not written. */
  refusals: number;
  /** Jobs whose end has a notice, or cannot have one. */
  readonly told: Set<string>;
  /** The state that each job's check run shows. */
  readonly checked: Map<string, JobState>;
  /** Jobs whose check run GitHub refused. */
  readonly refusedChecks: Set<string>;
  /** The final reaction that the comment is known to have. */
  reacted: Reaction | undefined;
};

export const follow = (target: Target, due: number): Followed => ({
  target,
  jobs: new Map(),
  body: undefined,
  stale: undefined,
  due,
  progressDue: -Infinity,
  busy: false,
  faults: 0,
  refusals: 0,
  told: new Set(),
  checked: new Map(),
  refusedChecks: new Set(),
  reacted: undefined,
});

/**
 * Takes in a job as it is now. Links differ at each look, and say nothing new.
 * @param lately whether something that has ended has done so lately: what ended long ago, unseen, may have been told long ago
 */
export const takeIn = (
  followed: Followed,
  job: Job,
  { now, lately }: { now: number; lately: boolean },
): void => {
  const before = followed.jobs.get(job.id);
  followed.jobs.set(job.id, job);
  if (before !== undefined && content(before) === content(job)) return;
  const priority = priorityOf(before, job, lately);
  if (priority === 'progress' && followed.refusals > 0) return;
  stale(followed, { since: now, priority });
};

/** Returns whether all jobs of the reply have ended. */
export const haveAllEnded = ({ jobs }: Followed): boolean => [...jobs.values()].every((job) => !isLive(job));

/** There is something to show, beside what there was. */
export const stale = (followed: Followed, { since, priority }: Stale): void => {
  const before = followed.stale ?? { since, priority };
  followed.stale = { since: Math.min(before.since, since), priority: moreUrgent(before.priority, priority) };
};

const priorityOf = (before: Job | undefined, job: Job, lately: boolean): Priority => {
  if (before && stageOf(before) === stageOf(job)) return 'progress';
  return !isLive(job) && (before !== undefined || lately) ? 'final' : 'news';
};

/** Somebody may be waiting for a job to go from one to the next. */
const stageOf = ({ state, waiting, approvals }: Job): string =>
  `${state} ${waiting?.for} ${approvals.length}`;

const moreUrgent = (a: Priority, b: Priority): Priority =>
  priorities.indexOf(a) < priorities.indexOf(b) ? a : b;

const content = (job: Job): string =>
  JSON.stringify({ ...job, links: job.links && Object.keys(job.links), updatedAt: null });
