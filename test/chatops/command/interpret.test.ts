import { expect, test } from '@jest/globals';
import {
  collectErrors,
  commandNames,
  interpret,
  needsCatalogue,
  type Intent,
  type ParseError,
} from '../../../chatops/command/index.ts';
import type { TaskDefinition, TaskParameter } from '../../../compute/client/index.ts';
import { limits } from '../../../contracts/job-request.ts';
import { TaskPatternMatcher } from '../../../compute/orchestrator/catalogue/task-patterns.ts';
import { findMismatch } from '../../../compute/orchestrator/catalogue/resolve-parameters.ts';
import { parseOnlyCommand, parseOnlyItem } from '../../fixtures/comments/parsed-commands.ts';

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

const job = `job-${'0a'.repeat(16)}`;
const commit = '0123456789abcdef0123456789abcdef01234567';

const intent = (text: string): Intent => {
  const interpreted = interpret(parseOnlyCommand(text), catalogue);
  if ('errors' in interpreted) throw new Error(JSON.stringify(interpreted.errors));
  return interpreted.intent;
};

const cut = (text: string): string => (text.length > 80 ? `${text.slice(0, 79)}…` : text);

const findErrors = (text: string): ParseError[] => {
  const item = parseOnlyItem(text);
  if (item.kind === 'invalid') return collectErrors(item, catalogue);
  const interpreted = interpret(item.command, catalogue);
  return 'errors' in interpreted ? interpreted.errors : [];
};

test.each<[string, Intent]>([
  ['/compute 1000', { kind: 'compute', inputs: { count: 1000 }, parameters: {} }],
  ['/compute 10000000', { kind: 'compute', inputs: { count: 10_000_000 }, parameters: {} }],
  [
    '/compute 10 algorithm=exec blockSize=5 timeout=90s samples=7',
    {
      kind: 'compute',
      inputs: { count: 10 },
      algorithm: 'exec',
      blockSize: 5,
      timeoutSeconds: 90,
      parameters: { samples: '7' },
    },
  ],
  ['/compute 1 timeout=90', { kind: 'compute', inputs: { count: 1 }, timeoutSeconds: 90, parameters: {} }],
  ['/compute 1 timeout=10m', { kind: 'compute', inputs: { count: 1 }, timeoutSeconds: 600, parameters: {} }],
  ['/compute 1 timeout=1h', { kind: 'compute', inputs: { count: 1 }, timeoutSeconds: 3600, parameters: {} }],
  [
    '/compute 1 timeout=7d',
    { kind: 'compute', inputs: { count: 1 }, timeoutSeconds: 604_800, parameters: {} },
  ],
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
  [
    '/compute inputs=data/a.jsonl',
    { kind: 'compute', inputs: { file: { path: 'data/a.jsonl' } }, parameters: {} },
  ],
  [
    `/compute inputs=a@2x.jsonl@${commit.toUpperCase()} samples=7`,
    { kind: 'compute', inputs: { file: { path: 'a@2x.jsonl', commit } }, parameters: { samples: '7' } },
  ],
  ...(['status', 'logs', 'cancel', 'retry'] as const).flatMap((kind): [string, Intent][] => [
    [`/${kind}`, { kind }],
    [`/${kind} ${job}`, { kind, job }],
  ]),
  ['/approve', { kind: 'approve' }],
  ['/approve 3K7v9q2m4X', { kind: 'approve', code: '3k7v9q2m4x' }],
  ['/reject', { kind: 'reject', reason: null }],
  ['/reject 3k7v9q2m4x', { kind: 'reject', code: '3k7v9q2m4x', reason: null }],
  ['/reject 3k7v9q2m4x not  today', { kind: 'reject', code: '3k7v9q2m4x', reason: 'not today' }],
  ['/reject 3k7v9q2m4x "not  today"', { kind: 'reject', code: '3k7v9q2m4x', reason: 'not  today' }],
  ['/reject 3k7v9q2m4x x=1 is wrong', { kind: 'reject', code: '3k7v9q2m4x', reason: 'x=1 is wrong' }],
  [
    '/reject 3k7v9q2m4x see https://x.y/?id=42&a=b',
    { kind: 'reject', code: '3k7v9q2m4x', reason: 'see https://x.y/?id=42&a=b' },
  ],
  [
    "/reject 3k7v9q2m4x 'tis not the time",
    { kind: 'reject', code: '3k7v9q2m4x', reason: "'tis not the time" },
  ],
  ['/reject 3k7v9q2m4x the 19" rack', { kind: 'reject', code: '3k7v9q2m4x', reason: 'the 19" rack' }],
  ['/reject 3k7v9q2m4x say "no" now', { kind: 'reject', code: '3k7v9q2m4x', reason: 'say "no" now' }],
  ['/reject 3k7v9q2m4x why=late', { kind: 'reject', code: '3k7v9q2m4x', reason: 'why=late' }],
  ['/reject 3k7v9q2m4x late reason=late', { kind: 'reject', code: '3k7v9q2m4x', reason: 'late reason=late' }],
  ['/reject 3k7v9q2m4x reason=not today', { kind: 'reject', code: '3k7v9q2m4x', reason: 'not today' }],
  ['/reject 3k7v9q2m4x not <!-- ever --> now', { kind: 'reject', code: '3k7v9q2m4x', reason: 'not now' }],
  ['/reject 3k7v9q2m4x ""', { kind: 'reject', code: '3k7v9q2m4x', reason: null }],
  ...[
    'see [the runbook](https://x.y/z "why")',
    'Vec<T> is <b>wrong</b>',
    '~~yes~~ no, it is ~5 or ~6',
    'a &amp; b',
    'not <yet>',
    'costs $5$',
    '👨\u200d👩\u200d👧 say\u202e no',
  ].flatMap((reason): [string, Intent][] => [
    [`/reject 3k7v9q2m4x ${reason}`, { kind: 'reject', code: '3k7v9q2m4x', reason }],
    [`/lock vm/web-1 reason=${reason}`, { kind: 'lock', key: 'vm/web-1', reason }],
  ]),
  ['/lock vm/web-1 reason=new disks', { kind: 'lock', key: 'vm/web-1', reason: 'new disks' }],
  ['/lock vm/web-1 reason=\'tis x=1 "now"', { kind: 'lock', key: 'vm/web-1', reason: '\'tis x=1 "now"' }],
  ['/lock reason=disks vm/web-1', { kind: 'lock', key: 'vm/web-1', reason: 'disks' }],
  ['/reject 3k7v9q2m4x reason="not  today"', { kind: 'reject', code: '3k7v9q2m4x', reason: 'not  today' }],
  ['/locks', { kind: 'locks' }],
  ['/lock VM/Web-1', { kind: 'lock', key: 'vm/web-1', reason: null }],
  ['/lock "a b" reason="new disks"', { kind: 'lock', key: 'a%20b', reason: 'new disks' }],
  ['/unlock vm/web-1', { kind: 'unlock', key: 'vm/web-1' }],
  ['/help', { kind: 'help' }],
  ['/help compute', { kind: 'help', about: 'compute' }],
  ['/help /Run', { kind: 'help', about: 'run' }],
  ['/tasks', { kind: 'tasks' }],
])('%s', (text, expected) => {
  expect(intent(text)).toEqual(expected);
});

const range = 'an integer from 1 to 10000000';
const inputs = `${range}, or inputs=… with a file path`;
const names = commandNames.join(', ');
const explainable = `one of ${commandNames.filter((name) => name !== 'explain').join(', ')}`;
const path = `a file path in this repository of at most 400 characters, such as data/inputs.jsonl; to read it at a commit, append "@" and the 40 hex digits of the commit id`;
const code = '10 letters and digits, as shown in the reply to the request';
const key = 'a name of at most 200 characters that does not end with a slash';
const reason = 'reason=…; put values with spaces in quotes';

test.each<
  [
    string,
    ...[code: string, column: number, expected: string, received: string | null, suggestion?: string][],
  ]
>([
  ['/compute', ['missing-argument', 1, inputs, null]],
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
      'one of inputs, algorithm, blockSize, timeout, or a parameter of the algorithm',
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
    ['out-of-range', 12, 'seconds, or a duration such as 90s, 10m, 1h or 2d; at most 7d', '8d'],
  ],
  [
    '/compute 1 timeout=soon',
    ['wrong-type', 12, 'seconds, or a duration such as 90s, 10m, 1h or 2d; at most 7d', 'soon'],
  ],
  ['/compute x blockSize=y', ['wrong-type', 10, range, 'x'], ['wrong-type', 12, range, 'y']],
  ['/run', ['missing-argument', 1, 'one of Hello, Deploy', null]],
  ['/run Nope', ['unknown-task', 6, 'one of Hello, Deploy', 'Nope']],
  ['/run hello', ['unknown-task', 6, 'one of Hello, Deploy', 'hello', 'Hello']],
  ['/run Helo', ['unknown-task', 6, 'one of Hello, Deploy', 'Helo', 'Hello']],
  ['/run Hello', ['missing-parameter', 1, 'a string', null]],
  [
    '/run Hello world',
    ['missing-parameter', 1, 'a string', null],
    ['too-many-arguments', 12, 'parameters as name=value', 'world'],
  ],
  [
    '/run Hello whom=x',
    ['missing-parameter', 1, 'a string', null],
    ['undeclared-parameter', 12, 'who', 'whom', 'who'],
  ],
  ['/run Deploy stage=prod', ['not-allowed', 13, 'one of test, live', 'prod']],
  [
    '/run Deploy version=xv1',
    ['pattern-mismatch', 13, String.raw`a string that matches v\d+ as a whole`, 'xv1'],
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
    ['pattern-mismatch', 13, 'a string that matches [a-f]+ as a whole', 'a secret value'],
  ],
  [
    '/run Deploy timeout=5',
    ['undeclared-parameter', 13, 'one of stage, version, count, share, force, token', 'timeout'],
  ],
  [
    '/run Hello who= whom=1',
    ['missing-value', 16, 'a value right after the equals sign', null],
    ['undeclared-parameter', 17, 'who', 'whom', 'who'],
  ],
  [
    '/run Nope x="',
    ['unknown-task', 6, 'one of Hello, Deploy', 'Nope'],
    ['unclosed-quote', 13, 'a closing "', 'the end of the line'],
  ],
  ['/cancel it', ['wrong-type', 9, '"job-" and 8 to 32 hex digits, as shown in a reply', 'it']],
  ['/cancel now=1', ['undeclared-parameter', 9, 'no name=value', 'now']],
  ['/help comptue', ['unknown-command', 7, `one of ${names}`, 'comptue', 'compute']],
  ['/compute 1 inputs=a', ['too-many-arguments', 12, 'a number of inputs, or a file with them', 'both']],
  ...['/a', 'a/', 'a//b', './a', 'a/../b', 'a'.repeat(401)].map(
    (given): [string, [string, number, string, string]] => [
      `/compute inputs=${given}`,
      ['wrong-type', 10, path, cut(given)],
    ],
  ),
  ['/compute inputs=a@main', ['wrong-type', 10, path, 'a@main']],
  [`/compute inputs=a@${'0'.repeat(39)}`, ['wrong-type', 10, path, `a@${'0'.repeat(39)}`]],
  ['/approve 3k7v9q2m4', ['wrong-type', 10, code, '3k7v9q2m4']],
  ['/approve 3k7v9q2m4x now', ['too-many-arguments', 21, 'one approval code', 'now']],
  ['/reject it is late', ['wrong-type', 9, code, 'it']],
  ['/reject why=late 3k7v9q2m4x', ['undeclared-parameter', 9, reason, 'why']],
  ['/lock', ['missing-argument', 1, key, null]],
  ['/lock vm/', ['wrong-type', 7, key, 'vm/']],
  [`/unlock ${'ä'.repeat(34)}`, ['wrong-type', 9, key, 'ä'.repeat(34)]],
  ['/lock vm maintenance', ['too-many-arguments', 10, 'one lock key', 'maintenance']],
  ['/unlock vm reason=x', ['undeclared-parameter', 12, 'no name=value', 'reason']],
  ['/explain', ['missing-command', 1, explainable, null]],
  ['/explain /cox', ['missing-command', 1, explainable, null]],
  ['/explain rnu Hello', ['unknown-command', 10, explainable, 'rnu', 'run']],
  ['/explain /explain run Hello', ['unknown-command', 10, explainable, 'explain']],
  [
    '/explain /cox compute x y',
    ['wrong-type', 23, range, 'x'],
    ['too-many-arguments', 25, 'one number of inputs', 'y'],
  ],
  ['/explain run Hello', ['missing-parameter', 10, 'a string', null]],
  [
    '/explain run Hello who= whom=1',
    ['missing-value', 24, 'a value right after the equals sign', null],
    ['undeclared-parameter', 25, 'who', 'whom', 'who'],
  ],
  [
    `/explain run Hello who=${'a'.repeat(1_025)}`,
    ['too-long', 20, 'at most 1024 bytes in UTF-8', '1025 bytes'],
  ],
  [
    `/compute ${'1'.repeat(1_025)} x=${'ä'.repeat(513)}`,
    ['too-long', 10, 'at most 1024 bytes in UTF-8', '1025 bytes'],
    ['too-long', 1_036, 'at most 1024 bytes in UTF-8', '1026 bytes'],
  ],
  [`/reject 3k7v9q2m4x ${'a '.repeat(520)}`, ['too-long', 20, 'at most 1024 bytes in UTF-8', '1039 bytes']],
  ['/tasks all', ['too-many-arguments', 8, 'nothing after /tasks', 'all']],
])('%s reports all its errors', (text, ...expected) => {
  expect(findErrors(text)).toMatchObject(
    expected.map(([code, column, expected, received, suggestion = null]) => {
      return { code, position: { line: 1, column }, expected, received, suggestion };
    }),
  );
  expect(findErrors(text)).toHaveLength(expected.length);
});

test.each([
  '/explain run Hello who="the crew"',
  '/explain /Run Hello who="the crew"',
  '/explain cox run who="the crew" Hello',
  '/explain /Cox /RUN Hello who="the crew"',
  '/cox explain "run" Hello who="the crew"',
])('%s is about the command as if it stood alone', (text) => {
  expect(parseOnlyCommand(text).canonical).toBe('/explain run Hello who="the crew"');
  const explained = intent(text);
  if (explained.kind !== 'explain') throw new Error(explained.kind);
  const alone = parseOnlyCommand('/run Hello who="the crew"');
  expect({ ...explained.command, position: 0, argumentPositions: 0 }).toEqual({
    ...alone,
    // Only commands on a line of their own are shown as written.
    written: undefined,
    position: 0,
    argumentPositions: 0,
  });
  expect(interpret(explained.command, catalogue)).toEqual(interpret(alone, catalogue));
});

test('a value can have 1024 bytes', () => {
  expect(intent(`/run Hello who=${'ä'.repeat(512)}`)).toMatchObject({ kind: 'run' });
});

test('a command without argument positions can be interpreted; its errors have its own position', () => {
  const built = { ...parseOnlyCommand('/compute x'), argumentPositions: undefined };
  const { argumentPositions: _, ...bare } = built;
  expect(interpret({ ...bare, position: { line: 7, column: 3 } }, [])).toMatchObject({
    errors: [{ code: 'wrong-type', position: { line: 7, column: 3 } }],
  });
});

test('only commands that depend on tasks need the catalogue', () => {
  expect(commandNames.filter((name) => needsCatalogue({ name }))).toEqual(['run', 'explain', 'tasks']);
});

test('the bounds are the orchestrator’s', () => {
  const { inputs, timeoutSeconds } = limits;
  expect(findErrors(`/compute ${inputs} blockSize=${inputs} timeout=${timeoutSeconds}`)).toEqual([]);
  expect(
    findErrors(`/compute ${inputs + 1} blockSize=${inputs + 1} timeout=${timeoutSeconds + 1}`),
  ).toMatchObject([{ code: 'out-of-range' }, { code: 'out-of-range' }, { code: 'out-of-range' }]);
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

test('the command accepts exactly the values that the orchestrator accepts', () => {
  for (const kind of kinds) {
    const declared = parameter('x', kind);
    const tasks = [{ taskName: 'T', dockerImage: 'x', scriptName: 'y', scriptParameters: [declared] }];
    for (const value of values) {
      const fine = 'intent' in interpret(parseOnlyCommand(`/run T x='${value}'`), tasks);
      const accepts = findMismatch(declared, value, new TaskPatternMatcher()) === undefined;
      expect([kind, value, fine]).toEqual([kind, value, accepts]);
    }
  }
});
