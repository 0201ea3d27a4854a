import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { readCommands } from '../../../../chatops/command/index.ts';
import type { Plan } from '../../../../chatops/job/plan.ts';
import { defaultPolicy } from '../../../../chatops/policy/index.ts';
import * as say from '../../../../chatops/reply/answers/index.ts';
import { updateReply } from '../../../../chatops/reply/render-reply.ts';
import type { Job, Problem } from '../../../../compute/client/index.ts';
import { grammars } from '../../../fixtures/grammars.ts';
import { hostile, long, nodesOf, parse, quotedAct, rulesIn } from '../../../fixtures/hostile-text.ts';
import { asking, computed, id, keyOf, lock, task } from '../../../fixtures/jobs.ts';

const jobOf = (command: string, name: string, prefix: string | null): Job => {
  const { waiting, origin } = asking();
  if (waiting?.for !== 'approval') throw new Error('not asking');
  return asking({
    origin: {
      ...origin,
      command,
      sender: name,
      notes: { prefix, app: name, approvers: { words: name, mentions: [] } },
    },
    waiting: { ...waiting, requester: { id: '1', name }, expiresAt: name },
  });
};

const mistaken = (a: string, b: string, c: string, d: string | null): string[] => {
  const position = { line: 1, column: 1 };
  const problem: Problem = { code: a, field: b, message: c, expected: c, received: d };
  return [
    say.mistakes(a, [{ position, message: b, expected: c, received: d, suggestion: d }]),
    say.unreadable(a, b),
    say.notStarted(a, { outcome: 'refused', problem }),
    say.notStarted(a, { outcome: 'refused', problem: { ...problem, field: null, expected: null } }),
    say.inputsUnread(a, b, 'folder', 5),
    say.inputsRefused(a, b, problem),
    say.readyCommand(a, 'commit-missing'),
    say.policyBroken(a, [{ line: 1, column: 1, path: b, message: c, expected: c, received: d }]),
    say.violates(a, [{ name: b, code: 'not-allowed', expected: c }]),
    say.overLimit(a, b, c, d ?? ''),
    say.notAllowed(a, b, { reason: 'teams-unreadable', words: c, held: 'read', entry: 'app' }),
    say.appNotAllowed(
      a,
      { login: b, app: c },
      {
        rule: { permission: 'write', everyone: true, teams: [a], users: [b], bots: [c] },
        keys: ['tasks', d ?? a],
        isFirst: true,
      },
    ),
    say.appNotAllowed(
      a,
      { login: b, app: null },
      { rule: defaultPolicy.compute.allow, keys: [c], isFirst: false },
    ),
    say.notAllowedViaApp(
      a,
      { login: b, app: d },
      { reason: 'level-too-low', words: c, held: 'read', entry: 'app', isListed: false },
    ),
    say.notHere(a, { issues: true, pullRequests: false, labels: [b, c] }),
    say.editedByOther(a, b),
    say.notByEdit(a),
    say.missed([a, b, c]),
  ];
};

const aboutJobs = (a: string, b: string, c: string, prefix: string | null): string[] => {
  const job = jobOf(a, b, prefix);
  const log = { v: 1, id: id('b'), text: c, bytes: c.length, truncated: true } as const;
  const links = { log: { path: a, url: `https://example.org/${encodeURIComponent(b.toWellFormed())}` } };
  return [
    say.statusList([job, computed({ origin: { command: b, sender: c } })], 1),
    say.statusOf(job, true),
    say.logs(task({ origin: { command: a }, links }), log, false),
    say.candidates(a, [job]),
    say.nothingToDo(a, 'nothing runs'),
    say.jobNotFound(a, b),
    say.canceled({ outcome: 'stopping', job }),
    say.canceled({ outcome: 'ended', job }),
    say.canceled({ outcome: 'not-found', id: a }),
    say.notRetried(a, job, 'secret'),
    say.waitingList(a, [job]),
    say.ambiguousCode(a, [job]),
    say.approved(job, 1),
    say.rejectedJob(job),
    say.notApproved(a, 'own-request', job),
  ];
};

const aboutLocks = (a: string, b: string, c: string): string[] => {
  const holder = { kind: 'person', person: { id: '7', name: a }, reason: b, since: c } as const;
  const held = lock({ key: c, holders: [holder, { kind: 'job', job: id('a'), since: a }] });
  return [
    say.locksTable([held], new Map([[id('a'), jobOf(a, b, null)]])),
    say.locked(held, 'taken', a),
    say.lockHeld(a, held),
    say.unlocked(a, held.holders),
    say.notLocked(a),
    ...explained(a, b, c, held),
  ];
};

const explained = (a: string, b: string, c: string, held: ReturnType<typeof lock>): string[] => {
  const plan: Plan = {
    command: a,
    work: { kind: 'task', taskName: b, image: c, script: a, digests: { definition: b, script: c } },
    parameters: [{ name: a, value: b, source: 'default' }],
    timeoutSeconds: 1,
    concurrent: 1,
    lock: { key: c, when: 'refuse' },
    approval: {
      from: { permission: 'write', everyone: false, teams: [a], users: [b], bots: [c] },
      count: 1,
      expiresSeconds: 1,
      code: 'k3x9q2m7pa',
    },
    warnings: [a],
    policy: b,
  };
  const inputs = { path: b, commit: c, sha256: a };
  const work = { kind: 'compute', algorithm: a, inputCount: 1, blockSize: 1, inputs } as const;
  const added = { key: b, slots: 2, when: 'queue' } as const;
  const known = { lock: held, added: [{ added, lock: held }], who: a, approvers: b };
  return [
    say.explained(plan, { allowed: false, words: c }, known),
    say.explained({ ...plan, work }, { allowed: true, words: c }, known),
    say.explainedRefusal(a, say.jobNotFound(b, c)),
    say.explainedOther(a, { usage: b, summary: c, who: a }, undefined),
  ];
};

const everything = fc
  .tuple(hostile, hostile, long, fc.option(hostile))
  .chain(([a, b, c, d]) => fc.constantFrom(mistaken(a, b, c, d), aboutJobs(a, b, c, d), aboutLocks(a, b, c)));

test('whatever others wrote, nothing of it acts in what is said once', () => {
  fc.assert(
    fc.property(everything, (markdowns) => {
      const sections = markdowns.map(
        (markdown, index) => ({ kind: 'refusal', key: keyOf(index), index, markdown }) as const,
      );
      const { body } = updateReply(undefined, { comment: 9, sections, isPublic: false, keep: 'jobs' });
      expect(body.isWellFormed()).toBe(true);
      expect(nodesOf(parse(body)).map(quotedAct).filter(Boolean)).toEqual([]);
      expect(rulesIn(body)).toBe(markdowns.length - 1);
      for (const grammar of grammars) expect(readCommands(body, grammar)).toEqual([]);
      expect(body).not.toContain('seζcret');
    }),
    { numRuns: 60 },
  );
});
