import { Kept } from './follow/post-state.ts';
import { InputError, readInputs, type Inputs } from './inputs/inputs.ts';
import { maskSecrets } from './inputs/mask-secrets.ts';
import { useProxy } from './proxy.ts';
import { wordsOf } from './report/error-message.ts';
import { setOutputs } from './report/report-job.ts';
import { readRunner } from './step/runner-context.ts';
import type { Step } from './step/step.ts';
import { stopAfter, stopReasons, type Stop, type StopCause } from './step/deadline.ts';
import { error, warning } from './report/log.ts';

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
    const step: Step = { inputs, runner, environment, stop, kept: new Kept() };
    const { inMode } = await import('./run-mode.ts');
    return await inMode(step);
  } catch (fault) {
    tell(fault, { cause: stop?.cause(), inputs });
    return 1;
  }
};

const noProxy =
  'This Node goes through no proxy: set NODE_USE_ENV_PROXY to 1 in the environment of the runner.';

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
