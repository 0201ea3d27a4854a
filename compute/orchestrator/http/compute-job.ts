import * as v from 'valibot';
import { read, undeclared, unexpected, type Read } from '../../../contracts/problem.ts';
import { blockCountOf, type ComputeRequest } from '../../../contracts/job-request.ts';
import type { Algorithm } from '../../algorithms/algorithm.ts';
import type { DurableClient } from '../durable.ts';
import { checkInputs } from '../inputs/check-inputs.ts';
import type { Sources } from '../inputs/sources.ts';
import type { ComputeJob } from '../job/job-state.ts';
import type { Limits } from './limits.ts';
import { checkRetry } from './retry.ts';

export type ComputeOptions = {
  algorithms: ReadonlyMap<string, Algorithm>;
  sources: Sources;
  limits: Limits;
};

/** Checks what the request's schema cannot (its algorithm, parameters, inputs, the job it is a retry of), and makes the job's input. */
export const computeJob = async (
  client: DurableClient,
  { algorithms, sources, limits }: ComputeOptions,
  request: ComputeRequest,
): Promise<Read<ComputeJob>> => {
  const blocks = checkBlocks(limits, request);
  if (!blocks.ok) return blocks;
  const algorithm = algorithms.get(request.algorithm);
  if (!algorithm) return unknownAlgorithm(algorithms, request.algorithm);
  const parameters = checkParameters(algorithm, request);
  if (!parameters.ok) return parameters;
  const acceptedAt = new Date().toISOString();
  const job: ComputeJob = { v: 1, kind: 'compute', acceptedAt, request, parameters: parameters.value };
  const retry = await checkRetry(client, job);
  if (!retry.ok) return retry;
  const inputs = await checkInputs(sources, algorithm, request);
  return inputs.ok ? { ok: true, value: job } : inputs;
};

const checkBlocks = (limits: Limits, request: ComputeRequest): Read<number> => {
  const blocks = blockCountOf(request);
  if (blocks <= limits.blocks) return { ok: true, value: blocks };
  const least = Math.ceil(request.inputCount / limits.blocks);
  return unexpected(
    'blockSize',
    `at least ${least}, for at most ${limits.blocks} blocks`,
    `${blocks} blocks`,
  );
};

/** The parameters with defaults filled in. */
const checkParameters = (
  { name, parameters: schema }: Algorithm,
  { parameters }: ComputeRequest,
): Read<Record<string, unknown>> => {
  const names = namesOf(schema);
  const unknown = names && Object.keys(parameters).find((given) => !names.includes(given));
  if (names && unknown !== undefined) return undeclared(`algorithm ${name}`, unknown, names);
  const filled = read(v.object({ parameters: schema }), { parameters });
  return filled.ok ? { ok: true, value: filled.value.parameters as Record<string, unknown> } : filled;
};

/** All that an algorithm takes; undefined if it takes others too. */
const namesOf = (schema: v.GenericSchema): string[] | undefined =>
  schema.type === 'strict_object' && 'entries' in schema ? Object.keys(schema.entries as object) : undefined;

const unknownAlgorithm = (algorithms: ReadonlyMap<string, Algorithm>, name: string) =>
  unexpected('algorithm', `one of ${[...algorithms.keys()].join(', ')}`, name, 'unknown-algorithm');
