import type { TaskDefinition, TaskParameter, TaskRunner } from '../../../contracts/task-definition.ts';
import { typeLabels } from '../../../contracts/task-parameters.ts';
import { toCodeBlock, toCodeSpan, escapeUnlessPlain } from '../../markdown/untrusted-text.ts';
import { defaultGrammar, type Grammar } from '../command.ts';
import { withPrefix } from '../command-prefix.ts';
import { formatParameterList, type ListedParameter } from './parameter-list.ts';

/** A task whose definition is invalid; `message` says why. */
type InvalidTask = { name: string; message: string };

/**
 * Returns the tasks of the catalogue as Markdown, with their parameters and a command to copy, and the tasks whose definitions are
 * invalid.
 */
export const formatTaskList = (
  catalogue: readonly TaskDefinition[],
  invalid: readonly InvalidTask[] = [],
  grammar: Grammar = defaultGrammar,
): string =>
  [
    ...(catalogue.length === 0 ? ['There are no tasks in the catalogue.'] : []),
    ...catalogue.map((task) => formatTask(task, grammar)),
    ...formatInvalidTasks(invalid),
  ].join('\n\n');

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

const formatTask = (task: TaskDefinition, grammar: Grammar): string => {
  const { taskName, description, scriptParameters, runner } = task;
  const parameters = scriptParameters.map(toListedParameter);
  return [
    `**${toCodeSpan(taskName)}**${description ? `: ${escapeUnlessPlain(description)}.` : ''}`,
    ...(parameters.length === 0 ? [] : [formatParameterList(parameters)]),
    ...formatRunner(runner),
    formatCommandToFill(['/run', taskName], parameters, grammar),
  ].join('\n\n');
};

/**
 * Returns a code block, which GitHub shows with a copy button, with a command and the names of its required parameters. Without values,
 * the command is refused: a copy that nobody completed runs nothing.
 */
export const formatCommandToFill = (
  words: readonly string[],
  parameters: readonly Pick<ListedParameter, 'name' | 'required'>[],
  grammar: Grammar,
): string => {
  const names = parameters.filter(({ required }) => required).map(({ name }) => `${name}=`);
  return toCodeBlock(withPrefix([...words, ...names].join(' '), grammar), 2_000);
};

/** Returns a sentence about the runner that a task asks for; nothing if it asks for none. Processes ignore it. */
const formatRunner = (runner: TaskRunner = {}): string[] => {
  const { identity } = runner;
  const size = formatRunnerSize(runner);
  const parts = [
    ...(identity === undefined ? [] : [`as the identity ${toCodeSpan(identity)}`]),
    ...(size === undefined ? [] : [`with ${size}`]),
  ];
  return parts.length === 0 ? [] : [`On Azure, it runs ${parts.join(' ')}.`];
};

/** Describes the size of a runner, such as `2 CPUs and 4 GB of memory`; undefined if a definition names none. */
export const formatRunnerSize = ({ cpu, memoryGb }: TaskRunner): string | undefined => {
  const parts = [
    ...(cpu === undefined ? [] : [`${cpu} ${cpu === 1 ? 'CPU' : 'CPUs'}`]),
    ...(memoryGb === undefined ? [] : [`${memoryGb} GB of memory`]),
  ];
  return parts.length === 0 ? undefined : parts.join(' and ');
};

const toListedParameter = (parameter: TaskParameter): ListedParameter => {
  const { parameterName: name, required, secret, description } = parameter;
  return {
    name,
    required: required && parameter.default === undefined,
    secret,
    values: describeValues(parameter),
    default: parameter.default === undefined || secret ? undefined : String(parameter.default),
    description,
  };
};

/** The maximum number of allowed values that are listed. */
const maxValues = 20;

const describeValues = ({ parameterType, allowed, pattern }: TaskParameter): string => {
  if (allowed) {
    const listed = allowed.slice(0, maxValues).map((value) => toCodeSpan(String(value)));
    const more = allowed.length - listed.length;
    return `one of ${listed.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
  }
  const label = typeLabels[parameterType];
  return pattern === undefined ? label : `${label} that matches ${toCodeSpan(pattern)}`;
};
