import type { ActionInputs } from '../inputs/inputs.ts';
import type { TrackedJobs } from '../follow/post-state.ts';
import type { RunnerContext } from './runner-context.ts';
import type { StepDeadline } from './deadline.ts';

/** The step that this process is: what it was given, where it runs, when it has to end, and what it has begun. */
export type ActionStep = {
  inputs: ActionInputs;
  runner: RunnerContext;
  deadline: StepDeadline;
  trackedJobs: TrackedJobs;
  environment: NodeJS.ProcessEnv;
};
