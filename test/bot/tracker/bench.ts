import { pino } from 'pino';
import { ProbotOctokit } from 'probot';
import type { AuditEntry } from '../../../chatops/audit.ts';
import { appIdentity } from '../../../chatops/github/identity.ts';
import { KnownReplies } from '../../../chatops/github/known-replies.ts';
import type { Octokit } from '../../../chatops/github/octokit.ts';
import type { Check } from '../../../chatops/github/port.ts';
import { octokitThread } from '../../../chatops/github/thread.ts';
import { octokitVisibility } from '../../../chatops/github/visibility.ts';
import { httpJobs, httpLeases, type Job, type Leases } from '../../../compute/client/index.ts';
import { WriteBudget } from '../../../bot/budget/write-budget.ts';
import { Leader } from '../../../bot/lease/leader.ts';
import { ReplyLease } from '../../../chatops/lease/reply-lease.ts';
import { botMetrics } from '../../../bot/metrics.ts';
import { Tracker } from '../../../bot/tracker/tracker.ts';
import { GitHubStandIn, repository, type StoredComment } from '../stand-ins/github.ts';
import { OrchestratorStandIn } from '../stand-ins/orchestrator.ts';
import { until } from '../stand-ins/until.ts';

export const host = '127.0.0.1';

export const ago = (milliseconds: number): string => new Date(Date.now() - milliseconds).toISOString();

export const originOf = (comment: StoredComment, more: object = {}): Job['origin'] => ({
  host,
  repository: { id: repository.id, name: repository.full_name },
  thread: { number: comment.issue, kind: 'issue' },
  comment: { id: comment.id, createdAt: comment.created_at },
  sender: 'mona',
  installation: 3,
  command: '/compute 10',
  ...more,
});

export type TestBotOptions = {
  /** Between two edits of a reply that has run for a while, in milliseconds. */
  edit?: number;
  hourly?: number;
  /** The clock of the budget. */
  now?: () => number;
  /** How long a lease lasts, in seconds. */
  lease?: number;
};

/** What a bot consists of beside its webhooks. */
export class TestBot {
  readonly tracker: Tracker;
  readonly leader: Leader;
  readonly replyLease: ReplyLease;
  readonly known = new KnownReplies();
  readonly metrics = botMetrics();
  readonly #stopping = new AbortController();
  #dead = false;

  constructor(
    holder: string,
    bench: TrackerBench,
    { edit = 50, hourly = 1_000_000, now, lease = 2 }: TestBotOptions,
  ) {
    const { metrics } = this;
    const log = bench.log.child({ holder });
    const http = { url: bench.orchestrator.url, key: bench.orchestrator.key };
    const leases = this.#mortal(httpLeases(http));
    this.leader = new Leader({
      leases,
      name: 'tracker/77',
      holder,
      seconds: { lease, renewal: 0.1 },
      onLead: () => this.tracker.wake(),
      metrics,
      log,
    });
    this.replyLease = new ReplyLease({
      leases,
      holder,
      seconds: { lease, settling: 0, patience: 10 },
      stopping: this.#stopping.signal,
    });
    const octokit = new ProbotOctokit({
      auth: 'token test',
      baseUrl: bench.github.url,
      throttle: { enabled: false },
      retry: { enabled: false },
      log: { debug() {}, info() {}, warn() {}, error() {} },
    }) as unknown as Octokit;
    const visibility = octokitVisibility(octokit);
    const identity = appIdentity(77, octokit);
    this.tracker = new Tracker({
      host,
      jobs: httpJobs(http),
      ports: ({ thread }) => ({
        thread: octokitThread(thread, { octokit, identity, known: this.known }),
        visibility,
        checks: bench,
      }),
      isAnswered: (comment) => this.known.of(comment) !== undefined,
      leader: this.leader,
      replyLease: this.replyLease,
      budget: new WriteBudget({ hourly, metrics, log, ...(now ? { now } : {}) }),
      pace: { look: 50, edit },
      audit: { record: (entry) => void bench.audited.push(entry) },
      metrics,
      log,
    });
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.tracker.stop();
    await this.leader.stop();
  }

  /** Ends without a word to anybody, as a process that is killed. */
  async vanish(): Promise<void> {
    this.#dead = true;
    await this.stop();
  }

  #mortal(leases: Leases): Leases {
    const alive = async <T>(call: () => Promise<T>): Promise<T> => {
      if (this.#dead) throw new Error('a dead process asks for nothing');
      return call();
    };
    return {
      take: (name, holder, seconds) => alive(() => leases.take(name, holder, seconds)),
      release: (name, holder) => alive(() => leases.release(name, holder)),
    };
  }
}

/** Bots without webhooks, between a GitHub and an orchestrator that a test plays. */
export class TrackerBench {
  readonly github = new GitHubStandIn();
  readonly orchestrator = new OrchestratorStandIn();
  readonly logged: { msg: string; holder: string }[] = [];
  readonly audited: AuditEntry[] = [];
  readonly checks: Check[] = [];
  readonly log = pino(
    { level: 'info' },
    { write: (line) => void this.logged.push(JSON.parse(line) as { msg: string; holder: string }) },
  );
  readonly #bots: TestBot[] = [];
  #jobs = 0;
  #checkFaults = { error: new Error('none'), times: 0 };

  async open(): Promise<this> {
    await Promise.all([this.github.open(), this.orchestrator.open()]);
    return this;
  }

  async close(): Promise<void> {
    await Promise.all(this.#bots.map((bot) => bot.stop()));
    await Promise.all([this.github.close(), this.orchestrator.close()]);
  }

  start(options: TestBotOptions = {}): TestBot {
    const bot = new TestBot(`bot-${this.#bots.length + 1}`, this, options);
    this.#bots.push(bot);
    bot.leader.start();
    return bot;
  }

  async isShown(_repository: unknown, check: Check): Promise<boolean> {
    const found = this.checks.findLast(({ externalId }) => externalId === check.externalId);
    return found?.title === check.title;
  }

  /** Takes check runs. */
  async put(_repository: unknown, check: Check): Promise<void> {
    this.#checkFaults.times -= 1;
    if (this.#checkFaults.times >= 0) throw this.#checkFaults.error;
    this.checks.push(check);
  }

  /** Answers the next check runs with an error. */
  refuseChecks(error: Error, times = Infinity): void {
    this.#checkFaults = { error, times };
  }

  /** A job that somebody else started: an earlier bot that is gone. */
  orphan(comment: StoredComment, job: Partial<Job> = {}, origin: object = {}): string {
    const id = `job-${String((this.#jobs += 1)).padStart(32, '0')}`;
    this.orchestrator.add({ id, createdAt: ago(60_000), origin: originOf(comment, origin), ...job });
    return id;
  }

  looks(n: number): Promise<boolean> {
    const before = this.orchestrator.lists.length;
    return until('more looks', () => this.orchestrator.lists.length >= before + n);
  }

  /** Comments that were created and edited. */
  writes(): { method: string; path: string; body: unknown; at: number }[] {
    return this.github.calls.filter(
      ({ method, path }) => method === 'PATCH' || (method === 'POST' && path.endsWith('/comments')),
    );
  }

  /** The one reply to a comment, once there is one that holds a text. */
  reply(comment: StoredComment, text = ''): Promise<StoredComment> {
    return until(`a reply with "${text}"`, () =>
      this.github.repliesTo(comment.id).find(({ body }) => body.includes(text)),
    );
  }

  reaction(comment: StoredComment, content: string): Promise<true> {
    return until(`the reaction ${content}`, () => this.github.reactionsTo(comment.id).includes(content));
  }

  told(start: string): Promise<unknown> {
    return until(`the log line "${start}"`, () => this.logged.find(({ msg }) => msg.startsWith(start)));
  }
}
