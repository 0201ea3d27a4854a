import type { Inputs } from '../inputs/inputs.ts';
import type { Kept } from '../follow/post-state.ts';
import type { Runner } from './runner-context.ts';
import type { Stop } from './deadline.ts';

/** The step that this process is: what it was given, where it runs, when it has to end, and what it has begun. */
export type Step = {
  inputs: Inputs;
  runner: Runner;
  stop: Stop;
  kept: Kept;
  environment: NodeJS.ProcessEnv;
};
