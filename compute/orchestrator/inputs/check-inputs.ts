import type { GenericSchema } from 'valibot';
import { expectedExactNumber, findInexactNumber, parseExactJson } from '../../../contracts/exact-json.ts';
import { parseInput, rejectField, type ParseResult } from '../../../contracts/problem.ts';
import type { ComputeRequest } from '../../../contracts/job-request.ts';
import type { Algorithm } from '../../algorithms/algorithm.ts';
import { invalidInputs } from './source.ts';
import type { InputSources } from './sources.ts';

/**
 * Checks that a request has uploaded inputs if, and only if, its algorithm can work on them, and that each of them is one for the
 * algorithm.
 */
export const checkInputs = async (
  sources: InputSources,
  algorithm: Algorithm,
  { inputs, inputCount }: ComputeRequest,
): Promise<ParseResult<unknown>> => {
  const { name, input } = algorithm;
  if (!inputs)
    return algorithm.inputs
      ? { ok: true, value: null }
      : rejectField('inputs', `uploaded inputs, for ${name} makes none itself`, 'nothing');
  if (!input)
    return rejectField(
      'inputs',
      `nothing, for ${name} makes its inputs itself; other algorithms take those of a file`,
      inputs,
    );
  const source = await sources(inputs.sha256);
  if (!source)
    return rejectField('inputs.sha256', 'that of uploaded inputs', inputs.sha256, 'unknown-inputs');
  if (source.count !== inputCount)
    return rejectField('inputCount', `${source.count}, as many as were uploaded`, inputCount);
  return source.findFirstProblem((line, field) => readInput(input, line, field));
};

const readInput = (schema: GenericSchema, line: string, field: string): ParseResult<unknown> => {
  const one = parseInput(schema, parseExactJson(line), invalidInputs);
  if (one.ok) return one;
  const { expected, received } = one.problem;
  const inexact = findInexactNumber(line);
  return inexact
    ? rejectField(field, expectedExactNumber, inexact.source, invalidInputs)
    : rejectField(field, expected ?? 'another value', received, invalidInputs);
};
