import type { TaskDefinition } from '../../../compute/client/index.ts';
import type { CommandArguments } from '../command-arguments.ts';
import { findClosest } from '../did-you-mean.ts';
import { checkParameter, formatExpectation } from '../values/task-parameter.ts';
import { BoundedMatcher } from '../values/pattern.ts';
import type { CommandSpec } from './spec.ts';

/** Names that are listed in one mistake. */
const most = 20;

export const run: CommandSpec = {
  name: 'run',
  usage: '/run Task [key=value…]',
  summary: 'runs a task of the catalogue in a container',
  notes: [
    '`/tasks` lists the tasks and their parameters.',
    'Put a value with spaces in quotes: `key="two words"` or `key=\'two words\'`.',
  ],
  access: 'work',
  examples: [
    { command: '/run Hello who=world', meaning: 'runs the task Hello with one parameter' },
    { command: '/run StopVM ResourceGroupName=rg-a VMName=web-1', meaning: 'passes two parameters' },
    { command: '/run Hello who="the whole crew"', meaning: 'passes a value with spaces' },
  ],
  needsCatalogue: true,
  interpret: (given, catalogue) => {
    const [named] = given.positionals;
    const names = catalogue.map(({ taskName }) => taskName);
    const task = catalogue.find(({ taskName }) => taskName === named?.value);
    given.requireAtMost(1, 'parameters as name=value', !task?.scriptParameters.some(({ secret }) => secret));
    if (!named) given.addMissing('missing-argument', 'The task’s name is missing', listed(names));
    else if (!task) {
      const told = {
        expected: listed(names),
        received: named.value,
        suggestion: findClosest(named.value, names) ?? null,
      };
      given.addError(named, 'unknown-task', 'There is no such task', told);
    }
    if (!task) return undefined;
    checkParameters(given, task);
    const parameters = given.parameters.map(({ name, value }) => ({ name, value }));
    return { kind: 'run', taskName: task.taskName, parameters };
  },
};

const checkParameters = (given: CommandArguments, { scriptParameters }: TaskDefinition): void => {
  const declared = scriptParameters.map(({ parameterName }) => parameterName);
  const matcher = new BoundedMatcher();
  for (const argument of given.parameters) {
    const parameter = scriptParameters.find(({ parameterName }) => parameterName === argument.name);
    if (parameter) checkParameter(given, parameter, argument, matcher);
    else {
      const suggestion = findClosest(argument.name, declared) ?? null;
      const told = { expected: listed(declared), received: argument.name, suggestion };
      given.addError(argument, 'undeclared-parameter', 'The task takes no such parameter', told);
    }
  }
  for (const parameter of scriptParameters) {
    const { parameterName, required } = parameter;
    if (!required || parameter.default !== undefined || given.getParameter(parameterName)) continue;
    given.addMissing(
      'missing-parameter',
      `The parameter "${parameterName}" is missing`,
      formatExpectation(parameter),
    );
  }
};

const listed = (names: readonly string[]): string => {
  if (names.length === 0) return 'none, for there are none';
  const more = names.length > most ? ` and ${names.length - most} more` : '';
  return `${names.length > 1 ? 'one of ' : ''}${names.slice(0, most).join(', ')}${more}`;
};
