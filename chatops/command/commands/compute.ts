import type { CommandArguments } from '../command-arguments.ts';
import type { Intent } from '../intent.ts';
import { editDistance } from '../did-you-mean.ts';
import { parseInputsFile } from '../values/inputs-file.ts';
import { bounds, parseCount, parseSeconds } from '../values/numbers.ts';
import type { CommandSpec } from './spec.ts';

/** The parameters that are the command's; all others are the algorithm's. */
const own = ['inputs', 'algorithm', 'blockSize', 'timeout'] as const;
const algorithmName = /^[A-Za-z][A-Za-z0-9_.-]{0,62}$/;

export const compute: CommandSpec = {
  name: 'compute',
  usage: '/compute N|inputs=FILE [algorithm=…] [blockSize=…] [timeout=…] [key=value…]',
  summary: 'computes N inputs, or the inputs in a file, on the workers',
  notes: [
    `\`N\` is an integer from 1 to ${bounds.inputs}, written in digits alone.`,
    '`FILE` is a file of this repository with an input a line: `inputs=data/inputs.jsonl`. In an issue it is read from the default branch; on a pull request its present head has to be named: `inputs=data/inputs.jsonl@` and the commit’s 40 digits.',
    '`algorithm` is what to compute with each input; `blockSize` how many inputs a worker takes at once.',
    '`timeout` ends the job: seconds, or a time such as `90s`, `10m`, `1h`, `2d`.',
    'All other parameters are the algorithm’s own.',
  ],
  access: 'work',
  examples: [
    { command: '/compute 1000', meaning: 'computes 1000 inputs' },
    {
      command: '/compute 1000 samples=5000 timeout=10m',
      meaning: 'gives the algorithm a parameter, and the job ten minutes',
    },
    {
      command: '/compute 200000 algorithm=monte-carlo-pi blockSize=500',
      meaning: 'names the algorithm, and cuts 400 blocks',
    },
    {
      command: '/compute algorithm=statistics inputs=data/inputs.jsonl',
      meaning: 'computes the inputs of a file, as many as it has',
    },
  ],
  needsCatalogue: false,
  interpret: (given) => {
    given.requireAtMost(1, 'one number of inputs');
    const inputs = readInputs(given);
    const settings = { ...readAlgorithm(given), ...readBlockSize(given), ...readTimeout(given) };
    const parameters = readParameters(given);
    return inputs && { kind: 'compute', inputs, ...settings, parameters };
  },
};

type Inputs = Extract<Intent, { kind: 'compute' }>['inputs'];

/** How many, or the file that has them: one of the two. */
const readInputs = (given: CommandArguments): Inputs | undefined => {
  const expected = `an integer from 1 to ${bounds.inputs}, or inputs=… with a file’s path`;
  const [number] = given.positionals;
  const named = given.getParameter('inputs');
  if (!number && !named) given.addMissing('missing-argument', 'The number of inputs is missing', expected);
  if (number && named) {
    const told = { expected: 'a number of inputs, or a file with them', received: 'both' };
    given.addError(named, 'too-many-arguments', 'The inputs are given twice', told);
  }
  const count = number && parseCount(given, number, 'The number of inputs', bounds.inputs);
  const file = named && parseInputsFile(given, named);
  if (file) return { file };
  return count === undefined ? undefined : { count };
};

const readAlgorithm = (given: CommandArguments): { algorithm?: string } => {
  const argument = given.getParameter('algorithm');
  if (!argument) return {};
  if (algorithmName.test(argument.value)) return { algorithm: argument.value };
  const expected = 'a letter, then letters, digits, "_", "-" or ".", at most 63';
  given.addError(argument, 'wrong-type', 'algorithm is no name', { expected, received: argument.value });
  return {};
};

const readBlockSize = (given: CommandArguments): { blockSize?: number } => {
  const argument = given.getParameter('blockSize');
  const blockSize = argument && parseCount(given, argument, 'blockSize', bounds.inputs);
  return blockSize === undefined ? {} : { blockSize };
};

const readTimeout = (given: CommandArguments): { timeoutSeconds?: number } => {
  const argument = given.getParameter('timeout');
  const timeoutSeconds = argument && parseSeconds(given, argument, 'timeout');
  return timeoutSeconds === undefined ? {} : { timeoutSeconds };
};

/** The algorithm's parameters, whatever they are: only it knows them. A name that is nearly one of ours is no such. */
const readParameters = (given: CommandArguments): Record<string, string> => {
  const others = given.parameters.filter(({ name }) => !isOwn(name));
  for (const parameter of others) {
    const meant = own.find((name) => editDistance(parameter.name, name, 1) <= 1);
    const told = {
      expected: `one of ${own.join(', ')}, or a parameter of the algorithm`,
      received: parameter.name,
    };
    if (meant !== undefined || !/^[A-Za-z]/.test(parameter.name)) {
      const message = 'There is no such parameter';
      given.addError(parameter, 'undeclared-parameter', message, { ...told, suggestion: meant ?? null });
    }
  }
  return Object.fromEntries(others.map(({ name, value }) => [name, value]));
};

const isOwn = (name: string): boolean => (own as readonly string[]).includes(name);
