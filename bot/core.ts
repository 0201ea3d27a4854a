import { LRUCache } from 'lru-cache';
import type { IncomingComment } from '../chatops/incoming-comment.ts';
import { createEntry } from '../chatops/lease/comment-claim.ts';
import { readingLimits } from '../chatops/policy/index.ts';
import { ReplyLease } from '../chatops/lease/reply-lease.ts';
import { createHttpJobs, createHttpLeases, createHttpLocks } from '../compute/client/index.ts';
import type { Logger } from '../runtime/log.ts';
import { openAudit } from './audit/open-audit.ts';
import { WriteBudget } from './rate-limit/write-budget.ts';
import { connectGitHub } from './github.ts';
import { instrumentJobs } from './instrumented-jobs.ts';
import { ReplicaCounter } from './replicas.ts';
import { createBotMetrics } from './metrics.ts';
import { openPolicyReader } from './policy-check/policy-reader.ts';
import { openSecondReader } from './second-reader.ts';
import { AdmissionControl } from './server/admission-control.ts';
import type { BotSettings } from './settings.ts';
import { GitHubPortsFactory } from './github-ports.ts';

/** What the parts of a bot share. */
export const createCore = (settings: BotSettings, log: Logger) => {
  const { app, orchestrator, instance, seconds } = settings;
  const metrics = createBotMetrics();
  const github = connectGitHub(settings, log, metrics);
  const leases = createHttpLeases(orchestrator);
  const stopping = new AbortController();
  /** The newest comments that the Action has claimed, as they came. */
  const left = new LRUCache<number, IncomingComment>({ max: 200 });
  // Where writes are not limited there is but one bot, and nobody to whom GitHub shows late what it has written.
  const leaseTimes = settings.github.throttle ? {} : { seconds: { lease: 20, settling: 0, patience: 25 } };
  const { audit, stop: stopAudit } = openAudit({ storage: settings.auditStorage, instance, metrics, log });
  // Octokit spaces writes for GitHub's limits. Less urgent writes must not block others in its queue.
  const writeLimits = settings.github.throttle ? { atOnce: 1 } : {};
  const replicas = new ReplicaCounter({ leases, name: `bot/${app.id}`, holder: instance, metrics, log });
  const policyLimits = { ...readingLimits, maxMilliseconds: seconds.policy * 1_000 };
  const policyReader = openPolicyReader(log, policyLimits);
  const budgetOptions = { hourly: settings.writesPerHour, share: () => replicas.share, metrics, log };
  const budget = new WriteBudget({ ...budgetOptions, ...writeLimits });
  return {
    settings,
    metrics,
    log,
    github,
    leases,
    left,
    entry: createEntry('app', leases, (comment) => {
      left.set(comment.comment.id, comment);
      log.info({ comment: comment.comment.id }, 'the Action answers a comment');
    }),
    stopping,
    audit,
    stopAudit,
    jobs: instrumentJobs(createHttpJobs(orchestrator), metrics),
    locks: createHttpLocks(orchestrator),
    threads: new GitHubPortsFactory(app.id, github, policyReader.read),
    replyLease: new ReplyLease({ leases, holder: instance, stopping: stopping.signal, ...leaseTimes }),
    budget,
    secondReader: openSecondReader(log),
    policyReader,
    // Apart, so that a flood of pull requests delays no policy by which a command is decided.
    pullPolicyReader: openPolicyReader(log, policyLimits),
    admissions: new AdmissionControl({ ...budgetOptions, budget }),
    replicas,
  };
};

export type BotCore = ReturnType<typeof createCore>;
