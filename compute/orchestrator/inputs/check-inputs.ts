import type { GenericSchema } from 'valibot';
import { expectedExactNumber, findInexactNumber, parseExactJson } from '../../../contracts/exact-json.ts';
import { parseInput, rejectField, type ParseResult } from '../../../contracts/problem.ts';
import type { ComputeRequest } from '../../../contracts/job-request.ts';
import type { Algorithm } from '../../algorithms/algorithm.ts';
import { invalidInputs } from './source.ts';
import type { InputSources } from './sources.ts';

/**
 * Checks that a request has uploaded inputs if and only if its algorithm needs them, and that the algorithm accepts each of them.
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
      : rejectField('inputs', `uploaded inputs, because ${name} does not generate inputs`, 'nothing');
  if (!input)
    return rejectField(
      'inputs',
      `nothing, because ${name} generates its inputs; other algorithms accept inputs from a file`,
      inputs,
    );
  const source = await sources(inputs.sha256);
  if (!source)
    return rejectField('inputs.sha256', 'the sha256 of uploaded inputs', inputs.sha256, 'unknown-inputs');
  if (source.count !== inputCount)
    return rejectField('inputCount', `${source.count}, the number of uploaded inputs`, inputCount);
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
