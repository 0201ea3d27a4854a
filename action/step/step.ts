import type { Inputs } from '../inputs/inputs.ts';
import type { Runner } from './runner.ts';
import type { Stop } from './stop.ts';

/** The step that this process is: what it was given, where it runs, and when it has to end. */
export type Step = { inputs: Inputs; runner: Runner; stop: Stop; environment: NodeJS.ProcessEnv };
