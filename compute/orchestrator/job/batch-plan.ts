import { blocksPerBatch, type JobId } from '../../../contracts/ids.ts';
import { getBlockCount, getBlockSize } from '../../../contracts/job-request.ts';
import type { InputRange } from '../../algorithms/algorithm.ts';
import type { ComputeJob } from './job-state.ts';

/** One batch of a job: which blocks it has and all that their inputs are made of. */
export type BatchPlan = {
  job: JobId;
  batch: number;
  /** Its first block and how many it has. */
  first: number;
  count: number;
  algorithm: string;
  parameters: Record<string, unknown>;
  inputCount: number;
  blockSize: number;
  /** The sha256 of inputs that were uploaded; without it the algorithm makes them. */
  source?: string;
  /** The job whose done blocks are taken over. */
  retryOf?: JobId;
  /** When the job's time is over, ISO 8601. */
  deadline: string;
};

/** The batches of a job, in the order of their blocks. @param from when its time begins, ISO 8601 */
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

/** Which inputs of the job a block has. */
export const getInputRange = ({ blockSize, inputCount }: BatchPlan, block: number): InputRange => {
  const from = block * blockSize;
  return { from, count: Math.min(blockSize, inputCount - from) };
};

/** The batch's blocks, by index. */
export const listBlocks = ({ first, count }: Pick<BatchPlan, 'first' | 'count'>): number[] =>
  Array.from({ length: count }, (_, n) => first + n);
