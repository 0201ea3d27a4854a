import type { ThreadRef } from '../../chatops/github/port.ts';
import type { Job } from '../../compute/client/index.ts';

/** The comment whose reply shows a job, as the job's origin names it. */
export type Target = {
  thread: ThreadRef;
  comment: { id: number; createdAt: string };
  installation: number;
};

/** Undefined for a job that is not ours to report: from elsewhere, from no comment, or from no installation of the app. */
export const targetOf = ({ origin }: Job, host: string): Target | undefined => {
  const { repository, thread, comment, installation } = origin;
  if (origin.host !== host || !repository || !thread || !comment || installation === undefined)
    return undefined;
  return {
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

/** A reply that is kept up to date. All of it can be rebuilt from the orchestrator and from GitHub. Times by `performance.now()`. */
export type Followed = {
  readonly target: Target;
  readonly jobs: Map<string, Job>;
  /** What stands on GitHub, as far as we know. */
  body: string | undefined;
  /** Since when it may have something to show; undefined if it has not. */
  staleSince: number | undefined;
  /** Before then it is not looked at. */
  due: number;
  busy: boolean;
  /** Faults in a row. */
  faults: number;
};

export const follow = (target: Target, due: number): Followed => ({
  target,
  jobs: new Map(),
  body: undefined,
  staleSince: undefined,
  due,
  busy: false,
  faults: 0,
});

/** Takes in a job as it is now. Links differ at each look, and say nothing new. */
export const takeIn = (followed: Followed, job: Job, now: number): void => {
  const before = followed.jobs.get(job.id);
  followed.jobs.set(job.id, job);
  if (before === undefined || content(before) !== content(job)) followed.staleSince ??= now;
};

const content = (job: Job): string =>
  JSON.stringify({ ...job, links: job.links && Object.keys(job.links), updatedAt: null });
