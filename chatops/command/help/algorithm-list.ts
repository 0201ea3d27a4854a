import type {
  AlgorithmDescription,
  AlgorithmParameter,
  ComputeOffer,
} from '../../../contracts/algorithm-list.ts';
import { escapeUnlessPlain, toCodeSpan } from '../../markdown/untrusted-text.ts';
import type { Grammar } from '../command.ts';
import { formatParameterList, type ListedParameter } from './parameter-list.ts';
import { formatCommandToFill } from './task-list.ts';

/** Returns the algorithms of `/compute` as Markdown, with their parameters and a command to copy. */
export const formatAlgorithmList = (
  { algorithms, defaultAlgorithm }: Pick<ComputeOffer, 'algorithms' | 'defaultAlgorithm'>,
  grammar: Grammar,
): string =>
  algorithms
    .map((algorithm) => formatAlgorithm(algorithm, algorithm.name === defaultAlgorithm, grammar))
    .join('\n\n');

const inputNotes = {
  generated: undefined,
  uploaded: 'It needs inputs from a file.',
  either: 'Its inputs can come from a file.',
} as const satisfies Record<AlgorithmDescription['inputs'], string | undefined>;

const formatAlgorithm = (algorithm: AlgorithmDescription, isDefault: boolean, grammar: Grammar): string => {
  const { name, description, inputs, otherParameters } = algorithm;
  const parameters = algorithm.parameters.map(toListedParameter);
  const list = [
    ...(parameters.length === 0 ? [] : [formatParameterList(parameters)]),
    ...(otherParameters ? ['- The algorithm gets all other parameters unchanged.'] : []),
  ].join('\n');
  const sentences = [`${escapeUnlessPlain(description)}.`, inputNotes[inputs]];
  const choice = isDefault ? [] : [`algorithm=${name}`];
  const words = inputs === 'uploaded' ? ['/compute', ...choice] : ['/compute', '1000', ...choice];
  const required = inputs === 'uploaded' ? [{ name: 'inputs', required: true }, ...parameters] : parameters;
  return [
    `**${toCodeSpan(name)}**${isDefault ? ' (the default)' : ''}: ${sentences.filter((one) => one !== undefined).join(' ')}`,
    ...(list === '' ? [] : [list]),
    formatCommandToFill(words, required, grammar),
  ].join('\n\n');
};

const toListedParameter = (parameter: AlgorithmParameter): ListedParameter => ({
  name: parameter.name,
  required: parameter.required,
  secret: false,
  values: describeAlgorithmParameter(parameter),
  default: parameter.default === undefined ? undefined : String(parameter.default),
  description: parameter.description,
});

/** Describes the values of an algorithm's parameter, such as `an integer from 1 to 10`. */
export const describeAlgorithmParameter = ({ type, min, max }: AlgorithmParameter): string => {
  if (type === 'string') return 'a string';
  return min === undefined || max === undefined ? 'an integer' : `an integer from ${min} to ${max}`;
};
