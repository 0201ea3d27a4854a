import type { Jobs } from '../compute/client/index.ts';
import type { BotMetrics } from './metrics.ts';

/** Wraps `Jobs` so that each start and cancel is counted by its outcome. */
export const instrumentJobs = (jobs: Jobs, { starts, cancels }: BotMetrics): Jobs => ({
  ...jobs,
  start: (request) =>
    countOutcome(
      jobs.start(request),
      ({ outcome }) => outcome,
      (outcome) => starts.inc({ kind: request.kind, outcome }),
    ),
  cancel: (id, by, scope) =>
    countOutcome(
      jobs.cancel(id, by, scope),
      (answer) => answer,
      (outcome) => cancels.inc({ outcome }),
    ),
});

const countOutcome = async <T>(
  call: Promise<T>,
  getOutcome: (answer: T) => string,
  count: (outcome: string) => void,
): Promise<T> => {
  try {
    const answer = await call;
    count(getOutcome(answer));
    return answer;
  } catch (error) {
    count('fault');
    throw error;
  }
};
