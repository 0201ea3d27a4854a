import { createHash, generateKeyPairSync } from 'node:crypto';
import { pino } from 'pino';
import { connectGitHub, type GitHub } from '../../bot/github.ts';
import { createBotMetrics, type BotMetrics } from '../../bot/metrics.ts';
import { listen, createWebListener, type RunningServer } from '../../runtime/http-server.ts';

/** A review comment in the list of a repository. */
type ListedReviewComment = Omit<Listed, 'issue_url' | 'performed_via_github_app'> & {
  pull_request_url: string;
  pull_request_review_id: number;
};

type Listed = {
  id: number;
  body: string;
  created_at: string;
  updated_at: string;
  issue_url: string;
  user: { id: number; login: string; type: string } | null;
  performed_via_github_app: { id: number; slug?: string } | null;
  reactions: { total_count: number };
};

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

/** Implements the part of GitHub's REST API that a sweep calls: one installation with one active repository and its comments. */
export class FakeSweptGitHub {
  comments: Listed[] = [];
  issues = new Map<number, object>([[1, { number: 1, labels: [{ name: 'ops' }], comments: 7 }]]);
  reviewComments: ListedReviewComment[] = [];
  /** When each review was submitted, by number. */
  reviews = new Map<number, string>();
  /** The remaining calls of the rate limit of 5 000. */
  remainingCalls = 5_000;
  down = false;
  calls: { path: string; status: number }[] = [];
  readonly logged: { msg: string; level: number }[] = [];
  readonly metrics: BotMetrics = createBotMetrics();
  readonly log = pino(
    { level: 'info' },
    { write: (line) => void this.logged.push(JSON.parse(line) as never) },
  );
  #served: RunningServer | undefined;
  #nextId = 100;

  async open(): Promise<GitHub> {
    const onFault = (error: unknown) => console.error(error);
    this.#served = await listen(
      createWebListener(async (asked) => this.#counted(asked), onFault),
      { what: 'a fake server', port: 0 },
    );
    const github = {
      apiUrl: this.#served.url,
      webUrl: this.#served.url,
      host: 'github.com',
      throttle: false,
    };
    const app = { id: 77, privateKey: pem, webhookSecret: 'a secret' };
    return connectGitHub({ app, github }, pino({ level: 'silent' }), this.metrics);
  }

  async close(): Promise<void> {
    await this.#served?.close();
  }

  /** Adds a comment with an age in minutes. */
  addComment(body: string, minutes: number, more: Partial<Listed> = {}): Listed {
    const at = new Date(Date.now() - minutes * 60_000).toISOString().replace(/\.\d+Z$/, 'Z');
    const made: Listed = {
      id: (this.#nextId += 1),
      body,
      created_at: at,
      updated_at: at,
      issue_url: `${this.#served?.url}/repos/acme/ops/issues/1`,
      user: { id: 11, login: 'mona', type: 'User' },
      performed_via_github_app: null,
      reactions: { total_count: 0 },
      ...more,
    };
    this.comments.push(made);
    return made;
  }

  /** Adds a review comment whose review was submitted some minutes ago, a minute after the comment was drafted. */
  addReviewComment(
    body: string,
    minutes: number,
    more: Partial<ListedReviewComment> = {},
  ): ListedReviewComment {
    const toTime = (ago: number) => new Date(Date.now() - ago * 60_000).toISOString().replace(/\.\d+Z$/, 'Z');
    const review = (this.#nextId += 1);
    const submitted = toTime(minutes);
    this.reviews.set(review, submitted);
    const made: ListedReviewComment = {
      id: (this.#nextId += 1),
      body,
      created_at: toTime(minutes + 1),
      updated_at: submitted,
      pull_request_url: `${this.#served?.url}/repos/acme/ops/pulls/1`,
      pull_request_review_id: review,
      user: { id: 11, login: 'mona', type: 'User' },
      reactions: { total_count: 0 },
      ...more,
    };
    this.reviewComments.push(made);
    return made;
  }

  get lists(): number[] {
    return this.calls.filter(({ path }) => path.endsWith('/issues/comments')).map(({ status }) => status);
  }

  #counted(asked: Request): Response {
    const path = new URL(asked.url).pathname;
    const answer = this.down
      ? Response.json({ message: 'Bad Gateway' }, { status: 404 })
      : this.#answer(asked, path);
    this.calls.push({ path, status: answer.status });
    const reset = String(Math.ceil(Date.now() / 1_000) + 600);
    answer.headers.set('x-ratelimit-limit', '5000');
    answer.headers.set('x-ratelimit-remaining', String(this.remainingCalls));
    answer.headers.set('x-ratelimit-reset', reset);
    answer.headers.set('x-ratelimit-resource', 'core');
    return answer;
  }

  #answer(asked: Request, path: string): Response {
    if (path === '/app/installations') {
      return Response.json([{ id: 3 }, { id: 4, suspended_at: '2026-01-01T00:00:00Z' }]);
    }
    if (path.endsWith('/access_tokens')) {
      const expires = new Date(Date.now() + 3_600_000).toISOString();
      return Response.json({ token: 'ghs_test', expires_at: expires, permissions: {} }, { status: 201 });
    }
    if (path === '/installation/repositories') {
      const archived = { id: 502, full_name: 'acme/old', archived: true };
      return Response.json({ total_count: 2, repositories: [{ id: 501, full_name: 'acme/ops' }, archived] });
    }
    if (path === '/repos/acme/ops/issues/comments') return this.#list(asked, this.comments);
    if (path === '/repos/acme/ops/pulls/comments') return this.#list(asked, this.reviewComments);
    const submitted = this.reviews.get(Number(/\/pulls\/1\/reviews\/(\d+)$/.exec(path)?.[1]));
    if (submitted !== undefined) return Response.json({ submitted_at: submitted });
    const issue = this.issues.get(Number(/\/issues\/(\d+)$/.exec(path)?.[1]));
    return issue ? Response.json(issue) : Response.json({ message: 'Not Found' }, { status: 404 });
  }

  #list(asked: Request, listed: readonly { updated_at: string }[]): Response {
    const query = new URL(asked.url).searchParams;
    const [size, page] = [Number(query.get('per_page')), Number(query.get('page'))];
    const found = listed
      .filter(({ updated_at: at }) => at >= (query.get('since') ?? ''))
      .toSorted((a, b) => a.updated_at.localeCompare(b.updated_at));
    const body = JSON.stringify(found.slice((page - 1) * size, page * size));
    const etag = `W/"${createHash('sha256').update(body).digest('hex')}"`;
    if (asked.headers.get('if-none-match') === etag)
      return new Response(null, { status: 304, headers: { etag } });
    return new Response(body, { headers: { etag, 'content-type': 'application/json' } });
  }
}
