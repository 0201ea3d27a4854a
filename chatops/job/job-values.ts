import type { TaskDefinition } from '../../compute/client/index.ts';
import { secretMask } from '../../contracts/task-parameters.ts';

/** Returns whether a value is the mask that replaces secret values. */
export const isMasked = (value: string): boolean => value === secretMask;

/** A value of a job. `shown`: the value with secrets masked. */
export type JobValue = { name: string; value: string; shown: string; source: 'given' | 'default' };

/** A value of a job as replies show it: secrets are masked. */
export type RedactedValue = { name: string; value: string; source: JobValue['source'] };

/** Returns the values of a task's script, sorted by name: the given ones, and the definition's defaults for the others. */
export const buildTaskValues = (
  given: readonly { name: string; value: string }[],
  { scriptParameters }: TaskDefinition,
): JobValue[] => {
  const secrets = getSecretNames({ scriptParameters });
  const names = new Set(given.map(({ name }) => name));
  const defaults = scriptParameters.flatMap(({ parameterName: name, default: value }) =>
    value === undefined || names.has(name)
      ? []
      : [{ name, value: String(value), source: 'default' as const }],
  );
  return [...given.map((value) => ({ ...value, source: 'given' as const })), ...defaults]
    .map((value) => ({ ...value, shown: secrets.includes(value.name) ? secretMask : value.value }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
};

/** Returns the given values of an algorithm, sorted by name. Only the algorithm knows its defaults. */
export const buildGivenValues = (given: Readonly<Record<string, string>>): JobValue[] =>
  Object.entries(given)
    .map(([name, value]) => ({ name, value, shown: value, source: 'given' as const }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));

/** Returns unmasked values by name. */
export const toValueRecord = (values: readonly JobValue[]): Record<string, string> =>
  Object.fromEntries(values.map(({ name, value }) => [name, value]));

/** Returns values with secrets masked. */
export const redactValues = (values: readonly JobValue[]): RedactedValue[] =>
  values.map(({ name, shown, source }) => ({ name, value: shown, source }));

/** Returns the names of a task's secret parameters. */
export const getSecretNames = ({ scriptParameters }: Pick<TaskDefinition, 'scriptParameters'>): string[] =>
  scriptParameters.filter(({ secret }) => secret).map(({ parameterName }) => parameterName);
