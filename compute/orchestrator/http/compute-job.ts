import * as v from 'valibot';
import {
  parseInput,
  rejectUndeclaredParameter,
  rejectField,
  type ParseResult,
} from '../../../contracts/problem.ts';
import { getBlockCount, type ComputeRequest } from '../../../contracts/job-request.ts';
import type { Algorithm } from '../../algorithms/algorithm.ts';
import type { DurableClient } from '../durable.ts';
import { checkInputs } from '../inputs/check-inputs.ts';
import type { InputSources } from '../inputs/sources.ts';
import type { ComputeJob } from '../job/job-state.ts';
import type { RequestLimits } from './limits.ts';
import { checkRetry } from './retry.ts';

export type StartComputeOptions = {
  algorithms: ReadonlyMap<string, Algorithm>;
  sources: InputSources;
  limits: RequestLimits;
};

/** Checks what the request's schema cannot (its algorithm, parameters, inputs, the job it is a retry of), and makes the job's input. */
export const prepareComputeJob = async (
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
  const job: ComputeJob = { v: 1, kind: 'compute', acceptedAt, request, parameters: parameters.value };
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

/** The parameters with defaults filled in. */
const checkParameters = (
  { name, parameters: schema }: Algorithm,
  { parameters }: ComputeRequest,
): ParseResult<Record<string, unknown>> => {
  const names = getParameterNames(schema);
  const unknown = names && Object.keys(parameters).find((given) => !names.includes(given));
  if (names && unknown !== undefined) return rejectUndeclaredParameter(`algorithm ${name}`, unknown, names);
  const filled = parseInput(v.object({ parameters: schema }), { parameters });
  return filled.ok ? { ok: true, value: filled.value.parameters as Record<string, unknown> } : filled;
};

/** All that an algorithm takes; undefined if it takes others too. */
const getParameterNames = (schema: v.GenericSchema): string[] | undefined =>
  schema.type === 'strict_object' && 'entries' in schema ? Object.keys(schema.entries as object) : undefined;

const toUnknownAlgorithm = (algorithms: ReadonlyMap<string, Algorithm>, name: string) =>
  rejectField('algorithm', `one of ${[...algorithms.keys()].join(', ')}`, name, 'unknown-algorithm');
