import { expect, test } from '@jest/globals';
import type { CallerName, Job, LockHolder } from '../../../compute/client/index.ts';
import * as say from '../../../chatops/reply/answers/index.ts';
import { renderNotice, updateReply } from '../../../chatops/reply/render-reply.ts';
import { jobAwaitingApproval, jobId, heldLock, mona, jobAwaitingLock, taskJob } from '../../fixtures/jobs.ts';

/* Whom a caller names in cancel, approve and lock is its claim, unless it is an entry, which verifies persons. */

const guest: CallerName = { kind: 'key', name: 'greeter', entry: false };
const entry: CallerName = { kind: 'key', name: 'bot', entry: true };
const since = '2026-03-01T11:00:00Z';

const holderBy = (via: CallerName): LockHolder => ({
  kind: 'person',
  person: mona,
  via,
  reason: 'migration',
  since,
});

const replyOf = (job: Job): string => {
  const sections = [{ kind: 'job' as const, job, key: '00000000', index: 0 }];
  return updateReply(undefined, {
    comment: 9,
    sections,
    isPublic: false,
    keep: 'jobs',
    explained: {},
    comments: 1,
  }).body;
};

/** All that a person may read about what somebody else did, by the caller that says so. */
const texts: Record<string, (via: CallerName) => string> = {
  'the reply to a canceled job': (via) =>
    replyOf(
      taskJob({
        state: 'canceled',
        reason: 'canceled-by-user',
        endedBy: 'mona',
        endedVia: via,
        endedAt: since,
      }),
    ),
  'the reply to a rejected job': (via) =>
    replyOf(
      taskJob({ state: 'canceled', reason: 'rejected', endedBy: 'mona', endedVia: via, endedAt: since }),
    ),
  'the notice of its end': (via) =>
    renderNotice(
      taskJob({
        state: 'canceled',
        reason: 'canceled-by-user',
        endedBy: 'mona',
        endedVia: via,
        endedAt: since,
      }),
      {
        login: 'octocat',
      },
    ),
  '/status of it': (via) =>
    say.renderStatus(
      taskJob({
        state: 'canceled',
        reason: 'canceled-by-user',
        endedBy: 'mona',
        endedVia: via,
        endedAt: since,
      }),
      false,
    ),
  'the reply to an approved job': (via) => replyOf(taskJob({ approvals: [{ by: mona, at: since, via }] })),
  'the reply to a job that waits for more approvals': (via) => {
    const job = jobAwaitingApproval({ approvals: [{ by: mona, at: since, via }] });
    const { waiting } = job;
    return replyOf(waiting?.for === 'approval' ? { ...job, waiting: { ...waiting, count: 2 } } : job);
  },
  'the reply to a job that waits for a lock': (via) => replyOf(jobAwaitingLock({ holders: [holderBy(via)] })),
  '/locks': (via) => say.renderLocks([heldLock({ holders: [holderBy(via)] })], new Map()),
  '/lock of it': (via) => say.renderLockHeld('/lock', heldLock({ holders: [holderBy(via)] })),
  '/lock by the very person': (via) => say.renderLocked(heldLock({ holders: [holderBy(via)] }), 'yours'),
  '/unlock of it': (via) => say.renderUnlocked('vm/web-1', [holderBy(via)]),
};

test.each(Object.entries(texts))('%s says whose claim the person is', (_what, text) => {
  const claim = '(according to the key `greeter`)';
  expect(text(guest)).toContain(claim);
  expect(text(entry)).not.toContain('according to');
});

test('/explain says whose claim the holder of a lock is', () => {
  const plan = {
    command: '/run StopVM',
    work: { kind: 'task', taskName: 'StopVM', image: 'image', script: 'stop.sh', digests: null },
    parameters: [],
    timeoutSeconds: null,
    concurrent: null,
    lock: { key: 'vm/web-1', when: 'queue' },
    approval: null,
    warnings: [],
    policy: null,
  } as const;
  const held = heldLock({ holders: [holderBy(guest)], waiting: [{ job: jobId('a'), since }] });
  const lock = {
    key: 'vm/web-1',
    when: 'queue',
    holders: held.holders,
    more: 0,
    elsewhere: 0,
    waiting: 1,
  } as const;
  const known = {
    locks: [
      { ...lock, slots: null },
      { ...lock, slots: 1 },
    ],
    who: 'anybody',
    approvers: null,
    algorithm: undefined,
    maxSeconds: undefined,
    estimate: undefined,
  };
  const text = say.renderExplanation(plan, true, known);
  expect(text.split('(according to the key `greeter`)')).toHaveLength(3);
});
