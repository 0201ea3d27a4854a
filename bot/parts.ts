import { converse, reply } from '../chatops/conversation.ts';
import type { Us } from '../chatops/github/comment.ts';
import { guardedThread } from '../chatops/lease/guarded-thread.ts';
import type { Held } from '../chatops/lease/reply-lease.ts';
import { answerMissed } from '../chatops/missed.ts';
import { scopeOf } from '../chatops/scope.ts';
import type { ConversationPorts } from '../chatops/visit.ts';
import type { Logger } from '../runtime/log.ts';
import { meteredThread } from './budget/metered-thread.ts';
import { coreOf, type Core } from './core.ts';
import { Leader } from './lease/leader.ts';
import { checkPolicy } from './policy-check/check.ts';
import { Redelivery } from './redelivery/redelivery.ts';
import type { HeardComment } from './server/comment.ts';
import { Hearing } from './server/hearing.ts';
import { webhookMiddleware, type WebhookDeps } from './server/webhooks.ts';
import type { BotSettings } from './settings.ts';
import { Sweep } from './sweep/sweep.ts';
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
    thread: (comment) => threads.at(comment).thread,
    hear,
    answerMissed: (comment, said) => hearing.missed(comment, said),
    isLeading: () => following.leader.isLeading,
    every: seconds.sweep * 1_000,
    metrics,
    log,
  });
  const middleware = webhookMiddleware(github.probot, {
    us,
    hear,
    checkPolicy: (pull) => checkPolicy(pull, threads.in(pull.installation)),
    onFailed: () => redelivery.expect(),
    metrics,
    log,
  });
  return { ...core, ...following, hearing, redelivery, sweep, middleware };
};

/** Who leads follows the jobs. */
const followingOf = ({ settings, ...core }: Core): { leader: Leader; tracker: Tracker } => {
  const { app, seconds, instance, github } = settings;
  const { threads } = core;
  const onLead = () => tracker.wake();
  const leader = new Leader({ ...core, name: `tracker/${app.id}`, holder: instance, onLead });
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
const hearingOf = (core: Core, tracker: Tracker): Hearing => {
  const { threads, jobs, locks, audit, budget, replyLease, entry, stopping } = core;
  const ports = (comment: HeardComment, held: Held = () => {}): ConversationPorts => {
    const at = threads.at(comment);
    const thread = guardedThread(meteredThread(at.thread, budget, comment.installation), held);
    return { ...at, thread, jobs, locks, audit, entry };
  };
  return new Hearing({
    audit,
    converse: (comment) => converse(comment, ports(comment)),
    answerMissed: (comment) => answerMissed(comment, ports(comment)),
    reply: (comment, turn, held) => reply(comment, turn, ports(comment, held)),
    withReply: (comment, work) => replyLease.withReply(scopeOf(comment), comment.comment.id, work),
    onStarted: () => tracker.wake(),
    onReplied: (comment) => tracker.answered(comment),
    stopping: stopping.signal,
  });
};
