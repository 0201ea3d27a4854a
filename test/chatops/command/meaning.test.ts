import { expect, test } from '@jest/globals';
import {
  allMistakes,
  interpret,
  needsCatalogue,
  type Intent,
  type Mistake,
} from '../../../chatops/command/index.ts';
import type { TaskDefinition, TaskParameter } from '../../../compute/client/index.ts';
import { limits } from '../../../compute/formats/request.ts';
import { acceptsValue } from '../../../compute/orchestrator/task-values.ts';
import { bounds } from '../../../chatops/command/commands/values.ts';
import { command, only } from './written.ts';

const parameter = (parameterName: string, more: Partial<TaskParameter> = {}): TaskParameter => ({
  parameterName,
  parameterType: 'string',
  required: false,
  secret: false,
  ...more,
});

const catalogue: TaskDefinition[] = [
  {
    taskName: 'Hello',
    dockerImage: 'x',
    scriptName: 'hello.sh',
    scriptParameters: [parameter('who', { required: true })],
  },
  {
    taskName: 'Deploy',
    dockerImage: 'x',
    scriptName: 'deploy.sh',
    scriptParameters: [
      parameter('stage', { allowed: ['test', 'live'], required: true, default: 'test' }),
      parameter('version', { pattern: String.raw`v\d+` }),
      parameter('count', { parameterType: 'integer' }),
      parameter('share', { parameterType: 'number' }),
      parameter('force', { parameterType: 'boolean' }),
      parameter('token', { secret: true, pattern: '[a-f]+' }),
    ],
  },
];

const intent = (text: string): Intent => {
  const meaning = interpret(command(text), catalogue);
  if ('mistakes' in meaning) throw new Error(JSON.stringify(meaning.mistakes));
  return meaning.intent;
};

const mistakes = (text: string): Mistake[] => {
  const item = only(text);
  if (item.kind === 'mistakes') return allMistakes(item, catalogue);
  const meaning = interpret(item.command, catalogue);
  return 'mistakes' in meaning ? meaning.mistakes : [];
};

test.each<[string, Intent]>([
  ['/compute 1000', { kind: 'compute', inputCount: 1000, parameters: {} }],
  ['/compute 10000000', { kind: 'compute', inputCount: 10_000_000, parameters: {} }],
  [
    '/compute 10 algorithm=exec blockSize=5 timeout=90s samples=7',
    {
      kind: 'compute',
      inputCount: 10,
      algorithm: 'exec',
      blockSize: 5,
      timeoutSeconds: 90,
      parameters: { samples: '7' },
    },
  ],
  ['/compute 1 timeout=90', { kind: 'compute', inputCount: 1, timeoutSeconds: 90, parameters: {} }],
  ['/compute 1 timeout=10m', { kind: 'compute', inputCount: 1, timeoutSeconds: 600, parameters: {} }],
  ['/compute 1 timeout=1h', { kind: 'compute', inputCount: 1, timeoutSeconds: 3600, parameters: {} }],
  ['/compute 1 timeout=7d', { kind: 'compute', inputCount: 1, timeoutSeconds: 604_800, parameters: {} }],
  ['/run Hello who=world', { kind: 'run', taskName: 'Hello', parameters: [{ name: 'who', value: 'world' }] }],
  ['/run Deploy', { kind: 'run', taskName: 'Deploy', parameters: [] }],
  [
    '/run Deploy version=v12 stage=live count=-3 share=0.5 force=true token=abc',
    {
      kind: 'run',
      taskName: 'Deploy',
      parameters: [
        { name: 'count', value: '-3' },
        { name: 'force', value: 'true' },
        { name: 'share', value: '0.5' },
        { name: 'stage', value: 'live' },
        { name: 'token', value: 'abc' },
        { name: 'version', value: 'v12' },
      ],
    },
  ],
  ['/cancel', { kind: 'cancel' }],
  [`/cancel job-${'0a'.repeat(16)}`, { kind: 'cancel', job: `job-${'0a'.repeat(16)}` }],
  ['/help', { kind: 'help' }],
  ['/help compute', { kind: 'help', about: 'compute' }],
  ['/help /Run', { kind: 'help', about: 'run' }],
  ['/tasks', { kind: 'tasks' }],
])('%s', (text, expected) => {
  expect(intent(text)).toEqual(expected);
});

const range = 'an integer from 1 to 10000000';

test.each<
  [string, ...[code: string, column: number, expected: string, received: string, suggestion?: string][]]
>([
  ['/compute', ['missing-argument', 1, range, 'nothing']],
  ['/compute 0', ['out-of-range', 10, range, '0']],
  ['/compute -1', ['out-of-range', 10, range, '-1']],
  ['/compute 10000001', ['out-of-range', 10, range, '10000001']],
  ['/compute 1e9', ['out-of-range', 10, range, '1e9']],
  ['/compute 1e3', ['wrong-type', 10, range, '1e3', '1000']],
  ['/compute 1,000', ['wrong-type', 10, range, '1,000', '1000']],
  ['/compute 1_000_000', ['wrong-type', 10, range, '1_000_000', '1000000']],
  ['/compute 1.5', ['wrong-type', 10, range, '1.5']],
  ['/compute abc', ['wrong-type', 10, range, 'abc']],
  ['/compute ""', ['wrong-type', 10, range, '']],
  ['/compute １０', ['wrong-type', 10, range, '１０']],
  ['/compute 1 2 3', ['too-many-arguments', 12, 'one number of inputs', '2']],
  [
    '/compute 1 blocksize=5',
    [
      'undeclared-parameter',
      12,
      'one of algorithm, blockSize, timeout, or a parameter of the algorithm',
      'blocksize',
      'blockSize',
    ],
  ],
  ['/compute 1 blockSize=0', ['out-of-range', 12, range, '0']],
  [
    '/compute 1 algorithm=7up',
    ['wrong-type', 12, 'a letter, then letters, digits, "_", "-" or ".", at most 63', '7up'],
  ],
  [
    '/compute 1 timeout=8d',
    ['out-of-range', 12, 'seconds, or a time such as 90s, 10m, 1h or 2d; 7d at most', '8d'],
  ],
  [
    '/compute 1 timeout=soon',
    ['wrong-type', 12, 'seconds, or a time such as 90s, 10m, 1h or 2d; 7d at most', 'soon'],
  ],
  ['/compute x blockSize=y', ['wrong-type', 10, range, 'x'], ['wrong-type', 12, range, 'y']],
  ['/run', ['missing-argument', 1, 'one of Hello, Deploy', 'nothing']],
  ['/run Nope', ['unknown-task', 6, 'one of Hello, Deploy', 'Nope']],
  ['/run hello', ['unknown-task', 6, 'one of Hello, Deploy', 'hello', 'Hello']],
  ['/run Helo', ['unknown-task', 6, 'one of Hello, Deploy', 'Helo', 'Hello']],
  ['/run Hello', ['missing-parameter', 1, 'a text', 'nothing']],
  [
    '/run Hello world',
    ['missing-parameter', 1, 'a text', 'nothing'],
    ['too-many-arguments', 12, 'parameters as name=value', 'world'],
  ],
  [
    '/run Hello whom=x',
    ['missing-parameter', 1, 'a text', 'nothing'],
    ['undeclared-parameter', 12, 'who', 'whom', 'who'],
  ],
  ['/run Deploy stage=prod', ['not-allowed', 13, 'one of test, live', 'prod']],
  [
    '/run Deploy version=xv1',
    ['pattern-mismatch', 13, String.raw`a text that matches v\d+ as a whole`, 'xv1'],
  ],
  [
    '/run Deploy count=1.5 share=x force=yes',
    ['wrong-type', 13, 'an integer', '1.5'],
    ['wrong-type', 23, 'a number', 'x'],
    ['wrong-type', 31, 'true or false', 'yes'],
  ],
  ['/run Deploy hunter2', ['too-many-arguments', 13, 'parameters as name=value', 'one more']],
  [
    '/run Deploy token=hunter2',
    ['pattern-mismatch', 13, 'a text that matches [a-f]+ as a whole', 'a secret value'],
  ],
  [
    '/run Deploy timeout=5',
    ['undeclared-parameter', 13, 'one of stage, version, count, share, force, token', 'timeout'],
  ],
  [
    '/run Hello who= whom=1',
    ['missing-value', 16, 'a value right after the equals sign', 'nothing'],
    ['undeclared-parameter', 17, 'who', 'whom', 'who'],
  ],
  [
    '/run Nope x="',
    ['unknown-task', 6, 'one of Hello, Deploy', 'Nope'],
    ['unclosed-quote', 13, 'a closing "', 'the end of the line'],
  ],
  ['/cancel it', ['wrong-type', 9, '"job-" and 32 digits from 0 to f, as a reply shows it', 'it']],
  ['/cancel now=1', ['undeclared-parameter', 9, 'no name=value', 'now']],
  ['/help comptue', ['unknown-command', 7, 'one of compute, run, cancel, help, tasks', 'comptue', 'compute']],
  ['/tasks all', ['too-many-arguments', 8, 'nothing after /tasks', 'all']],
])('%s is told all its mistakes', (text, ...expected) => {
  expect(mistakes(text)).toMatchObject(
    expected.map(([code, column, expected, received, suggestion = null]) => {
      return { code, position: { line: 1, column }, expected, received, suggestion };
    }),
  );
  expect(mistakes(text)).toHaveLength(expected.length);
});

test('a command that somebody else built is understood, its mistakes stand where it does', () => {
  const built = { ...command('/compute x'), places: undefined };
  const { places: _, ...bare } = built;
  expect(interpret({ ...bare, position: { line: 7, column: 3 } }, [])).toMatchObject({
    mistakes: [{ code: 'wrong-type', position: { line: 7, column: 3 } }],
  });
});

test('only what depends on tasks needs the catalogue', () => {
  const needy = ['/compute 1', '/run A', '/cancel', '/help', '/tasks'].filter((text) =>
    needsCatalogue(command(text)),
  );
  expect(needy).toEqual(['/run A', '/tasks']);
});

test('the bounds are the orchestrator’s', () => {
  expect(bounds).toEqual({ inputs: limits.inputs, timeoutSeconds: limits.timeoutSeconds });
});

const values = [
  '',
  'a',
  '1',
  '-1',
  '1.5',
  '1e3',
  '1e400',
  'true',
  'True',
  '007',
  '9007199254740993',
  '١',
  '1 ',
  '+1',
  'v1',
  'xv1',
  'NaN',
  '0x10',
];
const kinds: Partial<TaskParameter>[] = [
  {},
  { parameterType: 'number' },
  { parameterType: 'integer' },
  { parameterType: 'boolean' },
  { allowed: [1, 'a', true] },
  { pattern: String.raw`v\d+|a` },
];

test('a value is fine here exactly if it is fine for the orchestrator', () => {
  for (const kind of kinds) {
    const declared = parameter('x', kind);
    const tasks = [{ taskName: 'T', dockerImage: 'x', scriptName: 'y', scriptParameters: [declared] }];
    for (const value of values) {
      const fine = 'intent' in interpret(command(`/run T x='${value}'`), tasks);
      expect([kind, value, fine]).toEqual([kind, value, acceptsValue(declared, value)]);
    }
  }
});
