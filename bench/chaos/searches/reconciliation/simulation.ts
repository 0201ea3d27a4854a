import { pino } from 'pino';
import { WriteBudget } from '../../../../bot/rate-limit/write-budget.ts';
import { toThreadBudget } from '../../../../bot/rate-limit/thread-budget.ts';
import { createFencedThread } from '../../../../chatops/reply-sync/fenced-thread.ts';
import { createBotMetrics } from '../../../../bot/metrics.ts';
import { Reconciler } from '../../../../bot/tracker/reconciler.ts';
import { postReply, type CommentResult } from '../../../../chatops/handle-comment.ts';
import { createOctokitCheckRuns } from '../../../../chatops/github/check-runs.ts';
import { createAppIdentity } from '../../../../chatops/github/identity.ts';
import { ReplyCache } from '../../../../chatops/github/reply-cache.ts';
import type { IncomingComment } from '../../../../chatops/incoming-comment.ts';
import { createOctokitThread } from '../../../../chatops/github/thread.ts';
import { createOctokitVisibility } from '../../../../chatops/github/visibility.ts';
import { ReplyLease } from '../../../../chatops/lease/reply-lease.ts';
import { readMarker, readJobStates } from '../../../../chatops/reply/render-reply.ts';
import type { CommandPorts } from '../../../../chatops/command-context.ts';
import { isLive } from '../../../../compute/client/job-watch.ts';
import type { Job, Jobs } from '../../../../compute/client/index.ts';
import { MemoryGitHub, repository, type WriteRefusal } from './memory-github.ts';

const host = '127.0.0.1';
const epoch = Date.parse('2026-03-01T12:00:00Z');
const thread = { repository, number: 1, kind: 'pull-request' } as const;
const commit = 'c'.repeat(40);

/** The states of a job, in order. */
export type JobLife = readonly Pick<Job, 'state' | 'reason'>[];

/** The events, which can happen in any order. */
export type SimulatedEvent =
  | { kind: 'poll' | 'webhook' | 'heal' | 'reply deleted' }
  /** A job, by number, changes to its next state. */
  | { kind: 'job moves'; job: number }
  /** GitHub starts to refuse writes. */
  | { kind: 'refused'; by: WriteRefusal }
  /** The bot dies after a number of writes in its next round, and another one takes over a number of seconds later. */
  | { kind: 'crash'; writes: number; seconds: number };

/** One comment with its jobs, a GitHub, an orchestrator, and a bot that updates the reply, all in virtual time. */
export class ReplySimulation {
  readonly #jobs: Job[];
  readonly #lives: JobLife[];
  #time = 0;
  readonly github = new MemoryGitHub(() => epoch + this.#time);
  #bot: SimulatedBot;

  constructor(lives: readonly JobLife[]) {
    this.#lives = lives.map((life) => [...life]);
    this.#jobs = lives.map((_, n) => this.#newJob(n));
    this.#bot = this.#boot(Infinity);
  }

  async apply(event: SimulatedEvent): Promise<void> {
    switch (event.kind) {
      case 'poll':
        return this.#poll(1_000);
      case 'webhook':
        return this.#bot.receiveWebhook();
      case 'job moves':
        return this.#move(event.job);
      case 'refused':
        this.github.refusal = event.by;
        return undefined;
      case 'heal':
        this.github.refusal = undefined;
        return undefined;
      case 'reply deleted':
        return this.github.deleteOwnComments();
      case 'crash':
        this.#bot.life.left = event.writes;
        await this.#poll(1_000);
        this.#time += event.seconds * 1_000;
        this.#bot = this.#boot(Infinity);
        return undefined;
    }
  }

  /** Ends all jobs, lets GitHub accept all writes, and advances time until nothing is left to do. @returns the deviations from the expected end */
  async settle(): Promise<string[]> {
    for (const [n, life] of this.#lives.entries()) while (life.length > 0) this.#move(n);
    this.github.refusal = undefined;
    for (let pause = 1_000; pause < 86_400_000; pause *= 2) await this.#poll(pause);
    const before = this.github.calls;
    for (let n = 0; n < 3; n += 1) await this.#poll(60_000);
    const asks = this.github.calls > before ? ['GitHub is still asked when all is done'] : [];
    const followed = await this.#bot.followed();
    return [
      ...this.#unwanted(),
      ...asks,
      ...(followed > 0 ? [`${followed} replies are still followed`] : []),
    ];
  }

  #unwanted(): string[] {
    const replies = this.github.ownComments.filter(
      ({ body }) => readMarker(body)?.comment === this.github.requestComment.id,
    );
    const shown = readJobStates(replies[0]?.body ?? '');
    const wanted = this.#jobs.some(({ state }) => state !== 'completed') ? 'confused' : 'rocket';
    const notices = (id: string) =>
      this.github.ownComments.filter(({ body }) => readMarker(body)?.notice === id).length;
    const titles = (id: string) => this.github.checks.filter((run) => run.external_id === id);
    return [
      ...(replies.length === 1 ? [] : [`${replies.length} replies`]),
      ...(this.github.reactions.has(`${this.github.requestComment.id} ${wanted}`) ? [] : [`no ${wanted}`]),
      ...this.#jobs.flatMap(({ id, state }) => [
        ...(shown.get(id) === state ? [] : [`${state} is shown as ${shown.get(id)}`]),
        ...(notices(id) === 1 ? [] : [`${notices(id)} notices of ${state}`]),
        ...(titles(id)[0]?.conclusion && titles(id).length === 1 ? [] : [`check runs of ${state}`]),
      ]),
    ];
  }

  async #poll(milliseconds: number): Promise<void> {
    this.#time += milliseconds;
    await this.#bot.round();
  }

  #move(n: number): void {
    const next = this.#lives[n]?.[0];
    const job = this.#jobs[n];
    if (!next || !job) return;
    this.#lives[n] = this.#lives[n]?.slice(1) ?? [];
    const now = this.#iso();
    const moved = { ...job, ...next, updatedAt: now };
    this.#jobs[n] = isLive(moved) ? moved : { ...moved, endedAt: now };
  }

  #iso(): string {
    return new Date(epoch + this.#time).toISOString();
  }

  #newJob(n: number): Job {
    const now = this.#iso();
    return {
      v: 1,
      id: `job-${String(n).padStart(32, '0')}`,
      kind: 'compute',
      state: 'queued',
      reason: null,
      message: null,
      request: { algorithm: 'monte-carlo-pi', inputCount: 10, parameters: {}, blockSize: 1 },
      progress: null,
      origin: {
        host,
        repository,
        thread: { number: thread.number, kind: thread.kind },
        comment: { ...this.github.requestComment, index: n, key: `0000000${n}` },
        sender: 'mona',
        installation: 3,
        command: '/compute 10',
        notes: { notify: 'always', check: commit },
      },
      createdAt: now,
      startedAt: null,
      updatedAt: now,
      endedAt: null,
      result: null,
      failures: [],
      endedBy: null,
      waiting: null,
      approvals: [],
      retryOf: null,
      links: null,
    };
  }

  #boot(writes: number): SimulatedBot {
    const jobs = {
      page: async ({ states, since = '' }) => ({
        v: 1,
        now: this.#iso(),
        jobs: this.#jobs.filter((job) => (states?.includes(job.state) ?? true) && job.createdAt >= since),
        continue: null,
      }),
      get: async (id) => this.#jobs.find((job) => job.id === id),
    } as Pick<Jobs, 'page' | 'get'> as Jobs;
    const context = { github: this.github, jobs, now: () => this.#time };
    return createBot(context, () => [...this.#jobs], { left: writes });
  }
}

type SimulatedBot = {
  life: { left: number };
  receiveWebhook: () => Promise<void>;
  round: () => Promise<void>;
  followed: () => Promise<number>;
};

type BotContext = { github: MemoryGitHub; jobs: Jobs; now: () => number };

/** A process of the bot: its tracker, and the writes of its webhooks. */
const createBot = (
  { github, jobs, now }: BotContext,
  listJobs: () => Job[],
  life: { left: number },
): SimulatedBot => {
  const log = pino({ level: 'silent' });
  const metrics = createBotMetrics();
  const octokit = github.octokit(life);
  const known = new ReplyCache();
  const on = createOctokitThread(thread, {
    octokit,
    identity: createAppIdentity(77, octokit),
    replyCache: known,
  });
  const visibility = createOctokitVisibility(octokit);
  const leases = { take: async () => true, release: async () => {} };
  const { signal } = new AbortController();
  const seconds = { lease: 60, settling: 0, maxWait: 1 };
  const replyLease = new ReplyLease({ leases, holder: 'bot', stopping: signal, seconds });
  const budget = new WriteBudget({ hourly: 1_000_000, metrics, log, now });
  const target = { installation: 3, repository: thread.repository.id };
  const reconciler = new Reconciler({
    host,
    jobs,
    ports: () => ({ thread: on, visibility, checks: createOctokitCheckRuns(octokit, 77) }),
    isAnswered: (comment) => known.get(comment) !== undefined,
    leader: { isLeading: true },
    replyLease,
    budget,
    intervals: { poll: 1_000, edit: 1_000 },
    audit: { record: () => {} },
    metrics,
    log,
    now,
  });
  const comment = {
    comment: github.requestComment,
    thread,
    threadState: { labels: [], comments: 1 },
  } as unknown as IncomingComment;
  const receiveWebhook = async (): Promise<void> => {
    const sections = listJobs().map(
      (job, index) => ({ kind: 'job', job, key: `0000000${index}`, index }) as const,
    );
    const turn: CommentResult = {
      reaction: 'eyes',
      sections,
      edited: false,
      explained: {},
      toReader: false,
      news: true,
      moves: [],
    };
    const ports = {
      thread: createFencedThread(on, { budget: toThreadBudget(budget, target) }),
      visibility,
      jobs,
    } as unknown as CommandPorts;
    // The tracker retries refused writes.
    await replyLease
      .withReplyLease('scope', github.requestComment.id, () => postReply(comment, turn, ports))
      .catch(() => {});
    reconciler.endHeadStart(github.requestComment.id);
  };
  return {
    life,
    receiveWebhook,
    round: async () => {
      reconciler.requestPoll();
      await reconciler.runRound();
      await reconciler.waitUntilIdle();
    },
    followed: async () => (await metrics.followed.get()).values[0]?.value ?? 0,
  };
};
