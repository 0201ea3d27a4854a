import type { Jobs } from '../compute/client/index.ts';
import type { BotMetrics } from './metrics.ts';

/** The same `Jobs`, with each start and cancel counted by its answer. */
export const countedJobs = (jobs: Jobs, { starts, cancels }: BotMetrics): Jobs => ({
  ...jobs,
  start: (request) =>
    counted(
      jobs.start(request),
      ({ outcome }) => outcome,
      (outcome) => starts.inc({ kind: request.kind, outcome }),
    ),
  cancel: (id, by, scope) =>
    counted(
      jobs.cancel(id, by, scope),
      (answer) => answer,
      (outcome) => cancels.inc({ outcome }),
    ),
});

const counted = async <T>(
  call: Promise<T>,
  outcomeOf: (answer: T) => string,
  count: (outcome: string) => void,
): Promise<T> => {
  try {
    const answer = await call;
    count(outcomeOf(answer));
    return answer;
  } catch (error) {
    count('fault');
    throw error;
  }
};
