import { answerMissed, converse, reply } from '../chatops/conversation.ts';
import type { ConversationPorts } from '../chatops/visit.ts';
import { httpJobs, httpLeases, httpLocks } from '../compute/client/index.ts';
import type { Logger } from '../runtime/log.ts';
import { openAudit } from './audit/index.ts';
import { meteredThread } from './budget/metered-thread.ts';
import { WriteBudget } from './budget/write-budget.ts';
import { connectGitHub } from './github.ts';
import { countedJobs } from './jobs.ts';
import { Leader } from './lease/leader.ts';
import { guardedThread } from './lease/guarded-thread.ts';
import { ReplyLease, type Held } from './lease/reply-lease.ts';
import { botMetrics } from './metrics.ts';
import { checkPolicy } from './policy-check/check.ts';
import { KeyedQueue } from './queue.ts';
import { Redelivery } from './redelivery/redelivery.ts';
import type { HeardComment, Us } from './server/comment.ts';
import { Hearing } from './server/hearing.ts';
import { webhookMiddleware } from './server/webhooks.ts';
import type { BotSettings } from './settings.ts';
import { Sweep } from './sweep/sweep.ts';
import { Threads } from './threads.ts';
import { Tracker } from './tracker/tracker.ts';

/** All parts of a bot, tied together; none of them has begun yet. */
export const partsOf = (settings: BotSettings, log: Logger) => {
  const core = coreOf(settings, log);
  const { metrics, github, threads, jobs, leases, locks, queue, replyLease, budget, audit, stopping } = core;
  const { app, seconds, instance } = settings;
  const { host } = settings.github;

  const leader: Leader = new Leader({
    leases,
    name: `tracker/${app.id}`,
    holder: instance,
    onLead: () => tracker.wake(),
    metrics,
    log,
  });
  const tracker: Tracker = new Tracker({
    host,
    jobs,
    ports: (target) => threads.at(target),
    isAnswered: (comment) => threads.isAnswered(comment),
    leader,
    queue,
    replyLease,
    budget,
    pace: { look: seconds.tracker * 1_000, edit: seconds.edit * 1_000 },
    audit: audit.audit,
    metrics,
    log,
  });

  const ports = (comment: HeardComment, held: Held = () => {}): ConversationPorts => {
    const at = threads.at(comment);
    const thread = guardedThread(meteredThread(at.thread, budget, comment.installation), held);
    return { ...at, thread, jobs, locks, audit: audit.audit };
  };
  const hearing = new Hearing({
    converse: (comment) => converse(comment, ports(comment)),
    answerMissed: (comment) => answerMissed(comment, ports(comment)),
    reply: (comment, turn, held) => reply(comment, turn, ports(comment, held)),
    withReply: (comment, work) =>
      queue.run(comment.comment.id, () =>
        replyLease.withReply(comment.thread.repository.id, comment.comment.id, work),
      ),
    audit: audit.audit,
    onStarted: () => tracker.wake(),
    onReplied: (comment) => tracker.answered(comment),
    stopping: stopping.signal,
  });

  const us: Us = { app: app.id, host, wrote: (comment) => threads.identity.wrote(comment) };
  const redelivery = new Redelivery({ app: github.app, every: seconds.redelivery * 1_000, metrics, log });
  const sweep: Sweep = new Sweep({
    us,
    github,
    thread: (comment) => threads.at(comment).thread,
    hear: (comment, said) => hearing.hear(comment, said),
    answerMissed: (comment, said) => hearing.missed(comment, said),
    isLeading: () => leader.isLeading,
    every: seconds.sweep * 1_000,
    metrics,
    log,
  });
  const middleware = webhookMiddleware(github.probot, {
    us,
    hear: (comment, said) => hearing.hear(comment, said),
    checkPolicy: (pull) => checkPolicy(pull, threads.in(pull.installation)),
    onFailed: () => redelivery.expect(),
    metrics,
    log,
  });
  return { ...core, leader, tracker, hearing, redelivery, sweep, middleware };
};

/** What the other parts share. */
const coreOf = (settings: BotSettings, log: Logger) => {
  const { app, orchestrator, instance } = settings;
  const metrics = botMetrics();
  const github = connectGitHub(settings, log, metrics);
  const leases = httpLeases(orchestrator);
  const stopping = new AbortController();
  // Without limits there is but one bot, and nobody else to show late what it has written.
  const isLimited = settings.github.throttle;
  const settled = isLimited ? {} : { seconds: { lease: 20, settling: 0, patience: 25 } };
  return {
    metrics,
    github,
    leases,
    stopping,
    jobs: countedJobs(httpJobs(orchestrator), metrics),
    locks: httpLocks(orchestrator),
    threads: new Threads(app.id, github),
    queue: new KeyedQueue(),
    replyLease: new ReplyLease({ leases, holder: instance, stopping: stopping.signal, ...settled }),
    budget: new WriteBudget({ hourly: settings.writesPerHour, log }),
    audit: openAudit({ storage: settings.auditStorage, instance, metrics, log }),
  };
};
