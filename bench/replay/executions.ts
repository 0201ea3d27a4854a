import type { Orchestration, Registry, Steps } from '../../compute/orchestrator/durable.ts';

/** The executions of an app, and the seconds that its orchestrations spent replaying earlier steps. */
export type Executions = { episodes: number; activities: number; replaySeconds: number };

/** Wraps a registry, for a host in the mode `replay`, so that each execution is counted in `counts`. */
export const countExecutions = ({ orchestrations, activities }: Registry, counts: Executions): Registry => ({
  orchestrations: mapValues(orchestrations, (orchestration) => countEpisodes(orchestration, counts)),
  activities: mapValues(activities, (activity) => async (input: never) => {
    counts.activities += 1;
    return activity(input);
  }),
});

const mapValues = <T>(object: Readonly<Record<string, T>>, change: (value: T) => T): Record<string, T> =>
  Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(value)]));

/**
 * Counts each generator: in the mode `replay`, each episode creates one, and replays the history with it at once. The replay ends with
 * the last step that is not new.
 */
const countEpisodes =
  (orchestration: Orchestration, counts: Executions): Orchestration =>
  (context) => {
    counts.episodes += 1;
    let measuredUntil = performance.now();
    const onStep = (): void => {
      if (!context.df.isReplaying) return;
      const now = performance.now();
      counts.replaySeconds += (now - measuredUntil) / 1000;
      measuredUntil = now;
    };
    return watchSteps(orchestration(context), onStep);
  };

/** Runs steps, and calls `onStep` after each. */
function* watchSteps(steps: Steps<unknown>, onStep: () => void): Steps<unknown> {
  let next = steps.next();
  for (;;) {
    onStep();
    if (next.done) return next.value;
    try {
      const value = yield next.value;
      next = steps.next(value);
    } catch (error) {
      next = steps.throw(error);
    }
  }
}
