import { error, warning } from '@actions/core';
import { commandOf } from './asking.ts';
import { answerComment } from './comment.ts';
import { wordsOf } from './fault.ts';
import { InputError, readInputs, type Inputs } from './inputs.ts';
import { useProxy } from './proxy.ts';
import { maskSecrets } from './secrets.ts';
import { setOutputs } from './report.ts';
import { run } from './run.ts';
import { readRunner } from './runner.ts';
import type { Step } from './step.ts';
import { stopAfter, stopReasons, type Stop, type StopCause } from './stop.ts';
import { sweep } from './sweep/sweep.ts';
import { validate } from './validate.ts';

/** Does what the step is to do, and tells of what goes wrong. Never throws. @returns the step's exit code */
export const act = async (environment: NodeJS.ProcessEnv): Promise<number> => {
  let stop: Stop | undefined;
  let inputs: Inputs | undefined;
  try {
    maskSecrets(environment);
    if (!useProxy(environment)) warning(noProxy);
    inputs = readInputs(environment);
    const runner = readRunner(environment);
    stop = stopAfter(inputs['timeout-minutes']);
    const step: Step = { inputs, runner, environment, stop };
    return await doneBy(step)(step);
  } catch (fault) {
    tell(fault, { cause: stop?.cause(), inputs });
    return 1;
  }
};

const noProxy =
  'This Node goes through no proxy: set NODE_USE_ENV_PROXY to 1 in the environment of the runner.';

const doneBy = ({ inputs, runner }: Step): ((step: Step) => Promise<number>) => {
  if (inputs.mode === 'validate') return validate;
  if (inputs.mode === 'sweep') return sweep;
  if (commandOf(inputs) !== undefined) return run;
  if (runner.event.name === 'issue_comment') return answerComment;
  throw new InputError([
    `Input command: expected one of command, task and compute on the event ${runner.event.name}, received none. Set one under "with" of this step.`,
  ]);
};

const tell = (
  fault: unknown,
  { cause, inputs }: { cause: StopCause | undefined; inputs: Inputs | undefined },
): void => {
  if (fault instanceof InputError) {
    setOutputs({ state: 'refused', reason: 'invalid-input' });
    for (const mistake of fault.mistakes) error(mistake, { title: 'Coxswain is not set up right' });
    return;
  }
  setOutputs({ state: 'error', reason: cause === undefined ? 'fault' : stopReasons[cause] });
  error(wordsOf(fault, inputs), { title: 'Coxswain could not go on' });
};
