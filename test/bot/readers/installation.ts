import { randomUUID } from 'node:crypto';
import { jest } from '@jest/globals';
import { pino } from 'pino';
import type { ProbotOctokit } from 'probot';
import { WriteBudget } from '../../../bot/budget/write-budget.ts';
import { patientOctokit, type GitHub } from '../../../bot/github.ts';
import { botMetrics } from '../../../bot/metrics.ts';
import { hearingOf } from '../../../bot/parts.ts';
import { Admissions } from '../../../bot/server/admissions.ts';
import type { HeardComment } from '../../../bot/server/comment.ts';
import type { Hearing } from '../../../bot/server/hearing.ts';
import { Threads } from '../../../bot/threads.ts';
import type { AuditEntry } from '../../../chatops/audit.ts';
import type { Octokit } from '../../../chatops/github/octokit.ts';
import { readPolicy } from '../../../chatops/policy/index.ts';
import { ReplyLease } from '../../../chatops/lease/reply-lease.ts';
import { scene, type Scene } from '../../chatops/scene.ts';
import { bot, GitHubStandIn, type StoredComment } from '../stand-ins/github.ts';

/** How long GitHub and the orchestrator take for an answer, in milliseconds of virtual time. */
const latency = 150;

const after = <T>(work: () => T | Promise<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    setTimeout(() => void Promise.resolve().then(work).then(resolve, reject), latency);
  });

/** `app`: the slug of the app that posts for the person. */
export type Person = { id: number; login: string; isAffiliated?: boolean; app?: string };

const authorOf = ({ id, login, app }: Person): HeardComment['author'] =>
  app === undefined ? { id, login, kind: 'person' } : { id, login, kind: 'person-via-app', app };

export type InstallationOptions = { hourly?: number; repositories?: number };

/**
 * Several repositories of one installation, and what hears their comments: our own parts, behind Octokit with the pauses that it
 * makes between writes on github.com, in virtual time.
 */
export class VirtualInstallation {
  readonly repositories: GitHubStandIn[];
  readonly metrics = botMetrics();
  readonly logged: Record<string, unknown>[] = [];
  readonly audited: AuditEntry[] = [];
  readonly budget: WriteBudget;
  readonly hearing: Hearing;
  /** Outcomes of webhooks, and the faults of those that failed. */
  readonly outcomes: unknown[] = [];
  readonly #hourly: number;
  readonly #orchestrator: Scene;
  readonly #stopping = new AbortController();
  readonly #threads: Threads;
  readonly #log = pino(
    { level: 'info' },
    { write: (line) => void this.logged.push(JSON.parse(line) as Record<string, unknown>) },
  );

  /** @param before a process that went before, and left its repositories, and what is kept beside GitHub */
  constructor({ hourly = 300, repositories = 1 }: InstallationOptions = {}, before?: VirtualInstallation) {
    this.#hourly = hourly;
    this.repositories =
      before?.repositories ??
      Array.from({ length: repositories }, (_, n) => {
        const github = new GitHubStandIn((n + 1) * 100_000);
        github.repository = { id: 501 + n, full_name: `acme/ops-${n}`, private: true };
        github.permissions.set('mona', { permission: 'maintain', role_name: 'maintain' });
        return github;
      });
    this.#orchestrator = before?.orchestrator ?? scene();
    const { metrics } = this;
    const log = this.#log;
    const octokit = this.#octokit();
    const github = { app: octokit, installation: () => octokit } as unknown as GitHub;
    const leases = { take: () => after(() => true), release: () => after(() => {}) };
    const stopping = this.#stopping;
    const { jobs, locks, secondReader } = this.#orchestrator;
    this.budget = new WriteBudget({ hourly, metrics, log, atOnce: 1 });
    this.#threads = new Threads(77, github, async (text) => readPolicy(text));
    const core = {
      threads: this.#threads,
      jobs,
      locks,
      audit: { record: (entry: AuditEntry) => void this.audited.push(entry) },
      budget: this.budget,
      entry: { name: 'app', claims: () => after(() => true) } as const,
      admissions: new Admissions({ hourly, budget: this.budget, metrics, log }),
      secondReader: { read: secondReader, close: async () => {} },
      replyLease: new ReplyLease({ leases, holder: 'test', stopping: stopping.signal }),
      stopping,
    };
    this.hearing = hearingOf(core, { wake: () => {}, answered: () => {} });
  }

  /** Jobs and locks. */
  get orchestrator(): Scene {
    return this.#orchestrator;
  }

  /** Ends this process in the middle of its work, and begins another. */
  restart(): VirtualInstallation {
    this.#stopping.abort();
    return new VirtualInstallation({ hourly: this.#hourly }, this);
  }

  /** A comment of ours in the first repository. */
  reply(body: string): StoredComment {
    return (this.repositories[0] as GitHubStandIn).comment(body, { user: bot });
  }

  /** Shows progress in a comment of ours, as the tracker does. */
  edit(reply: number, body: string): Promise<void> {
    const repository = { id: 501, name: 'acme/ops-0' };
    const place = { thread: { repository, number: 1, kind: 'issue' as const }, installation: 3 };
    const { thread } = this.#threads.at(place);
    const target = { installation: 3, repository: 501 };
    return this.budget.write(target, 'progress', () => thread.edit(reply, body));
  }

  /** All writes, with when they came by `Date.now()`. */
  stamped(): { at: number }[] {
    return this.calls('writes').map(({ at }) => ({ at: performance.timeOrigin + at }));
  }

  /** Writes a comment, and delivers its webhook. */
  say(
    body: string,
    { person, repository = 0, issue = 1 }: { person: Person; repository?: number; issue?: number },
  ): StoredComment {
    const github = this.repositories[repository] as GitHubStandIn;
    const { id, login } = person;
    const comment = github.comment(body, { user: { id, login, type: 'User' }, issue });
    this.hear(comment, repository, person);
    return comment;
  }

  /** Delivers the webhook of a comment. */
  hear(
    comment: StoredComment,
    repository: number,
    person: Person,
    event: HeardComment['event'] = { kind: 'created' },
  ): void {
    const github = this.repositories[repository] as GitHubStandIn;
    const heard: HeardComment = {
      host: 'github.com',
      thread: {
        repository: { id: github.repository.id, name: github.repository.full_name },
        number: comment.issue,
        kind: 'issue',
      },
      about: { labels: [], comments: 1 },
      comment: { id: comment.id, createdAt: comment.created_at, body: comment.body },
      author: authorOf(person),
      event,
      installation: 3,
      ...(person.isAffiliated ? { isAffiliated: true } : {}),
    };
    this.hearing.hear(heard, this.#log).then(
      (outcome) => this.outcomes.push(outcome),
      (error: unknown) => this.outcomes.push(error),
    );
  }

  /** Lets so much virtual time pass. */
  async pass(milliseconds: number): Promise<void> {
    await jest.advanceTimersByTimeAsync(milliseconds);
  }

  /** The virtual milliseconds until something holds. @throws Error if it does not within the time that it has */
  async timeUntil(what: string, most: number, holds: () => boolean): Promise<number> {
    const began = Date.now();
    while (!holds()) {
      if (Date.now() - began > most) throw new Error(`Not within ${most} ms: ${what}`);
      await this.pass(50);
    }
    return Date.now() - began;
  }

  /** Our replies to a comment, in any repository. */
  repliesTo(comment: StoredComment): StoredComment[] {
    return this.repositories.flatMap((github) => github.repliesTo(comment.id));
  }

  /** Calls to GitHub that change something, or those that do not. */
  calls(kind: 'writes' | 'reads'): GitHubStandIn['calls'] {
    return this.repositories
      .flatMap(({ calls }) => calls)
      .filter(({ method }) => (method === 'GET') === (kind === 'reads'));
  }

  #octokit(): Octokit {
    const Octokit: typeof ProbotOctokit = patientOctokit(true);
    const fetch = async (url: string, options: RequestInit): Promise<Response> => {
      const request = new Request(url, options);
      return after(() => this.#repositoryOf(url).answer(request));
    };
    return new Octokit({
      auth: 'token test',
      baseUrl: 'http://github.test/api/v3',
      request: { fetch },
      // Octokit's pauses are remembered by this id, beyond one test.
      throttle: { id: randomUUID() },
      log: { debug() {}, info() {}, warn() {}, error() {} },
    });
  }

  #repositoryOf(url: string): GitHubStandIn {
    const found = this.repositories.find(({ repository }) => url.includes(`/repos/${repository.full_name}`));
    return found ?? (this.repositories[0] as GitHubStandIn);
  }
}
