import type { TaskDefinition, TaskParameter } from '../../../compute/client/index.ts';
import { toTableCell, toCodeSpan, escapeUnlessPlain } from '../../markdown/untrusted-text.ts';

/** A task whose definition is not valid, and why. */
type InvalidTask = { name: string; message: string };

/** Returns the tasks of the catalogue as Markdown, with their parameters, and the tasks whose definitions are not valid. */
export const formatTaskTable = (
  catalogue: readonly TaskDefinition[],
  invalid: readonly InvalidTask[] = [],
): string => [validTasks(catalogue), ...invalidTasks(invalid)].join('\n\n');

const invalidTasks = (invalid: readonly InvalidTask[]): string[] =>
  invalid.length === 0
    ? []
    : [
        [
          'These tasks cannot be run until their definitions are corrected:',
          '',
          ...invalid.map(({ name, message }) => `- ${toCodeSpan(name)}: ${escapeUnlessPlain(message)}.`),
        ].join('\n'),
      ];

const validTasks = (catalogue: readonly TaskDefinition[]): string =>
  catalogue.length === 0
    ? 'There are no tasks in the catalogue.'
    : [
        '| task | what it does | parameters |',
        '| --- | --- | --- |',
        ...catalogue.map(
          ({ taskName, description, scriptParameters }) =>
            `| ${toTableCell(taskName)} | ${description ? toTableCell(description) : ''} | ${parametersOf(scriptParameters)} |`,
        ),
      ].join('\n');

const parametersOf = (parameters: readonly TaskParameter[]): string =>
  parameters.length === 0
    ? 'none'
    : parameters.map((parameter) => toTableCell(parameterText(parameter))).join('<br>');

const parameterText = (parameter: TaskParameter): string => {
  const { parameterName, parameterType, required, allowed, pattern, secret, description } = parameter;
  const kind = allowed ? allowed.map(String).join(' or ') : parameterType;
  const said = [
    required && parameter.default === undefined ? 'required' : undefined,
    parameter.default === undefined || secret ? undefined : `default ${parameter.default}`,
    pattern === undefined ? undefined : `matches ${pattern}`,
    secret ? 'secret' : undefined,
    description,
  ].filter((part) => part !== undefined);
  return [`${parameterName}: ${kind}`, ...said].join(', ');
};
