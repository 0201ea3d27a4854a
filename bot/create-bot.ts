import { mayContainCommand } from '../chatops/command/index.ts';
import { handleComment, postReply } from '../chatops/handle-comment.ts';
import type { BotIdentity } from '../chatops/github/comment.ts';
import { takeOverClaim } from '../chatops/lease/comment-claim.ts';
import { handleMissedComment } from '../chatops/handle-missed-comment.ts';
import { toScope } from '../chatops/scope.ts';
import type { Logger } from '../runtime/log.ts';
import {
  callsPerCodeOwnersLookup,
  createCommandPorts,
  type CommandPortsDependencies,
} from './command-ports.ts';
import { createCore, type BotCore } from './core.ts';
import { LeaderElection } from './leader-election.ts';
import { checkPolicy, type PolicyCheckPorts } from './policy-check/check-policy.ts';
import { Redelivery } from './redelivery/redelivery.ts';
import { LookupBudgetError, toAdmissionSubject } from './server/admission-control.ts';
import type { ReceivedComment } from './server/comment.ts';
import { CommentIntake, type IntakeOutcome } from './server/comment-intake.ts';
import type { ChangedPullRequest } from './server/pull.ts';
import { createWebhookMiddleware, type WebhookDependencies } from './server/webhook-events.ts';
import type { BotSettings } from './settings.ts';
import { MissedCommentPoller } from './sweep/missed-comment-poller.ts';
import { Tracker } from './tracker/tracker.ts';

/** All parts of a bot, tied together; none of them has begun yet. */
export const createBot = (settings: BotSettings, log: Logger) => {
  const core = createCore(settings, log);
  const { github, metrics, threads } = core;
  const { app, seconds } = settings;
  const tracking = createTracking(core);
  const hearing = createCommentIntake(core, tracking.tracker);
  const us: BotIdentity = {
    app: app.id,
    host: settings.github.host,
    wrote: (comment) => threads.identity.wrote(comment),
  };
  const hear: WebhookDependencies['hear'] = (comment, said) => hearing.handle(comment, said);
  const redelivery = new Redelivery({ app: github.app, every: seconds.redelivery * 1_000, metrics, log });
  const sweep = new MissedCommentPoller({
    us,
    github,
    thread: (comment) => {
      core.admissions.charge(toAdmissionSubject(comment), callsPerSweptComment);
      return threads.forThread(comment).thread;
    },
    hear: async (comment, said) => assertProcessed(await hearing.handle(comment, said)),
    answerMissed: async (comment, said) => assertProcessed(await hearing.handleMissed(comment, said)),
    left: core.left,
    takeOver: (comment) => takeOverClaim('app', comment, core.leases),
    admissions: core.admissions,
    isLeading: () => tracking.leader.isLeading,
    every: seconds.sweep * 1_000,
    metrics,
    log,
  });
  const middleware = createWebhookMiddleware(github.probot, {
    us,
    hear,
    checkPolicy: async (pull) => checkPolicy(pull, createPolicyCheckPorts(pull, core)),
    onFailed: () => redelivery.expectFailure(),
    metrics,
    log,
  });
  return { ...core, ...tracking, hearing, redelivery, sweep, middleware };
};

/**
 * Returns GitHub's ports for the policy check of a pull request. Anyone can open a pull request, so its lookups and writes are
 * charged to the author.
 * @throws LookupBudgetError if the author's budget is used up: the webhook is redelivered
 */
const createPolicyCheckPorts = (
  { installation, repository, author, isAffiliated }: ChangedPullRequest,
  { threads, budget, admissions, pullPolicyReader }: BotCore,
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

/** The approximate number of GitHub calls with which the sweep finds out whether a comment has an answer. */
const callsPerSweptComment = 4;

/** @throws Error if a comment was not processed, or not yet: the sweep retries it */
const assertProcessed = (outcome: IntakeOutcome): void => {
  if (outcome === 'held' || outcome === 'waiting')
    throw new LookupBudgetError('Too many comments by people without permissions');
};

/** Who leads follows the jobs. */
const createTracking = ({ settings, ...core }: BotCore): { leader: LeaderElection; tracker: Tracker } => {
  const { app, seconds, instance, github } = settings;
  const { threads } = core;
  const onLead = () => tracker.wake();
  const leader = new LeaderElection({ ...core, name: `tracker/${app.id}`, holder: instance, onLead });
  core.replicas.leader = leader;
  const tracker = new Tracker({
    ...core,
    host: github.host,
    ports: (target) => threads.forThread(target),
    isAnswered: (comment) => threads.isAnswered(comment),
    leader,
    intervals: { poll: seconds.tracker * 1_000, edit: seconds.edit * 1_000 },
  });
  return { leader, tracker };
};

/** What a comment comes to, whoever tells of it. */
export const createCommentIntake = (
  core: Pick<BotCore, 'replyLease' | 'stopping'> & CommandPortsDependencies,
  tracker: Pick<Tracker, 'wake' | 'answered'>,
): CommentIntake => {
  const { replyLease, audit, admissions, stopping } = core;
  const admit = async <T>(
    comment: ReceivedComment,
    work: () => Promise<T>,
  ): Promise<T | 'held' | undefined> =>
    mayContainCommand(comment.comment.body) ? admissions.run(comment, work) : undefined;
  return new CommentIntake({
    audit,
    converse: (comment) => admit(comment, () => handleComment(comment, createCommandPorts(comment, core))),
    answerMissed: (comment) =>
      admit(comment, () => handleMissedComment(comment, createCommandPorts(comment, core))),
    reply: (comment, turn, held) =>
      postReply(comment, turn, createCommandPorts(comment, core, { held, toReader: turn.toReader })),
    withReply: (comment, work) => replyLease.withReplyLease(toScope(comment), comment.comment.id, work),
    onStarted: () => tracker.wake(),
    onReplied: (comment, isWritten) => {
      admissions.finish(comment, isWritten);
      tracker.answered(comment.comment.id);
    },
    onUnanswered: (comment) => admissions.finish(comment, false),
    isWaiting: (comment) => admissions.isWaiting(comment),
    turnOfReaders: (comment) => admissions.waitUntilQueueEmpty(comment.installation),
    stopping: stopping.signal,
  });
};
