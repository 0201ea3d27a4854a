import type { CommentId } from '../contracts/comment-id.ts';
import { LRUCache } from 'lru-cache';
import type { Audit } from '../chatops/audit.ts';
import type { SecondReader } from '../chatops/command/index.ts';
import type { BotIdentity } from '../chatops/github/comment.ts';
import type { Octokit } from '../chatops/github/api-client.ts';
import type { IncomingComment, Repository } from '../chatops/incoming-comment.ts';
import { createEntry, takeOverClaim, type CommentEntry } from '../chatops/lease/comment-claim.ts';
import { ReplyLease } from '../chatops/lease/reply-lease.ts';
import { readingLimits, type PolicyReader } from '../chatops/policy/index.ts';
import {
  createHttpJobs,
  createHttpLeases,
  createHttpLocks,
  type Jobs,
  type Leases,
  type Locks,
} from '../compute/client/index.ts';
import { systemClock, type Clock } from '../runtime/async/clock.ts';
import type { Logger } from '../runtime/log.ts';
import { openAudit } from './audit/open-audit.ts';
import { callsPerCodeOwnersLookup, createCommentHandler } from './comment-handler.ts';
import { GitHubPortsFactory } from './github-ports.ts';
import { connectGitHub, type GitHub } from './github.ts';
import { instrumentJobs } from './instrumented-jobs.ts';
import { createBotMetrics, type BotMetrics } from './metrics.ts';
import { checkPolicy, type PolicyCheckPorts } from './policy-check/check-policy.ts';
import { openPolicyReader } from './policy-check/policy-reader.ts';
import { WriteBudget } from './rate-limit/write-budget.ts';
import { Redelivery } from './redelivery/redelivery.ts';
import { openLeaseStorage, type LeaseStorage } from './lease-storage/lease-storage.ts';
import { ReplicaCounter } from './replicas.ts';
import { openSecondReader } from './second-reader.ts';
import { endLocksOfThread } from './server/closed-event.ts';
import { AdmissionControl, toAdmissionSubject } from './server/admission-control.ts';
import { LookupBudgetError } from './server/lookup-budget.ts';
import { CommentIntake, type IntakeOutcome } from './server/comment-intake.ts';
import { createWebhookMiddleware, type ChangedPullRequest } from './server/webhook-events.ts';
import type { BotSettings } from './settings.ts';
import { endLocksOfClosedThreads } from '../chatops/sweep/end-locks.ts';
import { MissedCommentPoller } from './sweep/missed-comment-poller.ts';
import { createTracking } from './tracking.ts';

/** Creates all parts of a bot and connects them. None of them runs yet. @param clock of the parts that run in intervals */
export const createBot = (settings: BotSettings, log: Logger, clock: Clock = systemClock) => {
  const services = createServices(settings, log, clock);
  const { github, metrics, threads, admissions, claimedByAction, locks } = services;
  const { app, seconds } = settings;
  const { host } = settings.github;
  const { leader, tracker, signal, wakeable } = createTracking(settings, services, clock);
  const intake = new CommentIntake(createCommentHandler(services, wakeable), {
    audit: services.audit,
    stopping: services.stopping.signal,
  });
  const identity: BotIdentity = {
    app: app.id,
    host,
    isOwn: (comment) => threads.identity.isOwn(comment),
  };
  const redelivery = new Redelivery({
    app: github.app,
    intervalMilliseconds: seconds.redelivery * 1_000,
    metrics,
    log,
    clock,
  });
  const sweep = new MissedCommentPoller({
    identity: identity,
    github,
    getThread: (comment) => {
      admissions.charge(toAdmissionSubject(comment), callsPerSweptComment);
      return threads.forThread(comment).thread;
    },
    handleComment: async (comment, commentLog) => assertProcessed(await intake.handle(comment, commentLog)),
    handleMissed: async (comment, commentLog) =>
      assertProcessed(await intake.handleMissed(comment, commentLog)),
    claimedByAction,
    takeOverClaim: (comment) => takeOverClaim('app', comment, services.leases),
    admissions,
    endLocks: (target) => endLocksOfRepository(target, { host, locks, log }),
    isLeading: () => leader.isLeading,
    intervalMilliseconds: seconds.sweep * 1_000,
    metrics,
    log,
    clock,
  });
  const middleware = createWebhookMiddleware(github.probot, {
    identity,
    handleComment: (comment, commentLog) => intake.handle(comment, commentLog),
    checkPolicy: async (pull) => checkPolicy(pull, createPolicyCheckPorts(pull, services)),
    endLocks: (thread, threadLog) => endLocksOfThread(thread, { host, locks, log: threadLog }),
    onFailed: () => redelivery.expectFailure(),
    metrics,
    log,
  });
  return { ...services, leader, tracker, signal, intake, redelivery, sweep, middleware };
};

/** Releases the locks of closed threads. Returns whether the repository has locks that end with a thread. */
const endLocksOfRepository = async (
  { repository, octokit }: { repository: Repository; octokit: Octokit },
  { host, locks, log }: { host: string; locks: Locks; log: Logger },
): Promise<boolean> => {
  const { released, threads } = await endLocksOfClosedThreads({ host, repository, octokit, locks });
  if (released.length > 0)
    log.info({ repository: repository.name, locks: released }, 'ended the locks of closed threads');
  return threads > 0;
};

/** The services that the parts of a bot share. */
type BotServices = {
  metrics: BotMetrics;
  log: Logger;
  github: GitHub;
  leases: Leases;
  /** Undefined: the orchestrator stores the leases of the replicas. */
  leaseStorage: LeaseStorage | undefined;
  /** The newest comments that the Action has claimed, by id, as they were received. */
  claimedByAction: LRUCache<CommentId, IncomingComment>;
  entry: CommentEntry;
  stopping: AbortController;
  audit: Audit;
  stopAudit: () => Promise<void>;
  jobs: Jobs;
  locks: Locks;
  threads: GitHubPortsFactory;
  replyLease: ReplyLease;
  budget: WriteBudget;
  secondReader: { read: SecondReader; close: () => Promise<void> };
  policyReader: { read: PolicyReader; close: () => Promise<void> };
  pullPolicyReader: { read: PolicyReader; close: () => Promise<void> };
  admissions: AdmissionControl;
  replicas: ReplicaCounter;
};

const createServices = (settings: BotSettings, log: Logger, clock: Clock): BotServices => {
  const { app, instance, seconds } = settings;
  const metrics = createBotMetrics();
  const orchestrator = { ...settings.orchestrator, onCall: metrics.recordOrchestratorCall };
  const github = connectGitHub(settings, log, metrics);
  const leases = createHttpLeases(orchestrator);
  const leaseStorage =
    settings.leaseStorage === undefined ? undefined : openLeaseStorage(settings.leaseStorage);
  const stopping = new AbortController();
  const claimedByAction = new LRUCache<CommentId, IncomingComment>({ max: 200 });
  // Writes are unlimited only on the embedded GitHub, which has one bot and shows each write at once.
  const leaseTimes = settings.github.throttle ? {} : { seconds: { lease: 20, settling: 0, maxWait: 25 } };
  const { audit, stop: stopAudit } = openAudit({ storage: settings.auditStorage, instance, metrics, log });
  // Octokit spaces writes for GitHub's limits. Less urgent writes must not block others in its queue.
  const writeLimits = settings.github.throttle ? { atOnce: 1 } : {};
  const counting = { leases: leaseStorage ?? leases, name: `bot/${app.id}`, holder: instance };
  const replicas = new ReplicaCounter({ ...counting, metrics, log, clock });
  const policyLimits = { ...readingLimits, maxMilliseconds: seconds.policy * 1_000 };
  const policyReader = openPolicyReader(log, policyLimits);
  const budgetOptions = { hourly: settings.writesPerHour, share: () => replicas.share, metrics, log };
  const budget = new WriteBudget({ ...budgetOptions, ...writeLimits });
  return {
    metrics,
    log,
    github,
    leases,
    leaseStorage,
    claimedByAction,
    entry: createEntry('app', leases, (comment) => {
      claimedByAction.set(comment.comment.id, comment);
      log.info({ comment: comment.comment.id }, 'the Action has claimed a comment');
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
    // Separate, so that a flood of pull requests does not delay the policies of commands.
    pullPolicyReader: openPolicyReader(log, policyLimits),
    admissions: new AdmissionControl({ ...budgetOptions, budget }),
    replicas,
  };
};

/**
 * Returns GitHub's ports for the policy check of a pull request. Anyone can open a pull request, so its lookups and writes are
 * charged to the author.
 * @throws LookupBudgetError if the author's budget is used up: the webhook is redelivered
 */
const createPolicyCheckPorts = (
  { installation, repository, author, isAffiliated }: ChangedPullRequest,
  { threads, budget, admissions, pullPolicyReader }: BotServices,
): PolicyCheckPorts => {
  const { octokit, files, codeOwners, checks } = threads.forInstallation(installation);
  const subject = { installation, repository: repository.id, person: author, isAffiliated };
  const priority = admissions.admitLookups(subject, callsPerPolicyCheck);
  const target = { installation, repository: repository.id, person: author };
  return {
    octokit,
    files,
    codeOwners: {
      hasPolicyOwner: (where, commit) => {
        admissions.charge(subject, callsPerCodeOwnersLookup);
        return codeOwners.hasPolicyOwner(where, commit);
      },
    },
    readPolicy: pullPolicyReader.read,
    checks: { put: (where, check) => budget.write(target, priority, () => checks.put(where, check)) },
  };
};

/** The approximate number of GitHub calls of a pull request's check. */
const callsPerPolicyCheck = 5;

/** The approximate number of GitHub calls that the sweep needs to check whether a comment has an answer. */
const callsPerSweptComment = 5;

/** @throws Error if a comment was not processed, or not yet: the sweep retries it */
const assertProcessed = (outcome: IntakeOutcome): void => {
  if (outcome === 'held' || outcome === 'waiting')
    throw new LookupBudgetError('Too many comments by people without permissions');
};
