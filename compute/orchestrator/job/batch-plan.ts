import { blocksPerBatch, type JobId } from '../../../contracts/ids.ts';
import { getBlockCount, getBlockSize } from '../../../contracts/job-request.ts';
import type { InputRange } from '../../algorithms/algorithm.ts';
import type { ComputeJob } from './job-state.ts';

/** One batch of a job: its blocks, and everything from which their inputs are generated. */
export type BatchPlan = {
  job: JobId;
  batch: number;
  /** The index of its first block, and its number of blocks. */
  first: number;
  count: number;
  algorithm: string;
  parameters: Record<string, unknown>;
  inputCount: number;
  blockSize: number;
  /** The sha256 of the uploaded inputs; without it, the algorithm generates the inputs. */
  source?: string;
  /** The job whose done blocks are reused. */
  retryOf?: JobId;
  /** The job's deadline, ISO 8601. */
  deadline: string;
};

/** Returns the batches of a job, in the order of their blocks. @param from the start of its timeout, ISO 8601 */
export const planBatches = (job: JobId, { request, parameters }: ComputeJob, from: string): BatchPlan[] => {
  const blocks = getBlockCount(request);
  const { algorithm, inputCount, inputs, retryOf } = request;
  const optional = { ...(inputs ? { source: inputs.sha256 } : {}), ...(retryOf ? { retryOf } : {}) };
  const shared = { job, algorithm, parameters, inputCount, blockSize: getBlockSize(request), ...optional };
  const deadline = new Date(Date.parse(from) + request.timeoutSeconds * 1000).toISOString();
  return Array.from({ length: Math.ceil(blocks / blocksPerBatch) }, (_, batch) => {
    const first = batch * blocksPerBatch;
    return { ...shared, batch, first, count: Math.min(blocksPerBatch, blocks - first), deadline };
  });
};

/** Returns the range of the job's inputs that a block has. */
export const getInputRange = ({ blockSize, inputCount }: BatchPlan, block: number): InputRange => {
  const from = block * blockSize;
  return { from, count: Math.min(blockSize, inputCount - from) };
};

/** Returns the indexes of the batch's blocks. */
export const listBlocks = ({ first, count }: Pick<BatchPlan, 'first' | 'count'>): number[] =>
  Array.from({ length: count }, (_, n) => first + n);
