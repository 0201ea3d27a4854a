import type { Job } from '../../compute/client/index.ts';

/** When a reply is edited to show progress, by how long its job has run. In milliseconds. */
export type EditThrottle = {
  /** The first edits come after these times. */
  first: readonly number[];
  /** Later ones are at least this far apart, */
  interval: number;
  /** and this share of the time that has passed. */
  share: number;
};

const defaultThrottle = { first: [2_000, 5_000, 10_000, 20_000], apart: 30_000, share: 0.05 };

/** The usual pace (2, 5, 10, 20 s, then 30 s or 5 %), faster or slower as a whole. @param apart between two later edits, in milliseconds */
export const createEditThrottle = (apart: number): EditThrottle => {
  const factor = apart / defaultThrottle.apart;
  return {
    first: defaultThrottle.first.map((time) => time * factor),
    interval: apart,
    share: defaultThrottle.share * factor,
  };
};

/** How long after an edit the next one may follow. @param elapsed how long the job had run then; undefined: it did not run */
export const getEditDelay = (
  { first, interval: apart, share }: EditThrottle,
  elapsed: number | undefined,
): number => {
  if (elapsed === undefined) return apart;
  const early = first.find((time) => time > elapsed);
  return early === undefined ? Math.max(apart, elapsed * share) : early - elapsed;
};

/** How long the job that began last has run; undefined if none runs. @param clock the orchestrator's, in milliseconds since 1970 */
export const getElapsed = (jobs: Iterable<Job>, clock: number): number | undefined => {
  const starts = [...jobs].flatMap(({ state, startedAt }) =>
    state === 'running' && startedAt !== null ? [Date.parse(startedAt)] : [],
  );
  return starts.length === 0 ? undefined : Math.max(0, clock - Math.max(...starts));
};
