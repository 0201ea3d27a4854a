import type { TaskDefinition } from '../../../compute/client/index.ts';
import type { Given } from '../command-arguments.ts';
import { nearest } from '../did-you-mean.ts';
import { checkParameter, expectation } from '../values/task-parameter.ts';
import { BoundedMatcher } from '../values/pattern.ts';
import type { Spec } from './spec.ts';

/** Names that are listed in one mistake. */
const most = 20;

export const run: Spec = {
  name: 'run',
  usage: '/run Task [key=value…]',
  summary: 'runs a task of the catalogue in a container',
  notes: [
    '`/tasks` lists the tasks and their parameters.',
    'Put a value with spaces in quotes: `key="two words"` or `key=\'two words\'`.',
  ],
  right: 'work',
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
    given.atMost(1, 'parameters as name=value', !task?.scriptParameters.some(({ secret }) => secret));
    if (!named) given.missing('missing-argument', 'The task’s name is missing', listed(names));
    else if (!task) {
      const told = {
        expected: listed(names),
        received: named.value,
        suggestion: nearest(named.value, names) ?? null,
      };
      given.wrong(named, 'unknown-task', 'There is no such task', told);
    }
    if (!task) return undefined;
    checkParameters(given, task);
    const parameters = given.parameters.map(({ name, value }) => ({ name, value }));
    return { kind: 'run', taskName: task.taskName, parameters };
  },
};

const checkParameters = (given: Given, { scriptParameters }: TaskDefinition): void => {
  const declared = scriptParameters.map(({ parameterName }) => parameterName);
  const matcher = new BoundedMatcher();
  for (const argument of given.parameters) {
    const parameter = scriptParameters.find(({ parameterName }) => parameterName === argument.name);
    if (parameter) checkParameter(given, parameter, argument, matcher);
    else {
      const suggestion = nearest(argument.name, declared) ?? null;
      const told = { expected: listed(declared), received: argument.name, suggestion };
      given.wrong(argument, 'undeclared-parameter', 'The task takes no such parameter', told);
    }
  }
  for (const parameter of scriptParameters) {
    const { parameterName, required } = parameter;
    if (!required || parameter.default !== undefined || given.parameter(parameterName)) continue;
    given.missing('missing-parameter', `The parameter "${parameterName}" is missing`, expectation(parameter));
  }
};

const listed = (names: readonly string[]): string => {
  if (names.length === 0) return 'none, for there are none';
  const more = names.length > most ? ` and ${names.length - most} more` : '';
  return `${names.length > 1 ? 'one of ' : ''}${names.slice(0, most).join(', ')}${more}`;
};
