import type { TaskDefinition, TaskParameter } from '../../../contracts/task-definition.ts';
import { toTableCell, toCodeSpan, escapeUnlessPlain } from '../../markdown/untrusted-text.ts';

/** A task whose definition is invalid; `message` says why. */
type InvalidTask = { name: string; message: string };

/** Returns the tasks of the catalogue as Markdown, with their parameters, and the tasks whose definitions are invalid. */
export const formatTaskTable = (
  catalogue: readonly TaskDefinition[],
  invalid: readonly InvalidTask[] = [],
): string => [formatValidTasks(catalogue), ...formatInvalidTasks(invalid)].join('\n\n');

const formatInvalidTasks = (invalid: readonly InvalidTask[]): string[] =>
  invalid.length === 0
    ? []
    : [
        [
          'These tasks cannot be run until their definitions are corrected:',
          '',
          ...invalid.map(({ name, message }) => `- ${toCodeSpan(name)}: ${escapeUnlessPlain(message)}.`),
        ].join('\n'),
      ];

const formatValidTasks = (catalogue: readonly TaskDefinition[]): string =>
  catalogue.length === 0
    ? 'There are no tasks in the catalogue.'
    : [
        '| task | what it does | parameters |',
        '| --- | --- | --- |',
        ...catalogue.map(
          ({ taskName, description, scriptParameters }) =>
            `| ${toTableCell(taskName)} | ${description ? toTableCell(description) : ''} | ${formatParameters(scriptParameters)} |`,
        ),
      ].join('\n');

const formatParameters = (parameters: readonly TaskParameter[]): string =>
  parameters.length === 0
    ? 'none'
    : parameters.map((parameter) => toTableCell(formatParameter(parameter))).join('<br>');

const formatParameter = (parameter: TaskParameter): string => {
  const { parameterName, parameterType, required, allowed, pattern, secret, description } = parameter;
  const kind = allowed ? allowed.map(String).join(' or ') : parameterType;
  const details = [
    required && parameter.default === undefined ? 'required' : undefined,
    parameter.default === undefined || secret ? undefined : `default ${parameter.default}`,
    pattern === undefined ? undefined : `matches ${pattern}`,
    secret ? 'secret' : undefined,
    description,
  ].filter((part) => part !== undefined);
  return [`${parameterName}: ${kind}`, ...details].join(', ');
};
