import type { GenericSchema } from 'valibot';
import { exactNumber, findInexactNumber, parseExactJson } from '../../../contracts/exact-json.ts';
import { read, unexpected, type Read } from '../../../contracts/problem.ts';
import type { ComputeRequest } from '../../../contracts/job-request.ts';
import type { Algorithm } from '../../algorithms/algorithm.ts';
import { invalidInputs } from './source.ts';
import type { Sources } from './sources.ts';

/**
 * Checks that a request has uploaded inputs if, and only if, its algorithm can work on them, and that each of them is one for the
 * algorithm.
 */
export const checkInputs = async (
  sources: Sources,
  algorithm: Algorithm,
  { inputs, inputCount }: ComputeRequest,
): Promise<Read<unknown>> => {
  const { name, input } = algorithm;
  if (!inputs)
    return algorithm.inputs
      ? { ok: true, value: null }
      : unexpected('inputs', `uploaded inputs, for ${name} makes none itself`, 'nothing');
  if (!input)
    return unexpected(
      'inputs',
      `nothing, for ${name} makes its inputs itself; other algorithms take those of a file`,
      inputs,
    );
  const source = await sources(inputs.sha256);
  if (!source) return unexpected('inputs.sha256', 'that of uploaded inputs', inputs.sha256, 'unknown-inputs');
  if (source.count !== inputCount)
    return unexpected('inputCount', `${source.count}, as many as were uploaded`, inputCount);
  return source.firstProblem((line, field) => readInput(input, line, field));
};

const readInput = (schema: GenericSchema, line: string, field: string): Read<unknown> => {
  const one = read(schema, parseExactJson(line), invalidInputs);
  if (one.ok) return one;
  const { expected, received } = one.problem;
  const inexact = findInexactNumber(line);
  return inexact
    ? unexpected(field, exactNumber, inexact.source, invalidInputs)
    : unexpected(field, expected ?? 'another value', received, invalidInputs);
};
