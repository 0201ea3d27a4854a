import type { Activity } from '../../compute/orchestrator/durable.ts';
import type { ClockedHost } from '../../test/fixtures/clocked-host.ts';

/** The steps that happen to the instances of a recording. */
export type Scenario = {
  note: string;
  activities: Readonly<Record<string, Activity>>;
  play(host: ClockedHost): Promise<void>;
  isRecorded(instanceId: string): boolean;
};

/** The results of an activity's calls for one job, in their order; the last one is that of all further calls. An error is thrown. */
export type Results = Readonly<Record<string, readonly unknown[]>>;

type ActivityInput = { job?: string; plan?: { job: string } };

/** Returns activities with given results, by the ids of jobs and the names of activities. */
export const scriptActivities = (jobs: Readonly<Record<string, Results>>): Record<string, Activity> => {
  const calls = new Map<string, number>();
  const names = new Set(Object.values(jobs).flatMap((results) => Object.keys(results)));
  const call = (name: string) => async (input: ActivityInput | null) => {
    const job = input?.job ?? input?.plan?.job ?? '';
    const results = jobs[job]?.[name] ?? [];
    const n = calls.get(`${job} ${name}`) ?? 0;
    calls.set(`${job} ${name}`, n + 1);
    const result = results[Math.min(n, results.length - 1)];
    if (result instanceof Error) throw result;
    return typeof result === 'function'
      ? (result as (input: ActivityInput | null) => unknown)(input)
      : result;
  };
  return {
    ...Object.fromEntries([...names].map((name) => [name, call(name)])),
    Checkpoint: async () => null,
  };
};
