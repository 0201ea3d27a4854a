import * as v from 'valibot';
import type { AlgorithmDescription, AlgorithmParameter } from '../../contracts/algorithm-list.ts';
import type { Algorithm } from './algorithm.ts';

/** Describes algorithms for people who write commands, from the schemas of their parameters. */
export const describeAlgorithms = (algorithms: Iterable<Algorithm>): AlgorithmDescription[] =>
  [...algorithms].map((algorithm) => {
    const { name, description, parameters, input } = algorithm;
    const generates = algorithm.inputs !== undefined;
    return {
      name,
      description,
      parameters: Object.entries(getEntries(parameters)).map(describeParameter),
      otherParameters: parameters.type !== 'strict_object',
      inputs: input && generates ? 'either' : generates ? 'generated' : 'uploaded',
    };
  });

type Entries = Record<string, v.GenericSchema>;

/** Returns the schema of each parameter that has a name of its own. */
const getEntries = (parameters: v.GenericSchema): Entries =>
  'entries' in parameters ? (parameters.entries as Entries) : {};

const describeParameter = ([name, schema]: [string, v.GenericSchema]): AlgorithmParameter => {
  const isOptional = schema.type === 'optional' && 'wrapped' in schema;
  const value = isOptional ? (schema.wrapped as v.GenericSchema) : schema;
  const defaultValue = v.getDefault(schema) as AlgorithmParameter['default'];
  const { min, max } = v.getMetadata(value) as Pick<AlgorithmParameter, 'min' | 'max'>;
  const description = v.getDescription(value);
  return {
    name,
    type: min === undefined ? 'string' : 'integer',
    required: !isOptional,
    ...(description === undefined ? {} : { description }),
    ...(defaultValue === undefined ? {} : { default: defaultValue }),
    ...(min === undefined ? {} : { min }),
    ...(max === undefined ? {} : { max }),
  };
};
