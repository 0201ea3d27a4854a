import { commentKinds } from '../contracts/comment-id.ts';
import { getCommand } from './workflow-request.ts';
import { answerComment } from './comment/answer-comment.ts';
import { InputError } from './inputs/inputs.ts';
import { runCommand } from './run-command.ts';
import type { ActionStep } from './step/step.ts';
import { sweep } from './sweep/sweep.ts';
import { validatePolicy } from './validate-policy.ts';

/*
 * Loaded after the inputs were validated: everything that a step can do, including the parsers of commands and policies.
 */

// Used by comment/second-reader-process.ts.
export { readPolicy } from '../chatops/policy/index.ts';

/** Runs the step in its mode. @returns the step's exit code @throws InputError, or the error of a call */
export const runMode = async (step: ActionStep): Promise<number> => {
  const { inputs, runner } = step;
  if (inputs.mode === 'validate') return validatePolicy(step);
  if (inputs.mode === 'sweep') return sweep(step);
  const command = getCommand(inputs);
  if (command !== undefined) return runCommand(command, step);
  const kind = commentKinds.find((event) => event === runner.event.name);
  if (kind !== undefined) return answerComment(kind, step);
  throw new InputError([
    `Input command: expected one of command, task and compute on the event ${runner.event.name}, received none. Set one under "with" of this step.`,
  ]);
};
