import { getBlockSize } from '../../../contracts/job-request.ts';
import { secretMask } from '../../../contracts/task-parameters.ts';
import type { JobInput } from '../job/job-state.ts';

/** What was asked for, as a view shows it: with defaults filled in, and values of secret parameters masked. */
export const redactRequest = (input: JobInput): Record<string, unknown> => {
  if (input.kind === 'compute') {
    const { algorithm, inputCount, inputs, timeoutSeconds } = input.request;
    const blockSize = getBlockSize(input.request);
    const shown = { algorithm, inputCount, parameters: input.parameters, blockSize, timeoutSeconds };
    return inputs ? { ...shown, inputs } : shown;
  }
  const { taskName, parameters, timeoutSeconds } = input.request;
  const shown = parameters.map(({ name, value }) => ({
    name,
    value: input.secrets.includes(name) ? secretMask : value,
  }));
  return { taskName, parameters: shown, ...(timeoutSeconds === undefined ? {} : { timeoutSeconds }) };
};
