import type { TaskDefinition } from '../../compute/client/index.ts';
import type { JobPlan } from './plan.ts';

const mask = '***';

/** Whether a value is what is shown in place of a secret one. */
export const isMasked = (value: string): boolean => value === mask;

/** A value that work gets: as it is, and as it may be shown. */
export type JobValue = { name: string; value: string; shown: string; source: 'given' | 'default' };

/** The values that a task's script gets, by name: those that were given, and the definition's defaults. */
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
  return [...given.map((one) => ({ ...one, source: 'given' as const })), ...defaults]
    .map((one) => ({ ...one, shown: secrets.includes(one.name) ? mask : one.value }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
};

/** The values that an algorithm gets, as far as they were given: only it knows its defaults. */
export const buildGivenValues = (given: Readonly<Record<string, string>>): JobValue[] =>
  Object.entries(given)
    .map(([name, value]) => ({ name, value, shown: value, source: 'given' as const }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));

/** By name, unmasked. */
export const toValueRecord = (values: readonly JobValue[]): Record<string, string> =>
  Object.fromEntries(values.map(({ name, value }) => [name, value]));

/** As a plan shows them. */
export const redactValues = (values: readonly JobValue[]): JobPlan['parameters'] =>
  values.map(({ name, shown, source }) => ({ name, value: shown, source }));

/** Names of a task's secret parameters. */
export const getSecretNames = ({ scriptParameters }: Pick<TaskDefinition, 'scriptParameters'>): string[] =>
  scriptParameters.filter(({ secret }) => secret).map(({ parameterName }) => parameterName);
