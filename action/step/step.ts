import type { ActionInputs } from '../inputs/inputs.ts';
import type { TrackedJobs } from '../follow/post-state.ts';
import type { RunnerContext } from './runner-context.ts';
import type { StepDeadline } from './deadline.ts';

/** The step that this process runs: its inputs, its runner, its time limit, and the jobs that it has started. */
export type ActionStep = {
  inputs: ActionInputs;
  runner: RunnerContext;
  deadline: StepDeadline;
  trackedJobs: TrackedJobs;
  environment: NodeJS.ProcessEnv;
};
