import { expect, test } from '@jest/globals';
import * as v from 'valibot';
import type { Job } from '../../../compute/client/index.ts';
import { ComputeRequest } from '../../../contracts/job-request.ts';
import { createBuiltInAlgorithms } from '../../../compute/algorithms/built-in.ts';
import { parseCommands, defaultGrammar, type Command } from '../../../chatops/command/index.ts';
import type { IncomingComment } from '../../../chatops/incoming-comment.ts';
import {
  isRequestedJob,
  isFollowedBy,
  isJobOfCommand,
  isOriginTrusted,
  trustOrigin,
} from '../../../chatops/job/index.ts';
import { algorithmDefaults } from '../../../chatops/job/verify-job.ts';
import { defaultAlgorithm } from '../../../contracts/job-request.ts';
import { computeJob, taskJob } from '../../fixtures/jobs.ts';
import { buildComment, people } from '../../fixtures/incoming-comments.ts';

/* A job that has the id of a command is only believed if it is what the command says. */

const commandOf = (body: string): Command => {
  const [item] = parseCommands(body, defaultGrammar);
  if (item?.kind !== 'command') throw new Error(`no command in ${body}`);
  return item.command;
};

const comment = buildComment('');

const asked = {
  host: 'github.com',
  repository: { id: 1, name: 'acme/ops' },
  thread: { number: 7, kind: 'issue' },
  comment: { id: 9, createdAt: comment.comment.createdAt },
  sender: 'octocat',
  installation: 3,
  notes: { requester: 1 },
} as const;

const inRun = (step: object): Job['origin'] => {
  const { comment: _comment, ...place } = asked;
  return { ...place, workflow: step };
};
const step = { run: '100', job: 'build', step: '__run', key: '', attempt: 1 };
const runComment: IncomingComment = { ...comment, event: { kind: 'run', step } };

const platform = { kind: 'platform', name: 'the platform', entry: true, you: true } as const;
const nightly = { kind: 'key', name: 'nightly', entry: false, you: false } as const;

/** What each command asks for, as the orchestrator shows it. */
const genuine = {
  run: {
    command: '/run StopVM VMName=web-1 Token=hunter2',
    job: taskJob({
      origin: asked,
      startedBy: platform,
      request: {
        taskName: 'StopVM',
        parameters: [
          { name: 'VMName', value: 'web-1' },
          { name: 'Token', value: '***' },
        ],
      },
    }),
  },
  compute: {
    command: '/compute 10 samples=7 blockSize=5 timeout=10m',
    job: computeJob({
      origin: asked,
      startedBy: platform,
      request: {
        algorithm: 'monte-carlo-pi',
        inputCount: 10,
        parameters: { samples: 7, seed: 1 },
        blockSize: 5,
        timeoutSeconds: 600,
      },
    }),
  },
  inputs: {
    command: '/compute inputs=in.jsonl algorithm=statistics',
    job: computeJob({
      origin: asked,
      startedBy: platform,
      request: { algorithm: 'statistics', inputCount: 3, parameters: {}, inputs: { sha256: 'f'.repeat(64) } },
    }),
  },
  retry: {
    command: `/retry job-${'1'.repeat(32)}`,
    job: computeJob({ origin: asked, startedBy: platform, retryOf: `job-${'1'.repeat(32)}` }),
  },
} satisfies Record<string, { command: string; job: Job }>;
type Kind = keyof typeof genuine;
const kinds = Object.keys(genuine) as Kind[];

const originIs = (more: object) => (job: Job) => ({ ...job, origin: { ...job.origin, ...more } });
const requestIs = (more: object) => (job: Job) => ({ ...job, request: { ...job.request, ...more } });

test.each<[what: string, change: (job: Job) => Job]>([
  ['nothing', (job) => job],
  ['the installation', originIs({ installation: 4 })],
  ['the lack of an installation', originIs({ installation: undefined })],
  ['the entry that started it', (job) => ({ ...job, startedBy: { ...nightly, entry: true } })],
  ['the key that started it, which is our own', (job) => ({ ...job, startedBy: { ...nightly, you: true } })],
  ['an orchestrator that does not say who started it', (job) => ({ ...job, startedBy: null })],
  ['an older orchestrator', ({ startedBy: _by, ...job }) => job],
  ['the name of the repository', originIs({ repository: { id: 1, name: 'acme/renamed' } })],
  ['the login of the person', originIs({ sender: 'octocat-renamed' })],
  ['the lack of a host', originIs({ host: undefined })],
  ['notes that are broken, where the login fits', originIs({ notes: { requester: 'x' } })],
  ['the kind of the thread', originIs({ thread: { number: 7, kind: 'pull-request' } })],
  ['what else its origin says', originIs({ command: '/run Other', notes: { requester: 1, code: 'x' } })],
  ['its state', (job) => ({ ...job, state: 'failed', reason: 'internal' })],
])('believed whatever else differs: %s', (_what, change) => {
  for (const kind of kinds) {
    const { command, job } = genuine[kind];
    expect([kind, isJobOfCommand(change(job), commandOf(command), comment)]).toEqual([kind, true]);
  }
});

test.each<[what: string, change: (job: Job) => Job]>([
  ['host', originIs({ host: 'github.example.com' })],
  ['case of the host', originIs({ host: 'GitHub.com' })],
  ['repository', originIs({ repository: { id: 2, name: 'acme/ops' } })],
  ['lack of a repository', originIs({ repository: undefined })],
  ['thread', originIs({ thread: { number: 8, kind: 'issue' } })],
  ['lack of a thread', originIs({ thread: undefined })],
  ['comment', originIs({ comment: { ...asked.comment, id: 10 } })],
  ['lack of a comment', originIs({ comment: undefined })],
  ['step of a workflow in place of a comment', (job) => ({ ...job, origin: inRun(step) })],
  ['person', originIs({ notes: { requester: 2 } })],
  ['person’s name, where no id is told', originIs({ notes: undefined, sender: 'mona' })],
  ['lack of a person', originIs({ notes: undefined, sender: undefined })],
  ['key that started it', (job) => ({ ...job, startedBy: nightly })],
  ['workflow that started it', (job) => ({ ...job, startedBy: { ...nightly, kind: 'workflow' } })],
])('not believed: another %s', (_what, change) => {
  for (const kind of kinds) {
    const { command, job } = genuine[kind];
    expect([kind, isJobOfCommand(change(job), commandOf(command), comment)]).toEqual([kind, false]);
  }
});

const parameters = (...pairs: [string, string][]) => ({
  parameters: pairs.map(([name, value]) => ({ name, value })),
});

test.each<[what: string, kind: Kind, change: (job: Job) => Job]>([
  ['kind', 'run', (job) => ({ ...job, kind: 'compute' })],
  ['kind', 'compute', (job) => ({ ...job, kind: 'task' })],
  ['task', 'run', requestIs({ taskName: 'Hello' })],
  ['case of the task', 'run', requestIs({ taskName: 'stopvm' })],
  ['task that looks alike', 'run', requestIs({ taskName: 'StοpVM' })],
  ['value', 'run', requestIs(parameters(['VMName', 'web-2'], ['Token', '***']))],
  ['name of a value', 'run', requestIs(parameters(['vmname', 'web-1'], ['Token', '***']))],
  ['lack of a value', 'run', requestIs(parameters(['VMName', 'web-1']))],
  [
    'value that was not given',
    'run',
    requestIs(parameters(['VMName', 'web-1'], ['Token', '***'], ['Force', '1'])),
  ],
  ['form of the request', 'run', requestIs({ parameters: { VMName: 'web-1', Token: '***' } })],
  ['count', 'compute', requestIs({ inputCount: 11 })],
  ['value', 'compute', requestIs({ parameters: { samples: 8, seed: 1 } })],
  ['type of a value', 'compute', requestIs({ parameters: { samples: true, seed: 1 } })],
  ['lack of a value', 'compute', requestIs({ parameters: { seed: 1 } })],
  ['block size', 'compute', requestIs({ blockSize: 1 })],
  ['timeout', 'compute', requestIs({ timeoutSeconds: 60 })],
  ['source of the inputs', 'compute', requestIs({ inputs: { sha256: 'f'.repeat(64) } })],
  ['source of the inputs', 'inputs', requestIs({ inputs: undefined })],
  ['algorithm', 'inputs', requestIs({ algorithm: 'monte-carlo-pi' })],
  ['job to retry', 'retry', (job) => ({ ...job, retryOf: `job-${'2'.repeat(32)}` })],
  ['lack of a job to retry', 'retry', (job) => ({ ...job, retryOf: null })],
])('not believed: another %s of /%s', (_what, kind, change) => {
  const { command, job } = genuine[kind];
  expect(isJobOfCommand(change(job), commandOf(command), comment)).toBe(false);
});

test('no command has the job of another', () => {
  for (const kind of kinds)
    for (const other of kinds)
      expect([
        kind,
        other,
        isJobOfCommand(genuine[other].job, commandOf(genuine[kind].command), comment),
      ]).toEqual([kind, other, kind === other]);
  const status = commandOf('/status');
  for (const kind of kinds) expect(isJobOfCommand(genuine[kind].job, status, comment)).toBe(false);
});

test.each<[what: string, expected: boolean, more: object, event?: object]>([
  ['the same', true, {}],
  ['another attempt', true, { attempt: 2 }],
  ['numbers as text', true, { run: 100 }],
  ['no key', true, { key: undefined }],
  ['another run', false, { run: '101' }],
  ['another job', false, { job: 'deploy' }],
  ['another step', false, { step: '__run_2' }],
  ['another key', false, { key: 'again' }],
  ['no run', false, { run: undefined }],
])('the job of a workflow’s step: %s', (_what, expected, more) => {
  const { command, job } = genuine.run;
  const started = { ...job, origin: inRun({ ...step, ...more }) };
  expect(isJobOfCommand(started, commandOf(command), runComment)).toBe(expected);
  expect(isJobOfCommand(job, commandOf(command), runComment)).toBe(false);
});

test('a value is compared as what it is', () => {
  const withSample = (samples: unknown) => requestIs({ parameters: { samples } })(genuine.compute.job);
  const isIt = (given: string, samples: unknown) =>
    isJobOfCommand(
      withSample(samples),
      commandOf(`/compute 10 samples=${given} blockSize=5 timeout=600`),
      comment,
    );
  expect(isIt('7.0', 7)).toBe(true);
  expect(isIt('""', 0)).toBe(false);
  expect(isIt('0', '')).toBe(false);
  expect(isIt('1', true)).toBe(false);
  expect(isIt('true', true)).toBe(true);
  expect(isIt('010', '010')).toBe(true);
  expect(isIt('010', '10')).toBe(false);
});

test('the Action follows jobs that other workflows of its repository have started, the app does not', () => {
  const by = (startedBy: Job['startedBy']) => taskJob({ startedBy });
  const workflow = { ...nightly, kind: 'workflow' } as const;
  expect([isFollowedBy(by(nightly), 'app'), isFollowedBy(by(nightly), 'action')]).toEqual([false, false]);
  expect([isFollowedBy(by(workflow), 'app'), isFollowedBy(by(workflow), 'action')]).toEqual([false, true]);
  for (const known of [
    by(null),
    by(platform),
    by({ ...nightly, you: true }),
    by({ ...nightly, entry: true }),
  ])
    expect([isFollowedBy(known, 'app'), isFollowedBy(known, 'action')]).toEqual([true, true]);
});

test('whether it is asked for, and whether it is vouched for, are two things', () => {
  const { command, job } = genuine.run;
  const forged = { ...job, startedBy: nightly };
  expect(isRequestedJob(forged, commandOf(command), comment)).toBe(true);
  expect(isRequestedJob(forged, commandOf(command), { ...comment, author: people.mona })).toBe(false);
  expect(isJobOfCommand(trustOrigin(forged), commandOf(command), comment)).toBe(true);
  expect(isOriginTrusted(forged)).toBe(false);
});

const pi = { algorithm: 'monte-carlo-pi', inputCount: 10, blockSize: 1, timeoutSeconds: 86_400 };

test.each<[what: string, expected: boolean, command: string, more: object]>([
  ['its defaults', true, '/compute 10', { request: { ...pi, parameters: { seed: 0, samples: 1_000 } } }],
  ['no defaults', true, '/compute 10', { request: { ...pi, parameters: {} } }],
  [
    'given values',
    true,
    '/compute 10 samples=7',
    { request: { ...pi, parameters: { seed: 0, samples: 7 } } },
  ],
  ['another seed', false, '/compute 10', { request: { ...pi, parameters: { seed: 1, samples: 1_000 } } }],
  ['a default as text', false, '/compute 10', { request: { ...pi, parameters: { seed: '0' } } }],
  ['another parameter', false, '/compute 10', { request: { ...pi, parameters: { program: 'x' } } }],
  [
    'the name of what every object has',
    false,
    '/compute 10',
    { request: { ...pi, parameters: { toString: 0 } } },
  ],
  ['another algorithm', false, '/compute 10', { request: { ...pi, algorithm: 'exec', parameters: {} } }],
  [
    'the algorithm of the command',
    true,
    '/compute 10 algorithm=other a=1',
    { request: { ...pi, algorithm: 'other', parameters: { a: 1 } } },
  ],
  [
    'defaults of an algorithm that is not known',
    false,
    '/compute 10 algorithm=other a=1',
    { request: { ...pi, algorithm: 'other', parameters: { a: 1, b: 2 } } },
  ],
  [
    'the name of what every object has as algorithm',
    false,
    '/compute 10 algorithm=constructor',
    { request: { ...pi, algorithm: 'constructor', parameters: { name: 'Object' } } },
  ],
  ['inputs of a file', false, genuine.inputs.command, { request: genuine.inputs.job.request }],
  [
    'inputs of the file that it claims',
    false,
    `/compute inputs=in.jsonl@${'c'.repeat(40)} algorithm=statistics`,
    {
      origin: { ...asked, notes: { requester: 1, inputs: { path: 'in.jsonl', commit: 'c'.repeat(40) } } },
      request: genuine.inputs.job.request,
    },
  ],
  [
    'a retry',
    false,
    genuine.retry.command,
    { retryOf: `job-${'1'.repeat(32)}`, request: { ...pi, parameters: {} } },
  ],
])(
  'a job that nobody vouches for is only asked for if the command determines it: %s',
  (_what, expected, body, more) => {
    const job = { ...computeJob({ origin: asked }), ...more };
    expect(
      isRequestedJob({ ...job, startedBy: { ...nightly, kind: 'workflow' } }, commandOf(body), comment),
    ).toBe(expected);
  },
);

test('the defaults of algorithms are those that the orchestrator fills in', () => {
  const filled = [...createBuiltInAlgorithms()].flatMap(([name, { parameters: schema }]) => {
    const read = v.safeParse(schema, {});
    const entries = read.success ? Object.entries(read.output as object) : [];
    return entries.length === 0 ? [] : [[name, Object.fromEntries(entries)]];
  });
  expect(Object.fromEntries(filled)).toEqual(algorithmDefaults);
  expect(v.parse(ComputeRequest, { inputCount: 1 }).algorithm).toBe(defaultAlgorithm);
});
