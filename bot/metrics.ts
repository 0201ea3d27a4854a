import { Counter, Gauge, Histogram, Registry } from 'prom-client';

type RegistryOptions = { registers: Registry[] };

/** Creates the metrics of this process, which `/metrics` serves. */
export const createBotMetrics = () => {
  const registry = new Registry();
  const at: RegistryOptions = { registers: [registry] };
  return { registry, ...createInboundMetrics(at), ...createJobMetrics(at), ...createGitHubMetrics(at) };
};

export type BotMetrics = ReturnType<typeof createBotMetrics>;

/** Returns the metrics of incoming webhooks and comments, and of decisions. */
const createInboundMetrics = (at: RegistryOptions) => ({
  webhooks: new Counter({
    name: 'coxswain_webhooks_total',
    help: 'Webhooks by event and outcome',
    labelNames: ['event', 'outcome'] as const,
    ...at,
  }),
  answerSeconds: new Histogram({
    name: 'coxswain_webhook_answer_seconds',
    help: 'Time until a webhook was answered, by HTTP status',
    labelNames: ['status'] as const,
    buckets: [0.01, 0.03, 0.1, 0.3, 1, 3, 9],
    ...at,
  }),
  redeliveries: new Counter({
    name: 'coxswain_redeliveries_total',
    help: 'Failed deliveries that were requested again',
    ...at,
  }),
  missed: new Counter({
    name: 'coxswain_missed_comments_total',
    help: 'Comments that no webhook delivered, by outcome: heard, too-old, fault',
    labelNames: ['outcome'] as const,
    ...at,
  }),
  commands: new Counter({
    name: 'coxswain_commands_total',
    help: 'Decisions on commands, by name and outcome',
    labelNames: ['command', 'outcome'] as const,
    ...at,
  }),
  decisions: new Counter({
    name: 'coxswain_decisions_total',
    help: 'Decisions on commands by whether they were allowed, and why',
    labelNames: ['allowed', 'reason'] as const,
    ...at,
  }),
  auditLines: new Counter({
    name: 'coxswain_audit_lines_total',
    help: 'Audit entries by outcome: stored, dropped',
    labelNames: ['outcome'] as const,
    ...at,
  }),
});

/** Returns the metrics of calls to the orchestrator, and of its jobs. */
const createJobMetrics = (at: RegistryOptions) => ({
  starts: new Counter({
    name: 'coxswain_starts_total',
    help: 'Job starts by kind and answer: started, known, conflict, refused, fault',
    labelNames: ['kind', 'outcome'] as const,
    ...at,
  }),
  cancels: new Counter({
    name: 'coxswain_cancels_total',
    help: 'Requests to cancel a job by answer: accepted, not-found, ended, fault',
    labelNames: ['outcome'] as const,
    ...at,
  }),
  jobs: new Gauge({
    name: 'coxswain_jobs',
    help: 'Jobs that have not ended, by state, as the leading bot last saw them',
    labelNames: ['state'] as const,
    ...at,
  }),
  followed: new Gauge({
    name: 'coxswain_tracker_replies',
    help: 'Replies that the tracker keeps up to date',
    ...at,
  }),
  leading: new Gauge({
    name: 'coxswain_leading',
    help: '1 while this bot is the leader, which tracks jobs, otherwise 0',
    ...at,
  }),
  replicas: new Gauge({
    name: 'coxswain_replicas',
    help: 'Replicas that share the app’s write budget, as last counted by this one',
    ...at,
  }),
  ...createOrchestratorMetric(at),
});

/** How long the last call says something about the orchestrator, in milliseconds: longer than an idle leader's interval between polls. */
const maxCallAgeMilliseconds = 300_000;

/**
 * Returns the metric of the orchestrator's health, and the function that records the outcome of each call. A replica that has made no call
 * recently, because another one leads, does not know the health: the value is then NaN, which is neither up nor down.
 */
export const createOrchestratorMetric = (at: RegistryOptions, now = () => performance.now()) => {
  let last = { up: NaN, at: -Infinity };
  const orchestratorUp = new Gauge({
    name: 'coxswain_orchestrator_up',
    help: '1 if the orchestrator answered the last call, 0 if it did not, NaN without a call in the last 5 minutes',
    collect() {
      this.set(now() - last.at > maxCallAgeMilliseconds ? NaN : last.up);
    },
    ...at,
  });
  const recordOrchestratorCall = (answered: boolean): void => {
    last = { up: answered ? 1 : 0, at: now() };
  };
  return { orchestratorUp, recordOrchestratorCall };
};

/** Returns the metrics of calls and writes to GitHub. */
const createGitHubMetrics = (at: RegistryOptions) => ({
  writes: new Counter({
    name: 'coxswain_reply_writes_total',
    help: 'Writes of the tracker by outcome: created, edited, noticed, checked, held, refused, fault',
    labelNames: ['outcome'] as const,
    ...at,
  }),
  writesHeld: new Counter({
    name: 'coxswain_writes_held_total',
    help: 'Writes delayed by the write budget, by priority: reply, final, news, reaction, progress, reader, reader-reaction',
    labelNames: ['kind'] as const,
    ...at,
  }),
  commentsHeld: new Counter({
    name: 'coxswain_comments_held_total',
    help: 'Comments by people without permissions that were left unread because a budget was used up, by budget: person, reads',
    labelNames: ['reason'] as const,
    ...at,
  }),
  lagSeconds: new Histogram({
    name: 'coxswain_tracker_lag_seconds',
    help: 'Time from the moment the tracker saw a change until its reply showed it',
    buckets: [0.1, 0.3, 1, 3, 10, 30, 100, 300],
    ...at,
  }),
  quotaLeft: new Gauge({
    name: 'coxswain_github_quota_remaining',
    help: 'Calls that an installation has left until GitHub resets its quota',
    labelNames: ['installation'] as const,
    ...at,
  }),
  githubUp: new Gauge({
    name: 'coxswain_github_up',
    help: '1 if GitHub answered the last call, otherwise 0',
    ...at,
  }),
});
