import type { Job } from '../../compute/client/index.ts';

/** How often a reply is edited to show progress, by the run time of its job. Times are in milliseconds. */
export type EditThrottle = {
  /** The run times after which the first edits are made. */
  first: readonly number[];
  /** The minimum interval between later edits. */
  interval: number;
  /** The minimum interval as a share of the run time. */
  share: number;
};

const defaultThrottle = { first: [2_000, 5_000, 10_000, 20_000], interval: 30_000, share: 0.05 };

/** Returns the default throttle (2, 5, 10, 20 s, then 30 s or 5 %), scaled. @param interval the interval between later edits, in milliseconds */
export const createEditThrottle = (interval: number): EditThrottle => {
  const factor = interval / defaultThrottle.interval;
  return {
    first: defaultThrottle.first.map((time) => time * factor),
    interval,
    share: defaultThrottle.share * factor,
  };
};

/** Returns the delay from an edit to the next one. @param elapsed the job's run time at the edit; undefined if no job ran */
export const getEditDelay = (
  { first, interval, share }: EditThrottle,
  elapsed: number | undefined,
): number => {
  if (elapsed === undefined) return interval;
  const early = first.find((time) => time > elapsed);
  return early === undefined ? Math.max(interval, elapsed * share) : early - elapsed;
};

/** Returns the run time of the job that started last; undefined if none runs. @param clock the orchestrator's clock, in milliseconds since 1970 */
export const getElapsed = (jobs: Iterable<Job>, clock: number): number | undefined => {
  const starts = [...jobs].flatMap(({ state, startedAt }) =>
    state === 'running' && startedAt !== null ? [Date.parse(startedAt)] : [],
  );
  return starts.length === 0 ? undefined : Math.max(0, clock - Math.max(...starts));
};
