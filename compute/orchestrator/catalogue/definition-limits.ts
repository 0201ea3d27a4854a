import type { TaskDefinition, TaskParameter } from '../../../contracts/task-definition.ts';
import { maxValueLength } from '../../../contracts/job-request.ts';
import { countWideClasses, maxPatternsSize, maxWideClasses } from '../../../contracts/pattern-limits.ts';
import { getPatternSize } from './task-patterns.ts';

/* A definition is read with each request for its task, so its size is limited. docs/formats.md lists these limits. */

/** The maximum size of a definition's blob, in bytes. */
export const maxDefinitionBytes = 65_536;

export const definitionLimits = {
  parameters: 100,
  /** The allowed values of one parameter. */
  allowedValues: 1_000,
  /** The characters of the task's description, and of each parameter's description. */
  descriptionCharacters: 2_000,
  imageCharacters: 500,
  /** The characters of a default, as of a value in a request. */
  valueCharacters: maxValueLength,
} as const;

/** Returns the limit that a definition exceeds, with its actual value; undefined if it exceeds none. */
export const findExceededLimit = (definition: TaskDefinition): string | undefined => {
  const { description = '', dockerImage, scriptParameters } = definition;
  const { parameters, descriptionCharacters, imageCharacters } = definitionLimits;
  return (
    describeExcess('it has', scriptParameters.length, parameters, 'parameters') ??
    describeExcess('its description has', description.length, descriptionCharacters, 'characters') ??
    describeExcess('its dockerImage has', dockerImage.length, imageCharacters, 'characters') ??
    findFirst(scriptParameters, findExceededParameterLimit) ??
    findExceededPatternLimit(scriptParameters)
  );
};

const findExceededParameterLimit = (parameter: TaskParameter): string | undefined => {
  const { parameterName: name, description = '', allowed = [] } = parameter;
  const { allowedValues, descriptionCharacters, valueCharacters } = definitionLimits;
  return (
    describeExcess(
      `the description of ${name} has`,
      description.length,
      descriptionCharacters,
      'characters',
    ) ??
    describeExcess(`${name} has`, allowed.length, allowedValues, 'allowed values') ??
    describeExcess(
      `the default of ${name} has`,
      String(parameter.default ?? '').length,
      valueCharacters,
      'characters',
    )
  );
};

/** Compiles each different pattern once, and stops at the first invalid one. */
const findExceededPatternLimit = (parameters: readonly TaskParameter[]): string | undefined => {
  const seen = new Set<string>();
  let [total, wide] = [0, 0];
  return findFirst(parameters, ({ parameterName, pattern }) => {
    if (pattern === undefined || seen.has(pattern)) return undefined;
    seen.add(pattern);
    wide += countWideClasses(pattern);
    const tooWide = describeExcess(
      'its patterns have',
      wide,
      maxWideClasses,
      'classes or ranges beyond ASCII',
    );
    if (tooWide !== undefined) return tooWide;
    const compiled = getPatternSize(pattern);
    if ('fault' in compiled) return `the pattern of ${parameterName} ${compiled.fault}`;
    total += compiled.size;
    return describeExcess('its patterns compile together to', total, maxPatternsSize, 'instructions');
  });
};

const describeExcess = (what: string, received: number, max: number, unit: string): string | undefined =>
  received > max ? `${what} ${received} ${unit}; at most ${max} are allowed` : undefined;

const findFirst = <T>(
  items: readonly T[],
  findFault: (item: T) => string | undefined,
): string | undefined => {
  for (const item of items) {
    const fault = findFault(item);
    if (fault !== undefined) return fault;
  }
  return undefined;
};
