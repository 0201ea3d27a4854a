import { isDeepStrictEqual } from 'node:util';
import { rejectField, type ParseResult } from '../../../contracts/problem.ts';
import { getBlockSize } from '../../../contracts/job-request.ts';
import type { DurableClient } from '../durable.ts';
import type { ComputeJob } from '../job/job-state.ts';
import { isLive } from '../job/instances.ts';
import { parseJobInstance } from '../job/job-instance.ts';

/** Checks that the job whose failed blocks are to run again, if one is named, has ended and had the same work to do. */
export const checkRetry = async (client: DurableClient, job: ComputeJob): Promise<ParseResult<null>> => {
  const { retryOf } = job.request;
  if (retryOf === undefined) return { ok: true, value: null };
  const mismatch = (expected: string) => rejectField('retryOf', expected, retryOf, 'retry-mismatch');
  const status = await client.status(retryOf);
  const earlier = status && parseJobInstance(status);
  // Under another origin's id, this may have found the caller's own job.
  if (earlier?.id !== retryOf) return mismatch('the id of an existing job');
  if (isLive(earlier.status)) return mismatch('the id of a job that has ended');
  if (earlier.input.kind !== 'compute' || !isDeepStrictEqual(getBlockSpec(earlier.input), getBlockSpec(job)))
    return mismatch('a job with the same algorithm, parameters, inputs and block size');
  return { ok: true, value: null };
};

/** All that blocks and their inputs are made of. */
const getBlockSpec = ({ request, parameters }: ComputeJob) => ({
  algorithm: request.algorithm,
  parameters,
  inputCount: request.inputCount,
  blockSize: getBlockSize(request),
  inputs: request.inputs?.sha256,
});
