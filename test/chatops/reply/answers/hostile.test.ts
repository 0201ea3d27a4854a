import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { parseCommands } from '../../../../chatops/command/index.ts';
import type { JobPlan } from '../../../../chatops/job/plan.ts';
import { defaultPolicy } from '../../../../chatops/policy/index.ts';
import * as say from '../../../../chatops/reply/answers/index.ts';
import { updateReply } from '../../../../chatops/reply/render-reply.ts';
import type { Job, Problem } from '../../../../compute/client/index.ts';
import { grammars } from '../../../fixtures/grammars.ts';
import {
  hostileText,
  longHostileText,
  flattenNodes,
  parseMarkdown,
  findActiveQuote,
  countRules,
} from '../../../fixtures/hostile-text.ts';
import {
  jobAwaitingApproval,
  finishedComputeJob,
  jobId,
  commandKey,
  heldLock,
  taskJob,
} from '../../../fixtures/jobs.ts';

const jobOf = (command: string, name: string, prefix: string | null): Job => {
  const { waiting, origin } = jobAwaitingApproval();
  if (waiting?.for !== 'approval') throw new Error('not asking');
  return jobAwaitingApproval({
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
    say.renderParseErrors(a, [{ position, message: b, expected: c, received: d, suggestion: d }]),
    say.renderInvalidTask(a, b),
    say.renderNotStarted(a, { outcome: 'refused', problem }),
    say.renderNotStarted(a, { outcome: 'refused', problem: { ...problem, field: null, expected: null } }),
    say.renderUnreadableInputs(a, b, 'folder', 5),
    say.renderInvalidInputs(a, b, problem),
    say.renderInputReview(a, 'commit-missing'),
    say.renderInvalidPolicy(a, [{ line: 1, column: 1, path: b, message: c, expected: c, received: d }]),
    say.renderViolations(a, [{ name: b, code: 'not-allowed', expected: c }]),
    say.renderOverLimit(a, b, c, d ?? ''),
    say.renderDenial(a, { reason: 'teams-unreadable', words: c, held: 'read', entry: 'app' }),
    say.renderAppDenial(a, c, {
      rule: { permission: 'write', everyone: true, teams: [a], users: [b], bots: [c] },
      keys: ['tasks', d ?? a],
      isFirst: true,
    }),
    say.renderAppDenial(a, null, { rule: defaultPolicy.compute.allow, keys: [c], isFirst: false }),
    say.renderDenialViaApp(a, d, {
      reason: 'level-too-low',
      words: c,
      held: 'read',
      entry: 'app',
      isListed: false,
    }),
    say.renderThreadNotAllowed(a, { issues: true, pullRequests: false, labels: [b, c] }, 'issue'),
    say.renderEditRefusal(a, b),
    say.renderDecisionByEdit(a),
    say.renderMissedCommands([a, b, c]),
  ];
};

const aboutJobs = (a: string, b: string, c: string, prefix: string | null): string[] => {
  const job = jobOf(a, b, prefix);
  const log = { v: 1, id: jobId('b'), text: c, bytes: c.length, truncated: true } as const;
  const links = { log: { path: a, url: `https://example.org/${encodeURIComponent(b.toWellFormed())}` } };
  return [
    say.renderJobList([job, finishedComputeJob({ origin: { command: b, sender: c } })], 1),
    say.renderStatus(job, true),
    say.renderLog(taskJob({ origin: { command: a }, links }), log, false),
    say.renderAmbiguousJob(a, [job]),
    say.renderNothingToDo(a, 'nothing runs'),
    say.renderJobNotFound(a, b),
    say.renderCancellation({ outcome: 'stopping', job }),
    say.renderCancellation({ outcome: 'ended', job }),
    say.renderJobNotFound('/cancel', a),
    say.renderRetryRefusal(a, job, 'secret'),
    say.renderPendingApprovals(a, [job]),
    say.renderAmbiguousCode(a, [job]),
    say.renderApproval(job, 1),
    say.renderRejection(job),
    say.renderApprovalRefusal(a, 'own-request', job),
  ];
};

const aboutLocks = (a: string, b: string, c: string): string[] => {
  const holder = { kind: 'person', person: { id: '7', name: a }, reason: b, since: c } as const;
  const held = heldLock({ key: c, holders: [holder, { kind: 'job', job: jobId('a'), since: a }] });
  return [
    say.renderLocks([held], new Map([[jobId('a'), jobOf(a, b, null)]])),
    say.renderLocked(held, 'taken', { command: a }),
    say.renderLockHeld(a, held),
    say.renderUnlocked(a, held.holders),
    say.renderNotLocked(a),
    ...explained(a, b, c, held),
  ];
};

const explained = (a: string, b: string, c: string, held: ReturnType<typeof heldLock>): string[] => {
  const plan: JobPlan = {
    command: a,
    work: {
      kind: 'task',
      taskName: b,
      image: c,
      script: a,
      digests: { definition: b, script: c },
      runner: { identity: a, cpu: 2 },
    },
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
  const { holders } = held;
  const lock = { key: b, when: 'queue', holders, more: 1, elsewhere: 1, waiting: 1 } as const;
  const known = {
    locks: [
      { ...lock, slots: null },
      { ...lock, slots: 2 },
    ],
    who: a,
    approvers: b,
    algorithm: {
      name: a,
      isDefault: true,
      description: b,
      parameters: [{ name: c, value: a, source: 'default' as const }],
    },
    maxSeconds: undefined,
    estimate: undefined,
  };
  return [
    say.renderExplanation(plan, false, known),
    say.renderExplanation({ ...plan, work }, true, known),
    say.renderExplainedRefusal(a, say.renderJobNotFound(b, c)),
    say.renderCommandExplanation(a, { usage: b, summary: c, who: a }, undefined),
  ];
};

const everything = fc
  .tuple(hostileText, hostileText, longHostileText, fc.option(hostileText))
  .chain(([a, b, c, d]) => fc.constantFrom(mistaken(a, b, c, d), aboutJobs(a, b, c, d), aboutLocks(a, b, c)));

test('untrusted text in answers and refusals has no effect', () => {
  fc.assert(
    fc.property(everything, (markdowns) => {
      const sections = markdowns.map(
        (markdown, index) => ({ kind: 'refusal', key: commandKey(index), index, markdown }) as const,
      );
      const { body } = updateReply(undefined, { comment: 9, sections, isPublic: false, keep: 'jobs' });
      expect(body.isWellFormed()).toBe(true);
      expect(flattenNodes(parseMarkdown(body)).map(findActiveQuote).filter(Boolean)).toEqual([]);
      expect(countRules(body)).toBe(markdowns.length - 1);
      for (const grammar of grammars) expect(parseCommands(body, grammar)).toEqual([]);
      expect(body).not.toContain('seζcret');
    }),
    { numRuns: 60 },
  );
});
