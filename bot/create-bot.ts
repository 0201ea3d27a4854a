import { mayHoldCommand } from '../chatops/command/index.ts';
import { converse, reply } from '../chatops/handle-comment.ts';
import type { Us } from '../chatops/github/comment.ts';
import { takeClaimOver } from '../chatops/lease/comment-claim.ts';
import { answerMissed } from '../chatops/handle-missed-comment.ts';
import { scopeOf } from '../chatops/scope.ts';
import type { Logger } from '../runtime/log.ts';
import { codeOwnersCalls, portsFor, type ConversationCore } from './command-ports.ts';
import { coreOf, type Core } from './core.ts';
import { Leader } from './leader-election.ts';
import { checkPolicy, type PolicyCheckPorts } from './policy-check/check-policy.ts';
import { Redelivery } from './redelivery/redelivery.ts';
import { LookupsHeld, visitorOf } from './server/admission-control.ts';
import type { HeardComment } from './server/comment.ts';
import { Hearing, type Outcome } from './server/comment-intake.ts';
import type { ChangedPull } from './server/pull.ts';
import { webhookMiddleware, type WebhookDeps } from './server/webhook-events.ts';
import type { BotSettings } from './settings.ts';
import { Sweep } from './sweep/missed-comment-poller.ts';
import { Tracker } from './tracker/tracker.ts';

/** All parts of a bot, tied together; none of them has begun yet. */
export const partsOf = (settings: BotSettings, log: Logger) => {
  const core = coreOf(settings, log);
  const { github, metrics, threads } = core;
  const { app, seconds } = settings;
  const following = followingOf(core);
  const hearing = hearingOf(core, following.tracker);
  const us: Us = {
    app: app.id,
    host: settings.github.host,
    wrote: (comment) => threads.identity.wrote(comment),
  };
  const hear: WebhookDeps['hear'] = (comment, said) => hearing.hear(comment, said);
  const redelivery = new Redelivery({ app: github.app, every: seconds.redelivery * 1_000, metrics, log });
  const sweep = new Sweep({
    us,
    github,
    thread: (comment) => {
      core.admissions.charge(visitorOf(comment), sweepCalls);
      return threads.at(comment).thread;
    },
    hear: async (comment, said) => assertHeard(await hearing.hear(comment, said)),
    answerMissed: async (comment, said) => assertHeard(await hearing.missed(comment, said)),
    left: core.left,
    takeOver: (comment) => takeClaimOver('app', comment, core.leases),
    admissions: core.admissions,
    isLeading: () => following.leader.isLeading,
    every: seconds.sweep * 1_000,
    metrics,
    log,
  });
  const middleware = webhookMiddleware(github.probot, {
    us,
    hear,
    checkPolicy: async (pull) => checkPolicy(pull, checkPorts(pull, core)),
    onFailed: () => redelivery.expect(),
    metrics,
    log,
  });
  return { ...core, ...following, hearing, redelivery, sweep, middleware };
};

/**
 * Returns GitHub's ports for the policy check of a pull request. Anyone can open a pull request, so its lookups and writes are
 * charged to the author.
 * @throws LookupsHeld if the author's budget is used up: the webhook is redelivered
 */
const checkPorts = (
  { installation, repository, author, isAffiliated }: ChangedPull,
  { threads, budget, admissions, pullPolicyReader }: Core,
): PolicyCheckPorts => {
  const { octokit, files, codeOwners, checks } = threads.in(installation);
  const visitor = { installation, repository: repository.id, person: author, isAffiliated };
  const priority = admissions.admitLookups(visitor, checkCalls);
  const target = { installation, repository: repository.id, person: author };
  return {
    octokit,
    files,
    codeOwners: {
      ownPolicy: (where, commit) => {
        admissions.charge(visitor, codeOwnersCalls);
        return codeOwners.ownPolicy(where, commit);
      },
    },
    readPolicy: pullPolicyReader.read,
    checks: { put: (where, check) => budget.write(target, priority, () => checks.put(where, check)) },
  };
};

/** The approximate number of GitHub calls of a pull request's check. */
const checkCalls = 5;

/** The approximate number of GitHub calls with which the sweep finds out whether a comment has an answer. */
const sweepCalls = 4;

/** @throws Error if a comment was not processed, or not yet: the sweep retries it */
const assertHeard = (outcome: Outcome): void => {
  if (outcome === 'held' || outcome === 'waiting')
    throw new LookupsHeld('Too many comments by people without permissions');
};

/** Who leads follows the jobs. */
const followingOf = ({ settings, ...core }: Core): { leader: Leader; tracker: Tracker } => {
  const { app, seconds, instance, github } = settings;
  const { threads } = core;
  const onLead = () => tracker.wake();
  const leader = new Leader({ ...core, name: `tracker/${app.id}`, holder: instance, onLead });
  core.replicas.leader = leader;
  const tracker = new Tracker({
    ...core,
    host: github.host,
    ports: (target) => threads.at(target),
    isAnswered: (comment) => threads.isAnswered(comment),
    leader,
    pace: { look: seconds.tracker * 1_000, edit: seconds.edit * 1_000 },
  });
  return { leader, tracker };
};

/** What a comment comes to, whoever tells of it. */
export const hearingOf = (
  core: Pick<Core, 'replyLease' | 'stopping'> & ConversationCore,
  tracker: Pick<Tracker, 'wake' | 'answered'>,
): Hearing => {
  const { replyLease, audit, admissions, stopping } = core;
  const pass = async <T>(comment: HeardComment, work: () => Promise<T>): Promise<T | 'held' | undefined> =>
    mayHoldCommand(comment.comment.body) ? admissions.pass(comment, work) : undefined;
  return new Hearing({
    audit,
    converse: (comment) => pass(comment, () => converse(comment, portsFor(comment, core))),
    answerMissed: (comment) => pass(comment, () => answerMissed(comment, portsFor(comment, core))),
    reply: (comment, turn, held) =>
      reply(comment, turn, portsFor(comment, core, { held, toReader: turn.toReader })),
    withReply: (comment, work) => replyLease.withReply(scopeOf(comment), comment.comment.id, work),
    onStarted: () => tracker.wake(),
    onReplied: (comment, isWritten) => {
      admissions.finish(comment, isWritten);
      tracker.answered(comment.comment.id);
    },
    onUnanswered: (comment) => admissions.finish(comment, false),
    isWaiting: (comment) => admissions.isWaiting(comment),
    turnOfReaders: (comment) => admissions.quiet(comment.installation),
    stopping: stopping.signal,
  });
};
