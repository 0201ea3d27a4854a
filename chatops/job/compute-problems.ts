import type {
  AlgorithmDescription,
  AlgorithmParameter,
  ComputeOffer,
} from '../../contracts/algorithm-list.ts';
import { getBlockCount } from '../../contracts/job-request.ts';
import { describeAlgorithmParameter, findClosest } from '../command/index.ts';
import type { JobValue } from './job-values.ts';
import type { JobWork } from './plan.ts';

/** A problem of a computation, without the position in the command. */
export type ComputeProblem = {
  message: string;
  expected: string | null;
  received: string | null;
  suggestion: string | null;
  position: null;
};

/** Returns why the orchestrator would not start a computation, as far as it can be said from what it offers. */
export const findComputeProblems = (
  { work, values }: { work: JobWork; values: readonly JobValue[] },
  { algorithms, defaultAlgorithm, limits }: ComputeOffer,
): ComputeProblem[] => {
  if (work.kind !== 'compute') return [];
  const name = work.algorithm ?? defaultAlgorithm;
  const algorithm = algorithms.find((one) => one.name === name);
  if (!algorithm) {
    const names = algorithms.map((one) => one.name);
    const expected = `one of ${names.join(', ')}`;
    return [toProblem('{received} is not an algorithm', expected, name, findClosest(name, names))];
  }
  const declared = algorithm.parameters;
  return [
    ...findInputProblems(work, algorithm, limits),
    ...(algorithm.otherParameters ? [] : findUndeclared(values, algorithm)),
    ...declared.flatMap((parameter) => findValueProblem(parameter, values) ?? []),
  ];
};

type Values = readonly JobValue[];

const findInputProblems = (
  work: Extract<JobWork, { kind: 'compute' }>,
  { name, inputs }: AlgorithmDescription,
  limits: ComputeOffer['limits'],
): ComputeProblem[] => {
  const problems: ComputeProblem[] = [];
  if (inputs === 'uploaded' && !work.inputs)
    problems.push(toProblem(`${name} needs inputs from a file`, 'inputs=… with a file path', null));
  if (inputs === 'generated' && work.inputs)
    problems.push(toProblem(`${name} generates its inputs`, 'a number of inputs instead of a file', null));
  if (work.inputCount > limits.inputs) {
    const expected = `at most ${limits.inputs}`;
    return [...problems, toProblem('There are too many inputs', expected, String(work.inputCount))];
  }
  const blocks = countBlocks(work);
  if (blocks > limits.blocks) {
    const minBlockSize = Math.ceil(work.inputCount / limits.blocks);
    const expected = `a blockSize of at least ${minBlockSize}, for at most ${limits.blocks} blocks`;
    problems.push(toProblem('There are too many blocks', expected, `${blocks} blocks`));
  }
  return problems;
};

/** Returns the number of blocks of a computation. */
export const countBlocks = ({ inputCount, blockSize }: Extract<JobWork, { kind: 'compute' }>): number =>
  getBlockCount({ inputCount, blockSize: blockSize ?? undefined });

const findUndeclared = (values: Values, { name, parameters }: AlgorithmDescription): ComputeProblem[] => {
  const names = parameters.map((parameter) => parameter.name);
  const expected =
    names.length === 0 ? `no parameters, because ${name} has none` : `one of ${names.join(', ')}`;
  return values
    .filter((value) => !names.includes(value.name))
    .map((value) =>
      toProblem(
        `{received} is not a parameter of ${name}`,
        expected,
        value.name,
        findClosest(value.name, names),
      ),
    );
};

const findValueProblem = (parameter: AlgorithmParameter, values: Values): ComputeProblem | undefined => {
  const { name, required, type, min = -Infinity, max = Infinity } = parameter;
  const given = values.find((value) => value.name === name);
  const expected = describeAlgorithmParameter(parameter);
  if (!given) return required ? toProblem(`The parameter "${name}" is missing`, expected, null) : undefined;
  const isValid =
    type === 'string' ||
    (/^-?\d{1,15}$/.test(given.value) && Number(given.value) >= min && Number(given.value) <= max);
  return isValid ? undefined : toProblem(`${name} is not a valid value`, expected, given.value);
};

const toProblem = (
  message: string,
  expected: string,
  received: string | null,
  suggestion?: string,
): ComputeProblem => ({ message, expected, received, suggestion: suggestion ?? null, position: null });
