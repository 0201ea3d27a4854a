import { blocksPerBatch, type JobId } from '../../../contracts/ids.ts';
import { getBlockCount, getBlockSize } from '../../../contracts/job-request.ts';
import type { InputRange } from '../../algorithms/algorithm.ts';
import type { ComputeJob } from './job-state.ts';

/** Everything from which the inputs of a job's blocks are generated. */
export type JobPlan = {
  job: JobId;
  algorithm: string;
  /** Missing if they are large: then they are in the blob at `parametersPath`. */
  parameters?: Record<string, unknown>;
  inputCount: number;
  blockSize: number;
  /** The sha256 of the uploaded inputs; without it, the algorithm generates the inputs. */
  source?: string;
  /** The job whose done blocks are reused. */
  retryOf?: JobId;
  /** The job's deadline, ISO 8601. */
  deadline: string;
};

/** One batch of a job. `first`: the index of its first block; `count`: its number of blocks. */
export type BatchPlan = JobPlan & { batch: number; first: number; count: number };

/** The maximum size of parameters that each batch carries in its history, again and again, in characters of JSON. */
const maxCarriedParameters = 1_024;

/** Returns whether a job's batches read the parameters from a blob, because they are large. */
export const hasStoredParameters = ({ parameters, revision }: ComputeJob): boolean =>
  revision !== undefined && JSON.stringify(parameters).length > maxCarriedParameters;

/** Returns what the batches of a job share. @param from the start of its timeout, ISO 8601 */
export const planJob = (job: JobId, input: ComputeJob, from: string): JobPlan => {
  const { algorithm, inputCount, inputs, retryOf, timeoutSeconds } = input.request;
  return {
    job,
    algorithm,
    ...(hasStoredParameters(input) ? {} : { parameters: input.parameters }),
    inputCount,
    blockSize: getBlockSize(input.request),
    ...(inputs ? { source: inputs.sha256 } : {}),
    ...(retryOf ? { retryOf } : {}),
    deadline: new Date(Date.parse(from) + timeoutSeconds * 1000).toISOString(),
  };
};

/** Returns the number of a job's batches. */
export const countBatches = (plan: JobPlan): number => Math.ceil(getBlockCount(plan) / blocksPerBatch);

/** Returns the plan of one of a job's batches. Recorded histories have its fields in this order. */
export const planBatch = ({ deadline, ...shared }: JobPlan, batch: number): BatchPlan => {
  const first = batch * blocksPerBatch;
  const count = Math.min(blocksPerBatch, getBlockCount(shared) - first);
  return { ...shared, batch, first, count, deadline };
};

/** Returns the range of the job's inputs that a block has. */
export const getInputRange = ({ blockSize, inputCount }: BatchPlan, block: number): InputRange => {
  const from = block * blockSize;
  return { from, count: Math.min(blockSize, inputCount - from) };
};

/** Returns the indexes of the batch's blocks. */
export const listBlocks = ({ first, count }: Pick<BatchPlan, 'first' | 'count'>): number[] =>
  Array.from({ length: count }, (_, n) => first + n);
