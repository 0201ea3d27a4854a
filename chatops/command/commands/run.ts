import type { TaskDefinition } from '../../../contracts/task-definition.ts';
import { describeParameter } from '../../../contracts/task-parameters.ts';
import type { CommandArguments } from '../command-arguments.ts';
import { findClosest } from '../did-you-mean.ts';
import { checkParameter } from '../values/task-parameter.ts';
import { CommandPatternMatcher } from '../values/pattern.ts';
import type { CommandSpec } from './spec.ts';

/** The maximum number of names that one error lists. */
const maxListedNames = 20;

export const run: CommandSpec = {
  name: 'run',
  usage: '/run Task [key=value…]',
  summary: 'runs a task from the catalogue in a container',
  notes: [
    '`/tasks` lists the tasks and their parameters. If a parameter is missing or wrong, the reply shows the complete line to copy.',
    'Put a value with spaces in quotes: `key="two words"` or `key=\'two words\'`.',
  ],
  access: 'start-job',
  examples: [
    { command: '/run Hello who=world', meaning: 'runs the task Hello with one parameter' },
    { command: '/run StopVM ResourceGroupName=rg-a VMName=web-1', meaning: 'passes two parameters' },
    { command: '/run Hello who="the whole crew"', meaning: 'passes a value with spaces' },
  ],
  needsCatalogue: true,
  hidesValues: true,
  interpret: (args, catalogue) => {
    const [nameArgument] = args.positionals;
    const names = catalogue.map(({ taskName }) => taskName);
    const task = catalogue.find(({ taskName }) => taskName === nameArgument?.value);
    args.requireAtMost(1, 'parameters as name=value', !task?.scriptParameters.some(({ secret }) => secret));
    if (!nameArgument) args.addMissing('missing-argument', 'The task name is missing', formatNames(names));
    else if (!task) {
      const details = {
        expected: formatNames(names),
        received: nameArgument.value,
        suggestion: findClosest(nameArgument.value, names) ?? null,
      };
      args.addError(nameArgument, 'unknown-task', '{received} is not a task', details);
    }
    if (!task) return undefined;
    checkParameters(args, task);
    const parameters = args.parameters.map(({ name, value }) => ({ name, value }));
    return { kind: 'run', taskName: task.taskName, parameters };
  },
};

const checkParameters = (args: CommandArguments, { scriptParameters }: TaskDefinition): void => {
  const declared = scriptParameters.map(({ parameterName }) => parameterName);
  const matcher = new CommandPatternMatcher();
  for (const argument of args.parameters) {
    const parameter = scriptParameters.find(({ parameterName }) => parameterName === argument.name);
    if (parameter) checkParameter(args, parameter, argument, matcher);
    else {
      const suggestion = findClosest(argument.name, declared) ?? null;
      const details = { expected: formatNames(declared), received: argument.name, suggestion };
      args.addError(argument, 'undeclared-parameter', '{received} is not a parameter of this task', details);
    }
  }
  for (const parameter of scriptParameters) {
    const { parameterName, required } = parameter;
    if (!required || parameter.default !== undefined || args.getParameter(parameterName)) continue;
    args.addMissing(
      'missing-parameter',
      `The parameter "${parameterName}" is missing`,
      describeParameter(parameter),
    );
  }
};

const formatNames = (names: readonly string[]): string => {
  if (names.length === 0) return 'nothing, because none exist';
  const rest = names.length > maxListedNames ? ` and ${names.length - maxListedNames} more` : '';
  return `${names.length > 1 ? 'one of ' : ''}${names.slice(0, maxListedNames).join(', ')}${rest}`;
};
