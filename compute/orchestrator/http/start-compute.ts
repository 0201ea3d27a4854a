import * as v from 'valibot';
import {
  parseInput,
  rejectField,
  type ParseResult,
  rejectUndeclaredParameter,
} from '../../../contracts/problem.ts';
import {
  ComputeRequest,
  timeoutSchema,
  getBlockCount,
  getBlockSize,
} from '../../../contracts/job-request.ts';
import { integerInRange } from '../../../contracts/json-values.ts';
import type { GuardedRoute } from '../auth/guard.ts';
import { toBadRequest, readBody } from '../json.ts';
import { startJob } from './start-job.ts';
import type { Algorithm } from '../../algorithms/algorithm.ts';
import type { DurableClient } from '../durable.ts';
import { checkInputs } from '../inputs/check-inputs.ts';
import type { InputSources } from '../inputs/sources.ts';
import { computeRevision, type ComputeJob } from '../job/job-state.ts';
import type { RequestLimits } from './limits.ts';
import { isDeepStrictEqual } from 'node:util';
import { isLive } from '../job/instances.ts';
import { parseJobInstance } from '../job/job-instance.ts';

/** `POST /api/orchestrators/ComputeOrchestrator[?inputCount=N]`: starts a compute job. */
export const startCompute = (options: StartComputeOptions): GuardedRoute => {
  const { inputs, timeoutSeconds } = options.limits;
  const schema = v.object({
    ...ComputeRequest.entries,
    inputCount: integerInRange(1, inputs),
    timeoutSeconds: timeoutSchema(timeoutSeconds),
  });
  return {
    name: 'StartCompute',
    method: 'POST',
    path: 'orchestrators/ComputeOrchestrator',
    needs: 'start',
    handle: async (httpRequest, _parameters, client, caller) => {
      const body = await readBody(httpRequest);
      if (!body.ok) return toBadRequest(body.problem);
      const inputCount = readInputCount(new URL(httpRequest.url), body.value['inputCount']);
      if (!inputCount.ok) return toBadRequest(inputCount.problem);
      const request = parseInput(schema, { ...body.value, inputCount: inputCount.value });
      if (!request.ok) return toBadRequest(request.problem);
      const prepare = () => prepareComputeJob(client, options, request.value);
      return startJob({ client, caller, kind: 'compute', request: request.value, prepare });
    },
  };
};

/** Returns the input count from the query or the body. If both have it, they must be the same. */
const readInputCount = (url: URL, inBody: unknown): ParseResult<unknown> => {
  const inQuery = url.searchParams.get('inputCount') ?? undefined;
  const same = inBody === inQuery || (typeof inBody === 'number' && String(inBody) === inQuery);
  if (inQuery === undefined || inBody === undefined || same) return { ok: true, value: inQuery ?? inBody };
  return rejectField(
    'inputCount',
    'the same number in query and body',
    `${inQuery} and ${JSON.stringify(inBody)}`,
  );
};

export type StartComputeOptions = {
  algorithms: ReadonlyMap<string, Algorithm>;
  sources: InputSources;
  limits: RequestLimits;
};

/** Checks what the request's schema cannot (algorithm, parameters, inputs, the job to retry), and builds the job's input. */
const prepareComputeJob = async (
  client: DurableClient,
  { algorithms, sources, limits }: StartComputeOptions,
  request: ComputeRequest,
): Promise<ParseResult<ComputeJob>> => {
  const blocks = checkBlocks(limits, request);
  if (!blocks.ok) return blocks;
  const algorithm = algorithms.get(request.algorithm);
  if (!algorithm) return toUnknownAlgorithm(algorithms, request.algorithm);
  const parameters = checkParameters(algorithm, request);
  if (!parameters.ok) return parameters;
  const acceptedAt = new Date().toISOString();
  const job: ComputeJob = {
    v: 1,
    kind: 'compute',
    acceptedAt,
    request,
    parameters: parameters.value,
    revision: computeRevision,
  };
  const retry = await checkRetry(client, job);
  if (!retry.ok) return retry;
  const inputs = await checkInputs(sources, algorithm, request);
  return inputs.ok ? { ok: true, value: job } : inputs;
};

const checkBlocks = (limits: RequestLimits, request: ComputeRequest): ParseResult<number> => {
  const blocks = getBlockCount(request);
  if (blocks <= limits.blocks) return { ok: true, value: blocks };
  const minBlockSize = Math.ceil(request.inputCount / limits.blocks);
  return rejectField(
    'blockSize',
    `at least ${minBlockSize}, for at most ${limits.blocks} blocks`,
    `${blocks} blocks`,
  );
};

/** Returns the parameters with defaults. */
const checkParameters = (
  { name, parameters: schema }: Algorithm,
  { parameters }: ComputeRequest,
): ParseResult<Record<string, unknown>> => {
  const names = getParameterNames(schema);
  const unknown = names && Object.keys(parameters).find((parameter) => !names.includes(parameter));
  if (names && unknown !== undefined) return rejectUndeclaredParameter(`algorithm ${name}`, unknown, names);
  const filled = parseInput(v.object({ parameters: schema }), { parameters });
  return filled.ok ? { ok: true, value: filled.value.parameters as Record<string, unknown> } : filled;
};

/** Returns the names of an algorithm's parameters; undefined if it accepts any name. */
const getParameterNames = (schema: v.GenericSchema): string[] | undefined =>
  schema.type === 'strict_object' && 'entries' in schema ? Object.keys(schema.entries as object) : undefined;

const toUnknownAlgorithm = (algorithms: ReadonlyMap<string, Algorithm>, name: string) =>
  rejectField('algorithm', `one of ${[...algorithms.keys()].join(', ')}`, name, 'unknown-algorithm');

/** Checks that the job to retry, if the request names one, has ended and had the same work. */
const checkRetry = async (client: DurableClient, job: ComputeJob): Promise<ParseResult<null>> => {
  const { retryOf } = job.request;
  if (retryOf === undefined) return { ok: true, value: null };
  const rejectRetry = (expected: string) => rejectField('retryOf', expected, retryOf, 'retry-mismatch');
  const status = await client.status(retryOf);
  const earlier = status && parseJobInstance(status);
  // For an id that another origin uses, this can be the caller's own job.
  if (earlier?.id !== retryOf) return rejectRetry('the id of an existing job');
  if (isLive(earlier.status)) return rejectRetry('the id of a job that has ended');
  if (earlier.input.kind !== 'compute' || !isDeepStrictEqual(getBlockSpec(earlier.input), getBlockSpec(job)))
    return rejectRetry('a job with the same algorithm, parameters, inputs and block size');
  return { ok: true, value: null };
};

/** Returns everything that determines a job's blocks and their inputs. */
const getBlockSpec = ({ request, parameters }: ComputeJob) => ({
  algorithm: request.algorithm,
  parameters,
  inputCount: request.inputCount,
  blockSize: getBlockSize(request),
  inputs: request.inputs?.sha256,
});
