import { expect, test } from '@jest/globals';
import { readCommands } from '../../../../chatops/command/index.ts';
import type { Plan } from '../../../../chatops/job/plan.ts';
import type { Rule } from '../../../../chatops/policy/policy.ts';
import * as say from '../../../../chatops/reply/answers/index.ts';
import { grammars } from '../../../fixtures/grammars.ts';
import { asking, compute, computed, id, lock, mona, queueing, task } from '../../../fixtures/jobs.ts';
import { expectGolden } from '../golden-file.ts';

/*
 * What is said once, all of one group in a file: `golden/answers-<group>.md`, each text under its name.
 * `UPDATE_GOLDEN=1 npm test -- golden` writes them anew.
 */
const run = '/run StopVM VMName=web-1';
const since = '2026-03-01T11:00:00Z';
const digest = '0123456789abcdef'.repeat(4);
const problem = { code: 'x', field: 'line 12', message: 'm', expected: 'a JSON value', received: '{oops' };

const plan: Plan = {
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
const computation: Plan = {
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
  warnings: ['The value of scale mixes letters of Latin and Cyrillic'],
  policy: null,
};
const rule: Rule = {
  permission: 'maintain',
  everyone: false,
  teams: ['acme/ops'],
  users: [],
  bots: ['dependabot[bot]'],
};
const words = '**maintain** access, or a member of `acme/ops`';
const ready = `/compute inputs=points.jsonl@${digest.slice(0, 40)}`;
const added = { key: 'vm/web-1', slots: 1, when: 'queue' } as const;
const shared = lock({ scope: 'tasks', waiting: [], elsewhere: { holders: 0, waiting: 1 } });
const knowing = {
  lock: lock(),
  added: [{ added, lock: shared }],
  who: words,
  approvers: 'a member of `acme/oncall`',
};

const groups: Record<string, Record<string, string>> = {
  policy: {
    'not allowed': say.notAllowed(run, 'octocat', {
      reason: 'not-listed',
      words,
      held: 'read',
      entry: 'app',
    }),
    'not allowed, without any access': say.notAllowed(run, 'octocat', {
      reason: 'not-listed',
      words,
      held: 'none',
      entry: 'app',
    }),
    'not allowed, teams unreadable': say.notAllowed(run, 'octocat', {
      reason: 'teams-unreadable',
      words,
      held: 'write',
      entry: 'app',
    }),
    'not allowed, teams unreadable to the Action': say.notAllowed(run, 'octocat', {
      reason: 'teams-unreadable',
      words,
      held: 'write',
      entry: 'action',
    }),
    'not allowed, reading does not count': say.notAllowed(run, 'octocat', {
      reason: 'everyone-needed',
      words: '**read** access',
      held: 'read',
      entry: 'app',
    }),
    'not allowed, a program': say.notAllowed(run, 'renovate[bot]', {
      reason: 'bot-not-listed',
      words,
      held: 'none',
      entry: 'app',
    }),
    'not allowed to anybody': say.notAllowed(run, 'octocat', {
      reason: 'not-listed',
      words: 'nobody',
      held: 'admin',
      entry: 'app',
    }),
    'not allowed through an app': say.appNotAllowed(
      run,
      { login: 'octocat', app: 'relay' },
      { rule, keys: ['tasks', 'StopVM'], isFirst: false },
    ),
    'not allowed through an app, without a policy': say.appNotAllowed(
      run,
      { login: 'octocat', app: 'relay' },
      { rule: { ...rule, permission: 'write', teams: [], bots: [] }, keys: ['tasks', '*'], isFirst: true },
    ),
    'not allowed through an app without a name': say.appNotAllowed(
      run,
      { login: 'octocat', app: null },
      { rule, keys: ['tasks', 'StopVM'], isFirst: false },
    ),
    'not allowed to a person whose app is allowed': say.notAllowedViaApp(
      run,
      { login: 'octocat', app: 'relay' },
      { reason: 'level-too-low', words, held: 'read', entry: 'app', isListed: true },
    ),
    'not allowed to a person, nor to the app': say.notAllowedViaApp(
      run,
      { login: 'octocat', app: 'relay' },
      { reason: 'level-too-low', words, held: 'read', entry: 'app', isListed: false },
    ),
    'not allowed to any person': say.notAllowedViaApp(
      run,
      { login: 'octocat', app: 'relay' },
      { reason: 'not-listed', words: 'no person', held: 'admin', entry: 'app', isListed: true },
    ),
    'not on issues': say.notHere(run, { issues: false, pullRequests: true, labels: [] }),
    'not without a label': say.notHere(run, { issues: true, pullRequests: true, labels: ['ops', 'crew'] }),
    'not anywhere': say.notHere(run, { issues: false, pullRequests: false, labels: [] }),
    'policy with approvals that nobody owns': say.policyUnprotected,
    'policy broken': say.policyBroken('/compute 5', [
      {
        line: 7,
        column: 5,
        path: 'tasks.StopVM.allow',
        message: 'There is no such key',
        expected: 'one of permission, everyone, teams, users, bots',
        received: 'team',
      },
    ]),
    violates: say.violates(run, [
      { name: 'VMName', code: 'pattern-mismatch', expected: 'a value that matches web-[0-9]+ as a whole' },
    ]),
    'over the limit': say.overLimit('/compute 200000', 'inputs', '100000', '200000'),
  },
  edits: {
    'edited by somebody else': say.editedByOther('octocat', 'mona'),
    'edited, unknown how': say.editedByOther('octocat', null),
    'not by an edit': say.notByEdit('/approve'),
    'one was missed': say.missed(['/compute 5']),
    'two were missed': say.missed(['/compute 5', run]),
  },
  jobs: {
    'no jobs': say.statusList([], 0),
    jobs: say.statusList([compute(), asking(), queueing(), computed(), task()], 3),
    'status of a job that runs': say.statusOf(compute(), false),
    logs: say.logs(task(), {
      v: 1,
      id: id('b'),
      text: 'Hello, world\n',
      bytes: 13,
      truncated: false,
    }),
    'the end of the logs': say.logs(
      task(),
      { v: 1, id: id('b'), text: 'and so on\n', bytes: 200_000, truncated: true },
      false,
    ),
    'no logs yet': say.logs(task({ state: 'running' }), undefined),
    'no logs left': say.logs(task(), undefined),
    'no logs of a computation': say.logs(compute(), undefined),
    'several can be meant': say.candidates('/cancel', [compute(), asking({ id: id('c') })]),
    'nothing to do': say.nothingToDo('/retry', 'no job of this thread has failed and was not retried'),
    'not found': say.jobNotFound('/status', 'job-1'),
    canceled: say.canceled({ outcome: 'stopping', job: compute() }),
    'canceled too late': say.canceled({ outcome: 'ended', job: computed() }),
    'nothing to cancel': say.canceled({ outcome: 'nothing-runs' }),
    'retried while it runs': say.notRetried('/retry', compute(), 'running'),
    'retried after all': say.notRetried('/retry', computed(), 'completed'),
    'retried with secrets': say.notRetried('/retry', task(), 'secret'),
    'retried without a task': say.notRetried('/retry', task(), 'gone'),
  },
  approvals: {
    'what waits': say.waitingList('/approve', [asking(), compute()]),
    'nothing waits': say.waitingList('/approve', [compute()]),
    approved: say.approved(asking(), 0),
    'one more': say.approved(asking(), 1),
    rejected: say.rejectedJob(asking()),
    'own request': say.notApproved('/approve', 'own-request', asking()),
    'wrong code': say.notApproved('/approve', 'wrong-code', undefined),
    'waits no more': say.notApproved('/approve', 'not-waiting', asking()),
    'not found': say.notApproved('/approve', 'not-found', undefined),
    ended: say.notApproved('/approve', 'ended', asking()),
    'a program': say.notApproved('/reject', 'not-a-person', undefined),
    'through an app': say.notApproved('/reject', 'through-an-app', undefined),
    'the requester may no more': say.notApproved('/approve', 'requester-lost-right', asking()),
  },
  locks: {
    'no locks': say.locksTable([], new Map()),
    locks: say.locksTable(
      [
        lock(),
        lock({
          key: 'vm/web-2',
          holders: [{ kind: 'job', job: id('b'), since }],
          waiting: [],
        }),
      ],
      new Map([[id('b'), task()]]),
    ),
    'locks that are shared': say.locksTable(
      [
        lock({
          scope: 'tasks',
          holders: [{ kind: 'job', job: id('b'), since }],
          waiting: [],
          elsewhere: { holders: 0, waiting: 2 },
        }),
        lock({
          scope: 'tasks',
          key: 'vm/web-2',
          holders: [],
          waiting: [{ job: id('b'), since }],
          elsewhere: { holders: 1, waiting: 0 },
        }),
      ],
      new Map([[id('b'), task()]]),
    ),
    'a lock with many jobs': say.locksTable(
      [
        lock({
          holders: Array.from({ length: 7 }, () => ({ kind: 'job', job: id('c'), since })),
          waiting: Array.from({ length: 6 }, () => ({ job: id('d'), since })),
          elsewhere: { holders: 3, waiting: 1 },
        }),
      ],
      new Map(),
    ),
    'held elsewhere': say.lockHeld('/lock', lock({ holders: [], elsewhere: { holders: 1, waiting: 0 } })),
    taken: say.locked(lock(), 'taken'),
    yours: say.locked(lock({ waiting: [] }), 'yours'),
    held: say.lockHeld('/lock', lock({ holders: [{ kind: 'person', person: mona, reason: null, since }] })),
    unlocked: say.unlocked('vm/web-1'),
    "unlocked, another person's": say.unlocked('vm/web-1', lock().holders),
    'not locked': say.notLocked('vm/web-1'),
  },
  explained: {
    'a task': say.explained(plan, { allowed: true, words: 'octocat' }, knowing),
    'a task, to nobody known': say.explained(
      plan,
      { allowed: false, words: 'octocat' },
      {
        ...knowing,
        lock: undefined,
        added: [{ added: { ...added, slots: 3, when: 'refuse' }, lock: undefined }],
        approvers: null,
      },
    ),
    'a computation': say.explained(
      computation,
      { allowed: true, words: 'octocat' },
      { ...knowing, lock: undefined, added: [], approvers: null },
    ),
    'a refusal': say.explainedRefusal('/compute', say.overLimit('/compute 5', 'inputs', '4', '5')),
    'a command that starts nothing': say.explainedOther(
      '/cancel',
      {
        usage: '/cancel [job]',
        summary: 'stops a job',
        who: 'the requester, and anyone who can run what the job runs',
      },
      undefined,
    ),
    'a command that is not for everybody': say.explainedOther(
      '/lock vm/web-1',
      { usage: '/lock KEY [reason=…]', summary: 'takes a lock, so that jobs wait', who: 'all' },
      false,
    ),
  },
  inputs: {
    'too large': say.inputsUnread('/compute', 'points.jsonl', 'too-large', 99_999_999),
    'a symbolic link': say.inputsUnread('/compute', 'points.jsonl', 'symlink', null),
    'a line is wrong': say.inputsRefused('/compute', 'points.jsonl', problem),
    'without a commit': say.readyCommand(ready, 'commit-missing'),
    'of another commit': say.readyCommand(ready, 'commit-not-head'),
  },
};

test.each(Object.entries(groups))('%s', async (group, texts) => {
  const all = Object.entries(texts).map(([name, text]) => `# ${name}\n\n${text}`);
  await expectGolden(`answers-${group}`, all.join('\n\n'));
});

test.each(grammars)('nothing that is said is a command under the grammar %j', (grammar) => {
  const texts = Object.values(groups).flatMap((texts) => Object.values(texts));
  expect(texts.flatMap((text) => readCommands(text, grammar))).toEqual([]);
});
