import { TrackedJobs } from './follow/post-state.ts';
import { InputError, readInputs, type ActionInputs } from './inputs/inputs.ts';
import { maskSecrets } from './inputs/mask-secrets.ts';
import { useProxy } from './proxy.ts';
import { formatErrorMessage } from './report/error-message.ts';
import { setOutputs } from './report/outputs.ts';
import { readRunnerContext } from './step/runner-context.ts';
import type { ActionStep } from './step/step.ts';
import { startDeadline, abortReasons, type StepDeadline, type AbortCause } from './step/deadline.ts';
import { error, warning } from './report/log.ts';

/** Runs the step and reports errors. Never throws. @returns the step's exit code */
export const runStep = async (environment: NodeJS.ProcessEnv): Promise<number> => {
  let deadline: StepDeadline | undefined;
  let inputs: ActionInputs | undefined;
  try {
    maskSecrets(environment);
    if (!useProxy(environment)) warning(proxyUnsupported);
    inputs = readInputs(environment);
    const runner = readRunnerContext(environment);
    deadline = startDeadline(inputs['timeout-minutes']);
    const step: ActionStep = { inputs, runner, environment, deadline, trackedJobs: new TrackedJobs() };
    const { runMode } = await import('./run-mode.ts');
    return await runMode(step);
  } catch (fault) {
    reportError(fault, { cause: deadline?.getCause(), inputs });
    return 1;
  }
};

const proxyUnsupported =
  'This version of Node cannot use the configured proxy. Set NODE_USE_ENV_PROXY to 1 in the environment of the runner.';

const reportError = (
  fault: unknown,
  { cause, inputs }: { cause: AbortCause | undefined; inputs: ActionInputs | undefined },
): void => {
  if (fault instanceof InputError) {
    setOutputs({ state: 'refused', reason: 'invalid-input' });
    for (const mistake of fault.mistakes) error(mistake, { title: 'Invalid configuration' });
    return;
  }
  setOutputs({ state: 'error', reason: cause === undefined ? 'fault' : abortReasons[cause] });
  error(formatErrorMessage(fault, inputs), { title: 'Coxswain failed' });
};
