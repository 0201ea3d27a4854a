import { namePattern } from '../../../contracts/names.ts';
import { limits } from '../../../contracts/job-request.ts';
import type { CommandArguments } from '../command-arguments.ts';
import type { Intent } from '../intent.ts';
import { getEditDistance } from '../did-you-mean.ts';
import { parseInputsFile } from '../values/inputs-file.ts';
import { parseCount, parseSeconds } from '../values/numbers.ts';
import type { CommandSpec } from './spec.ts';

/** The parameters of the command itself; all others belong to the algorithm. */
const ownParameters = ['inputs', 'algorithm', 'blockSize', 'timeout'] as const;

export const compute: CommandSpec = {
  name: 'compute',
  usage: '/compute N|inputs=FILE [algorithm=…] [blockSize=…] [timeout=…] [key=value…]',
  summary: 'computes N inputs, or the inputs in a file, on the workers',
  notes: [
    `\`N\` is an integer from 1 to ${limits.inputs} (digits only).`,
    '`FILE` is a file in this repository with one input per line: `inputs=data/inputs.jsonl`. In an issue, it is read from the default branch. In a pull request, you must name the current head commit: `inputs=data/inputs.jsonl@` and the 40 hex digits of the commit id.',
    '`algorithm` selects what to compute with each input; `blockSize` sets how many inputs a worker takes at once.',
    '`timeout` ends the job after that time: seconds, or a duration such as `90s`, `10m`, `1h`, `2d`.',
    'All other parameters are passed to the algorithm.',
  ],
  access: 'start-job',
  examples: [
    { command: '/compute 1000', meaning: 'computes 1000 inputs' },
    {
      command: '/compute 1000 samples=5000 timeout=10m',
      meaning: 'passes a parameter to the algorithm, and limits the job to ten minutes',
    },
    {
      command: '/compute 200000 algorithm=monte-carlo-pi blockSize=500',
      meaning: 'selects the algorithm, and splits the inputs into 400 blocks',
    },
    {
      command: '/compute algorithm=statistics inputs=data/inputs.jsonl',
      meaning: 'computes all inputs in a file',
    },
  ],
  needsCatalogue: false,
  interpret: (args) => {
    args.requireAtMost(1, 'one number of inputs');
    const inputs = parseInputs(args);
    const settings = { ...parseAlgorithm(args), ...parseBlockSize(args), ...parseTimeout(args) };
    const parameters = parseAlgorithmParameters(args);
    return inputs && { kind: 'compute', inputs, ...settings, parameters };
  },
};

type Inputs = Extract<Intent, { kind: 'compute' }>['inputs'];

/** Parses the number of inputs, or the file that contains them. Exactly one of them must be given. */
const parseInputs = (args: CommandArguments): Inputs | undefined => {
  const expected = `an integer from 1 to ${limits.inputs}, or inputs=… with a file path`;
  const [countArgument] = args.positionals;
  const fileArgument = args.getParameter('inputs');
  if (!countArgument && !fileArgument)
    args.addMissing('missing-argument', 'The number of inputs is missing', expected);
  if (countArgument && fileArgument) {
    const details = { expected: 'a number of inputs, or a file with them', received: 'both' };
    args.addError(fileArgument, 'too-many-arguments', 'The inputs are specified twice', details);
  }
  const count = countArgument && parseCount(args, countArgument, 'The number of inputs', limits.inputs);
  const file = fileArgument && parseInputsFile(args, fileArgument);
  if (file) return { file };
  return count === undefined ? undefined : { count };
};

const parseAlgorithm = (args: CommandArguments): { algorithm?: string } => {
  const argument = args.getParameter('algorithm');
  if (!argument) return {};
  if (namePattern.test(argument.value)) return { algorithm: argument.value };
  const expected = 'a letter, then letters, digits, "_", "-" or ".", at most 63';
  args.addError(argument, 'wrong-type', 'algorithm must be a name', { expected, received: argument.value });
  return {};
};

const parseBlockSize = (args: CommandArguments): { blockSize?: number } => {
  const argument = args.getParameter('blockSize');
  const blockSize = argument && parseCount(args, argument, 'blockSize', limits.inputs);
  return blockSize === undefined ? {} : { blockSize };
};

const parseTimeout = (args: CommandArguments): { timeoutSeconds?: number } => {
  const argument = args.getParameter('timeout');
  const timeoutSeconds = argument && parseSeconds(args, argument, 'timeout');
  return timeoutSeconds === undefined ? {} : { timeoutSeconds };
};

/** Returns the parameters of the algorithm, which only the algorithm can check. Names that resemble our own are refused as typos. */
const parseAlgorithmParameters = (args: CommandArguments): Record<string, string> => {
  const others = args.parameters.filter(({ name }) => !isOwnParameter(name));
  for (const parameter of others) {
    const intended = ownParameters.find((name) => getEditDistance(parameter.name, name, 1) <= 1);
    const details = {
      expected: `one of ${ownParameters.join(', ')}, or a parameter of the algorithm`,
      received: parameter.name,
    };
    if (intended !== undefined || !/^[A-Za-z]/.test(parameter.name)) {
      const message = '{received} is not a parameter';
      args.addError(parameter, 'undeclared-parameter', message, { ...details, suggestion: intended ?? null });
    }
  }
  return Object.fromEntries(others.map(({ name, value }) => [name, value]));
};

const isOwnParameter = (name: string): boolean => (ownParameters as readonly string[]).includes(name);
