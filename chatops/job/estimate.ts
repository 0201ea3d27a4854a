import * as v from 'valibot';
import type { Job } from '../../compute/client/index.ts';
import type { JobWork } from './plan.ts';
import type { ResolvedAlgorithm } from './resolve-algorithm.ts';

/** How long a job may take, and the completed run from which that follows. */
export type Estimate = {
  seconds: number;
  /** `inputs`: the number of inputs of a computation. */
  from: { seconds: number; inputs: number | null; hasOtherParameters: boolean };
};

const ComputeRun = v.object({
  algorithm: v.string(),
  inputCount: v.pipe(v.number(), v.minValue(1)),
  parameters: v.record(v.string(), v.unknown()),
});
const TaskRun = v.object({ taskName: v.string() });

/**
 * Estimates how long a job will take: as long as the newest completed one of the same task, or, scaled by the number of inputs, of the
 * same algorithm. Undefined if there is none.
 * @param algorithm of a computation; a run with the same parameters counts first
 * @param jobs the jobs of the repository, newest first
 */
export const estimateDuration = (
  work: JobWork,
  algorithm: ResolvedAlgorithm | undefined,
  jobs: readonly Job[],
): Estimate | undefined => {
  const runs = jobs.flatMap((job) => readRun(job, work, algorithm) ?? []);
  const from = runs.find(({ hasOtherParameters }) => !hasOtherParameters) ?? runs[0];
  if (!from) return undefined;
  const scale = work.kind === 'compute' && from.inputs !== null ? work.inputCount / from.inputs : 1;
  return { seconds: from.seconds * scale, from };
};

/** Returns what a job says about the duration of this work; undefined if it is of another kind or did not complete. */
const readRun = (
  { kind, state, request, startedAt, endedAt, retryOf }: Job,
  work: JobWork,
  algorithm: ResolvedAlgorithm | undefined,
): Estimate['from'] | undefined => {
  const seconds = (Date.parse(endedAt ?? '') - Date.parse(startedAt ?? '')) / 1_000;
  if (kind !== work.kind || state !== 'completed' || !(seconds >= 0)) return undefined;
  if (work.kind === 'task') {
    const isSame = v.is(TaskRun, request) && request.taskName === work.taskName;
    return isSame ? { seconds, inputs: null, hasOtherParameters: false } : undefined;
  }
  const run = v.safeParse(ComputeRun, request);
  // A retry reuses the blocks of the earlier job.
  if (retryOf !== null || !run.success || run.output.algorithm !== algorithm?.name) return undefined;
  const { inputCount: inputs, parameters: given } = run.output;
  return { seconds, inputs, hasOtherParameters: !hasParameters(given, algorithm) };
};

/** Returns whether parameters of a job, which include defaults, are those of an algorithm. */
const hasParameters = (
  given: Readonly<Record<string, unknown>>,
  { parameters }: ResolvedAlgorithm,
): boolean =>
  Object.keys(given).length === parameters.length &&
  parameters.every(({ name, value }) => Object.hasOwn(given, name) && String(given[name]) === value);
