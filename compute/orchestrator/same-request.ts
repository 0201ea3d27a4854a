import * as v from 'valibot';
import type { ComputeRequest, TaskRequest } from '../formats/request.ts';
import { JobInput } from './job-input.ts';

/**
 * Whether a request asks for what a known job was started with. Neither origin, id, conditions nor pin count, nor the order of parameters, nor
 * whether a value is written as text; defaults of tasks and algorithms are not filled in, for they may have changed since.
 */
export const isSameRequest = (
  kind: JobInput['kind'],
  request: ComputeRequest | TaskRequest,
  input: unknown,
): boolean => {
  const known = v.safeParse(JobInput, input);
  return (
    known.success && known.output.kind === kind && canonical(known.output.request) === canonical(request)
  );
};

const canonical = (request: ComputeRequest | TaskRequest): string => {
  const { timeoutSeconds = null, retryOf = null } = request;
  if ('taskName' in request) {
    const values = request.parameters.map(({ name, value }): Pair => [name, value]);
    return JSON.stringify(['task', request.taskName, sorted(values), timeoutSeconds, retryOf]);
  }
  const { algorithm, inputCount, blockSize = null, inputs } = request;
  const values = Object.entries(request.parameters).map(([name, value]): Pair => [name, String(value)]);
  const work = [algorithm, inputCount, blockSize, inputs?.sha256 ?? null, sorted(values)];
  return JSON.stringify(['compute', ...work, timeoutSeconds, retryOf]);
};

type Pair = [name: string, value: string];

const sorted = (pairs: Pair[]): Pair[] => pairs.toSorted(([a], [b]) => (a < b ? -1 : Number(a > b)));
