import { expect, test } from '@jest/globals';
import { createBuiltInAlgorithms } from '../../../../compute/algorithms/built-in.ts';
import { describeAlgorithms } from '../../../../compute/algorithms/describe-algorithms.ts';
import { formatAlgorithmList, formatTaskList, parseCommands } from '../../../../chatops/command/index.ts';
import type { JobPlan } from '../../../../chatops/job/plan.ts';
import type { AccessRule } from '../../../../chatops/policy/policy.ts';
import * as say from '../../../../chatops/reply/answers/index.ts';
import { grammars } from '../../../fixtures/grammars.ts';
import {
  jobAwaitingApproval,
  computeJob,
  finishedComputeJob,
  jobId,
  heldLock,
  mona,
  jobAwaitingLock,
  taskJob,
} from '../../../fixtures/jobs.ts';
import { expectGolden } from '../golden-file.ts';

/*
 * What is said once, all of one group in a file: `golden/answers-<group>.md`, each text under its name.
 * `UPDATE_GOLDEN=1 npm test -- golden` writes them anew.
 */
const run = '/run StopVM VMName=web-1';
const since = '2026-03-01T11:00:00Z';
const digest = '0123456789abcdef'.repeat(4);
const problem = { code: 'x', field: 'line 12', message: 'm', expected: 'a JSON value', received: '{oops' };

const plan: JobPlan = {
  command: run,
  work: {
    kind: 'task',
    taskName: 'StopVM',
    image: 'crew.azurecr.io/tools:1',
    script: 'stop-vm.sh',
    digests: { definition: digest.toUpperCase().toLowerCase(), script: digest },
  },
  parameters: [
    { name: 'VMName', value: 'web-1', source: 'given' },
    { name: 'Zone', value: 'eu', source: 'default' },
  ],
  timeoutSeconds: 3600,
  concurrent: 2,
  lock: { key: 'vm/web-1', when: 'queue' },
  approval: {
    from: { permission: null, everyone: false, teams: ['acme/oncall'], users: [], bots: [] },
    count: 1,
    expiresSeconds: 14_400,
    code: 'k3x9q2m7pa',
  },
  warnings: [],
  policy: '89abcdef0123456789abcdef0123456789abcdef',
};
const computation: JobPlan = {
  ...plan,
  command: '/compute inputs=points.jsonl',
  work: {
    kind: 'compute',
    algorithm: 'score',
    inputCount: 1200,
    blockSize: null,
    inputs: { path: 'points.jsonl', commit: digest.slice(0, 40), sha256: digest },
  },
  parameters: [],
  timeoutSeconds: null,
  concurrent: null,
  lock: null,
  approval: null,
  warnings: ['The value of scale mixes Latin and Cyrillic letters'],
  policy: null,
};
const rule: AccessRule = {
  permission: 'maintain',
  everyone: false,
  teams: ['acme/ops'],
  users: [],
  bots: ['dependabot[bot]'],
};
const words = '**maintain** access, or a member of `acme/ops`';
const ready = `/compute inputs=points.jsonl@${digest.slice(0, 40)}`;
const planned = {
  key: 'vm/web-1',
  when: 'queue',
  holders: heldLock().holders,
  more: 0,
  elsewhere: 0,
  waiting: 1,
} as const;
const knowing = {
  locks: [
    { ...planned, slots: null },
    { ...planned, slots: 1 },
  ],
  who: words,
  approvers: 'a member of `acme/oncall`',
  algorithm: undefined,
  maxSeconds: undefined,
  estimate: {
    seconds: 38.4,
    from: { seconds: 38.4, inputs: null, hasOtherParameters: false },
  },
};
const algorithm = {
  name: 'monte-carlo-pi',
  isDefault: true,
  description: 'Estimates pi',
  parameters: [
    { name: 'seed', value: '7', source: 'given' },
    { name: 'samples', value: '1000', source: 'default' },
  ],
} as const;

const endingLock = (end: { at: string | null; thread: number | null }) =>
  heldLock({
    holders: [{ kind: 'person', person: mona, reason: 'new disks', since, end }],
    waiting: [],
  });

const groups: Record<string, Record<string, string>> = {
  policy: {
    'not allowed': say.renderDenial(run, {
      reason: 'not-listed',
      words,
      held: 'read',
      entry: 'app',
    }),
    'not allowed, without any access': say.renderDenial(run, {
      reason: 'not-listed',
      words,
      held: 'none',
      entry: 'app',
    }),
    'not allowed, teams unreadable': say.renderDenial(run, {
      reason: 'teams-unreadable',
      words,
      held: 'write',
      entry: 'app',
    }),
    'not allowed, teams unreadable to the Action': say.renderDenial(run, {
      reason: 'teams-unreadable',
      words,
      held: 'write',
      entry: 'action',
    }),
    'not allowed, reading does not count': say.renderDenial(run, {
      reason: 'everyone-needed',
      words: '**read** access',
      held: 'read',
      entry: 'app',
    }),
    'not allowed, a program': say.renderDenial(run, {
      reason: 'bot-not-listed',
      words,
      held: 'none',
      entry: 'app',
    }),
    'not allowed to anybody': say.renderDenial(run, {
      reason: 'not-listed',
      words: 'nobody',
      held: 'admin',
      entry: 'app',
    }),
    'not allowed through an app': say.renderAppDenial(run, 'relay', {
      rule,
      keys: ['tasks', 'StopVM'],
      isFirst: false,
    }),
    'not allowed through an app, without a policy': say.renderAppDenial(run, 'relay', {
      rule: { ...rule, permission: 'write', teams: [], bots: [] },
      keys: ['tasks', '*'],
      isFirst: true,
    }),
    'not allowed through an app without a name': say.renderAppDenial(run, null, {
      rule,
      keys: ['tasks', 'StopVM'],
      isFirst: false,
    }),
    'not allowed to a person whose app is allowed': say.renderDenialViaApp(run, 'relay', {
      reason: 'level-too-low',
      words,
      held: 'read',
      entry: 'app',
      isListed: true,
    }),
    'not allowed to a person, nor to the app': say.renderDenialViaApp(run, 'relay', {
      reason: 'level-too-low',
      words,
      held: 'read',
      entry: 'app',
      isListed: false,
    }),
    'not allowed to any person': say.renderDenialViaApp(run, 'relay', {
      reason: 'not-listed',
      words: 'no person',
      held: 'admin',
      entry: 'app',
      isListed: true,
    }),
    'not on issues': say.renderThreadNotAllowed(
      run,
      { issues: false, pullRequests: true, labels: [] },
      'issue',
    ),
    'not without a label': say.renderThreadNotAllowed(
      run,
      { issues: true, pullRequests: true, labels: ['ops', 'crew'] },
      'pull-request',
    ),
    'not anywhere': say.renderThreadNotAllowed(
      run,
      { issues: false, pullRequests: false, labels: [] },
      'issue',
    ),
    'policy with approvals that nobody owns': say.unprotectedPolicyWarning,
    'policy broken': say.renderInvalidPolicy('/compute 5', [
      {
        line: 7,
        column: 5,
        path: 'tasks.StopVM.allow',
        message: 'There is no such key',
        expected: 'one of permission, everyone, teams, users, bots',
        received: 'team',
      },
    ]),
    violates: say.renderViolations(run, [
      {
        name: 'VMName',
        code: 'pattern-mismatch',
        expected: 'a value that matches web-[0-9]+ as a whole',
        received: 'db-1',
      },
      { name: 'Zone', code: 'not-allowed', expected: 'one of eu, us' },
    ]),
    'over the limit': say.renderOverLimit('/compute 200000', 'inputs', '100000', '200000'),
  },
  edits: {
    'edited by somebody else': say.renderEditRefusal('octocat', 'mona'),
    'edited, unknown how': say.renderEditRefusal('octocat', null),
    'not by an edit': say.renderDecisionByEdit('/approve'),
    'one was missed': say.renderMissedCommands(['/compute 5']),
    'two were missed': say.renderMissedCommands(['/compute 5', run]),
  },
  jobs: {
    'no jobs': say.renderJobList([], 0),
    jobs: say.renderJobList(
      [computeJob(), jobAwaitingApproval(), jobAwaitingLock(), finishedComputeJob(), taskJob()],
      3,
    ),
    'status of a job that runs': say.renderStatus(computeJob(), false),
    logs: say.renderLog(taskJob(), {
      v: 1,
      id: jobId('b'),
      text: 'Hello, world\n',
      bytes: 13,
      truncated: false,
    }),
    'the end of the logs': say.renderLog(
      taskJob(),
      { v: 1, id: jobId('b'), text: 'and so on\n', bytes: 200_000, truncated: true },
      false,
    ),
    'no logs yet': say.renderLog(taskJob({ state: 'running' }), undefined),
    'no logs left': say.renderLog(taskJob(), undefined),
    'no logs of a computation': say.renderLog(computeJob(), undefined),
    'several can be meant': say.renderAmbiguousJob('/cancel', [
      computeJob(),
      jobAwaitingApproval({ id: jobId('c') }),
    ]),
    'nothing to do': say.renderNothingToDo('/retry', 'this thread has no failed job left to retry'),
    'not found': say.renderJobNotFound('/status', 'job-1'),
    canceled: say.renderCancellation({ outcome: 'stopping', job: computeJob() }),
    'canceled too late': say.renderCancellation({ outcome: 'ended', job: finishedComputeJob() }),
    'nothing to cancel': say.renderCancellation({ outcome: 'nothing-runs' }),
    'retried while it runs': say.renderRetryRefusal('/retry', computeJob(), 'running'),
    'retried after all': say.renderRetryRefusal('/retry', finishedComputeJob(), 'completed'),
    'retried with secrets': say.renderRetryRefusal('/retry', taskJob(), 'secret'),
    'retried without a task': say.renderRetryRefusal('/retry', taskJob(), 'gone'),
  },
  approvals: {
    'what waits': say.renderPendingApprovals('/approve', [jobAwaitingApproval(), computeJob()]),
    'nothing waits': say.renderPendingApprovals('/approve', [computeJob()]),
    approved: say.renderApproval(jobAwaitingApproval(), 0),
    'one more': say.renderApproval(jobAwaitingApproval(), 1),
    rejected: say.renderRejection(jobAwaitingApproval()),
    'own request': say.renderApprovalRefusal('/approve', 'own-request', jobAwaitingApproval()),
    'wrong code': say.renderApprovalRefusal('/approve', 'wrong-code', undefined),
    'waits no more': say.renderApprovalRefusal('/approve', 'not-waiting', jobAwaitingApproval()),
    'not found': say.renderApprovalRefusal('/approve', 'not-found', undefined),
    ended: say.renderApprovalRefusal('/approve', 'ended', jobAwaitingApproval()),
    'a program': say.renderApprovalRefusal('/reject', 'not-a-person', undefined),
    'through an app': say.renderApprovalRefusal('/reject', 'through-an-app', undefined),
    'the requester may no more': say.renderApprovalRefusal(
      '/approve',
      'requester-lost-right',
      jobAwaitingApproval(),
    ),
  },
  locks: {
    'no locks': say.renderLocks([], new Map()),
    locks: say.renderLocks(
      [
        heldLock(),
        heldLock({
          key: 'vm/web-2',
          holders: [{ kind: 'job', job: jobId('b'), since }],
          waiting: [],
        }),
      ],
      new Map([[jobId('b'), taskJob()]]),
    ),
    'locks that are shared': say.renderLocks(
      [
        heldLock({
          scope: 'tasks',
          holders: [{ kind: 'job', job: jobId('b'), since }],
          waiting: [],
          elsewhere: { holders: 0, waiting: 2 },
        }),
        heldLock({
          scope: 'tasks',
          key: 'vm/web-2',
          holders: [],
          waiting: [{ job: jobId('b'), since }],
          elsewhere: { holders: 1, waiting: 0 },
        }),
      ],
      new Map([[jobId('b'), taskJob()]]),
    ),
    'a lock with many jobs': say.renderLocks(
      [
        heldLock({
          holders: Array.from({ length: 7 }, () => ({ kind: 'job', job: jobId('c'), since })),
          waiting: Array.from({ length: 6 }, () => ({ job: jobId('d'), since })),
          elsewhere: { holders: 3, waiting: 1 },
        }),
      ],
      new Map(),
    ),
    'held elsewhere': say.renderLockHeld(
      '/lock',
      heldLock({ holders: [], elsewhere: { holders: 1, waiting: 0 } }),
    ),
    taken: say.renderLocked(heldLock(), 'taken'),
    yours: say.renderLocked(heldLock({ waiting: [] }), 'yours'),
    'taken, until a time': say.renderLocked(
      endingLock({ at: '2026-03-01T14:00:00Z', thread: null }),
      'taken',
    ),
    'taken, until its thread is closed': say.renderLocked(endingLock({ at: null, thread: 7 }), 'taken'),
    'yours, until a time or its thread is closed': say.renderLocked(
      endingLock({ at: '2026-03-01T14:00:00Z', thread: 7 }),
      'yours',
    ),
    'taken, at an orchestrator that stores no end': say.renderLocked(heldLock({ waiting: [] }), 'taken', {
      hasRequestedEnd: true,
    }),
    'nothing to close': say.renderNothingToClose(),
    'one that ends, in a list': say.renderLocks(
      [endingLock({ at: '2026-03-01T14:00:00Z', thread: 7 })],
      new Map(),
    ),
    held: say.renderLockHeld(
      '/lock',
      heldLock({ holders: [{ kind: 'person', person: mona, reason: null, since }] }),
    ),
    unlocked: say.renderUnlocked('vm/web-1'),
    "unlocked, another person's": say.renderUnlocked('vm/web-1', heldLock().holders),
    'not locked': say.renderNotLocked('vm/web-1'),
  },
  explained: {
    'a task': say.renderExplanation(plan, true, knowing),
    'a task, to nobody known': say.renderExplanation(plan, false, {
      ...knowing,
      locks: [
        { ...planned, slots: null, holders: [], waiting: 0 },
        { ...planned, slots: 3, when: 'refuse', holders: [], waiting: 0 },
      ],
      approvers: null,
      estimate: undefined,
    }),
    'a computation': say.renderExplanation(computation, true, {
      ...knowing,
      locks: [],
      approvers: null,
      algorithm: { ...algorithm, name: 'score', isDefault: false, description: undefined, parameters: [] },
      estimate: {
        seconds: 210,
        from: { seconds: 140, inputs: 800, hasOtherParameters: true },
      },
    }),
    'a computation with defaults': say.renderExplanation(
      {
        ...computation,
        command: '/compute 1000',
        work: {
          kind: 'compute',
          algorithm: null,
          inputCount: 1000,
          blockSize: null,
          inputs: null,
        },
        warnings: [],
      },
      true,
      {
        ...knowing,
        locks: [],
        approvers: null,
        algorithm,
        maxSeconds: 3600,
        estimate: {
          seconds: 175,
          from: { seconds: 140, inputs: 800, hasOtherParameters: false },
        },
      },
    ),
    'problems of a computation': say.renderExplainedRefusal(
      '/compute 1000',
      say.renderParseErrors('/compute 1000', [
        {
          message: '{received} is not an algorithm',
          expected: 'one of monte-carlo-pi, statistics',
          received: 'monte-carlo',
          suggestion: 'monte-carlo-pi',
          position: null,
        },
      ]),
    ),
    tasks: formatTaskList([
      {
        taskName: 'StopVM',
        description: 'Stops a virtual machine',
        dockerImage: 'i',
        scriptName: 's',
        scriptParameters: [
          {
            parameterName: 'VMName',
            parameterType: 'string',
            required: true,
            secret: false,
            pattern: '[a-z0-9-]+',
            description: 'The name of the machine',
          },
          {
            parameterName: 'Zone',
            parameterType: 'string',
            required: true,
            secret: false,
            allowed: ['eu', 'us'],
            default: 'eu',
          },
          { parameterName: 'Token', parameterType: 'string', required: false, secret: true },
        ],
      },
      { taskName: 'Hello', dockerImage: 'i', scriptName: 's', scriptParameters: [] },
    ]),
    'algorithms of /compute': formatAlgorithmList(
      {
        algorithms: describeAlgorithms(createBuiltInAlgorithms().values()),
        defaultAlgorithm: 'monte-carlo-pi',
      },
      { prefix: 'ops', required: true },
    ),
    'a refusal': say.renderExplainedRefusal(
      '/compute',
      say.renderOverLimit('/compute 5', 'inputs', '4', '5'),
    ),
    'a command that starts nothing': say.renderCommandExplanation(
      '/cancel',
      {
        usage: '/cancel [job]',
        summary: 'stops a job',
        who: 'the requester, and anyone who can run what the job runs',
      },
      undefined,
    ),
    'a command that is not for everybody': say.renderCommandExplanation(
      '/lock vm/web-1',
      {
        usage: '/lock KEY [for=…] [until=…] [reason=…]',
        summary: 'takes a lock, so that jobs wait',
        who: 'all',
      },
      false,
    ),
  },
  inputs: {
    'too large': say.renderUnreadableInputs('/compute', 'points.jsonl', 'too-large', 99_999_999),
    'a symbolic link': say.renderUnreadableInputs('/compute', 'points.jsonl', 'symlink', null),
    'a line is wrong': say.renderInvalidInputs('/compute', 'points.jsonl', problem),
    'without a commit': say.renderInputReview(ready, 'commit-missing'),
    'of another commit': say.renderInputReview(ready, 'commit-not-head'),
  },
};

test.each(Object.entries(groups))('%s', async (group, texts) => {
  const all = Object.entries(texts).map(([name, text]) => `# ${name}\n\n${text}`);
  await expectGolden(`answers-${group}`, all.join('\n\n'));
});

test.each(grammars)('nothing that is said is a command under the grammar %j', (grammar) => {
  const texts = Object.values(groups).flatMap((texts) => Object.values(texts));
  expect(texts.flatMap((text) => parseCommands(text, grammar))).toEqual([]);
});
