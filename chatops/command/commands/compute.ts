import type { Given } from '../given.ts';
import { edits } from '../nearest.ts';
import type { Spec } from './spec.ts';
import { bounds, readCount, readSeconds } from './values.ts';

/** The parameters that are the command's; all others are the algorithm's. */
const own = ['algorithm', 'blockSize', 'timeout'] as const;
const algorithmName = /^[A-Za-z][A-Za-z0-9_.-]{0,62}$/;

export const compute: Spec = {
  name: 'compute',
  usage: '/compute N [algorithm=…] [blockSize=…] [timeout=…] [key=value…]',
  summary: 'computes N inputs on the crew of workers',
  notes: [
    `\`N\` is an integer from 1 to ${bounds.inputs}, written in digits alone.`,
    '`algorithm` is what to compute with each input; `blockSize` how many inputs a worker takes at once.',
    '`timeout` ends the job: seconds, or a time such as `90s`, `10m`, `1h`, `2d`.',
    'All other parameters are the algorithm’s own.',
  ],
  access: 'write',
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
  ],
  needsCatalogue: false,
  interpret: (given) => {
    given.atMost(1, 'one number of inputs');
    const inputCount = readInputCount(given);
    const settings = { ...readAlgorithm(given), ...readBlockSize(given), ...readTimeout(given) };
    const parameters = readParameters(given);
    return inputCount === undefined ? undefined : { kind: 'compute', inputCount, ...settings, parameters };
  },
};

const readInputCount = (given: Given): number | undefined => {
  const [count] = given.positionals;
  if (count) return readCount(given, count, 'The number of inputs', bounds.inputs);
  given.missing(
    'missing-argument',
    'The number of inputs is missing',
    `an integer from 1 to ${bounds.inputs}`,
  );
  return undefined;
};

const readAlgorithm = (given: Given): { algorithm?: string } => {
  const argument = given.parameter('algorithm');
  if (!argument) return {};
  if (algorithmName.test(argument.value)) return { algorithm: argument.value };
  const expected = 'a letter, then letters, digits, "_", "-" or ".", at most 63';
  given.wrong(argument, 'wrong-type', 'algorithm is no name', { expected, received: argument.value });
  return {};
};

const readBlockSize = (given: Given): { blockSize?: number } => {
  const argument = given.parameter('blockSize');
  const blockSize = argument && readCount(given, argument, 'blockSize', bounds.inputs);
  return blockSize === undefined ? {} : { blockSize };
};

const readTimeout = (given: Given): { timeoutSeconds?: number } => {
  const argument = given.parameter('timeout');
  const timeoutSeconds = argument && readSeconds(given, argument, 'timeout');
  return timeoutSeconds === undefined ? {} : { timeoutSeconds };
};

/** The algorithm's parameters, whatever they are: only it knows them. A name that is nearly one of ours is no such. */
const readParameters = (given: Given): Record<string, string> => {
  const others = given.parameters.filter(({ name }) => !isOwn(name));
  for (const parameter of others) {
    const meant = own.find((name) => edits(parameter.name, name, 1) <= 1);
    const told = {
      expected: `one of ${own.join(', ')}, or a parameter of the algorithm`,
      received: parameter.name,
    };
    if (meant !== undefined || !/^[A-Za-z]/.test(parameter.name)) {
      const message = 'There is no such parameter';
      given.wrong(parameter, 'undeclared-parameter', message, { ...told, suggestion: meant ?? null });
    }
  }
  return Object.fromEntries(others.map(({ name, value }) => [name, value]));
};

const isOwn = (name: string): boolean => (own as readonly string[]).includes(name);
