import { listen, createWebListener, type RunningServer } from '../../runtime/http-server.ts';

type User = { id: number; login: string; type: string };
type App = { id: number; slug?: string };
export type StoredComment = {
  id: number;
  issue: number;
  body: string;
  user: User;
  created_at: string;
  updated_at: string;
  performed_via_github_app: App | null;
};
export type StoredDelivery = {
  id: number;
  guid: string;
  delivered_at: string;
  status_code: number;
  event: string;
};

/** `at` is the time by `performance.now()`, `token` the credential of the call. */
type Call = { method: string; path: string; body: unknown; at: number; token: string | undefined };
type Fault = {
  pattern: RegExp;
  status: number;
  body: object;
  times: number;
  headers: Record<string, string>;
};

export const app = { id: 77, slug: 'coxswain', installation: 3 };
export const bot: User = { id: 9077, login: 'coxswain[bot]', type: 'Bot' };
export const repository = { id: 501, full_name: 'acme/ops', private: true };

const json = (status: number, body: unknown, headers: Record<string, string> = {}): Response =>
  Response.json(body, { status, headers });

const rollup = (reactions: readonly string[]) => ({
  total_count: reactions.length,
  ...Object.fromEntries(
    ['eyes', 'rocket', 'confused'].map((kind) => [kind, reactions.filter((one) => one === kind).length]),
  ),
});

/** Implements the part of GitHub's REST API that the bot calls, with injected faults. */
export class FakeGitHub {
  readonly comments: StoredComment[] = [];
  /** Its only repository. Calls are recorded as calls to `acme/ops`. */
  repository = repository;
  /** Additional responses by `METHOD path`. */
  readonly more = new Map<string, unknown>();
  readonly reactions: { comment: number; content: string }[] = [];
  /** The reactions to its only review comment. */
  readonly reviewCommentReactions: string[] = [];
  readonly permissions = new Map<string, { permission: string; role_name: string; user?: object }>();
  deliveries: StoredDelivery[] = [];
  /** The user of the token. Undefined for a workflow's own token, which cannot read its user. */
  login: string | undefined;
  /** The response to the conversion of an app manifest. */
  newApp: object = {};
  readonly attempts: number[] = [];
  /** All calls. */
  readonly calls: Call[] = [];
  readonly #faults: Fault[] = [];
  /** Delays each creation of a comment until it resolves. */
  creating: Promise<void> = Promise.resolve();
  /** Comments that reads do not return yet, because GitHub's replicas can lag behind. */
  readonly hidden = new Set<number>();
  #nextId: number;
  #served: RunningServer | undefined;

  /** @param firstId the id of the first comment */
  constructor(firstId = 1_000) {
    this.#nextId = firstId;
  }

  async open(): Promise<this> {
    const onFault = (error: unknown) => console.error(error);
    this.#served = await listen(
      createWebListener((request) => this.answer(request), onFault),
      { what: 'a fake server', port: 0 },
    );
    return this;
  }

  get url(): string {
    return `${this.#served?.url}/api/v3`;
  }

  async close(): Promise<void> {
    await this.#served?.close();
  }

  /** Makes the next calls whose `METHOD path` matches fail. @param message the error's message, or its whole body */
  fail(
    pattern: RegExp,
    status: number,
    message: string | object,
    times = Infinity,
    headers: Record<string, string> = {},
  ): void {
    const body = typeof message === 'string' ? { message } : message;
    this.#faults.push({ pattern, status, body, times, headers });
  }

  /** Sets the policy of the default branch. */
  set policy(text: string) {
    const content = Buffer.from(text);
    this.more.set('GET /repos/acme/ops/contents/.github/coxswain.yml', {
      type: 'file',
      size: content.length,
      encoding: 'base64',
      content: content.toString('base64'),
    });
  }

  clearFaults(): void {
    this.#faults.length = 0;
  }

  /** Adds a comment, by default of a person. @param ago the comment's age in minutes */
  addComment(
    body: string,
    { user, issue = 1, ago = 0, via }: { user?: User; issue?: number; ago?: number; via?: App } = {},
  ): StoredComment {
    const by = user ?? { id: 11, login: 'mona', type: 'User' };
    const now = new Date(Date.now() - ago * 60_000).toISOString().replace(/\.\d+Z$/, 'Z');
    const made: StoredComment = {
      id: this.#nextId++,
      issue,
      body,
      user: by,
      created_at: now,
      updated_at: now,
      performed_via_github_app: via ?? (by.login === bot.login ? { id: app.id } : null),
    };
    this.comments.push(made);
    return made;
  }

  /** Returns our replies whose marker contains the id of a comment. */
  repliesTo(comment: number): StoredComment[] {
    return this.comments.filter(
      ({ user, body }) => user.id === bot.id && body.includes(`"comment":${comment},`),
    );
  }

  reactionsTo(comment: number): string[] {
    return this.reactions.filter((one) => one.comment === comment).map(({ content }) => content);
  }

  /** Returns the response to a request. Works without a server, too. */
  async answer(request: Request): Promise<Response> {
    const url = new URL(request.url);
    const named = url.pathname.replace('/api/v3', '');
    const path = named.replace(`/repos/${this.repository.full_name}`, '/repos/acme/ops');
    const text = await request.text();
    const body: unknown = text === '' ? undefined : JSON.parse(text);
    const token = request.headers.get('authorization')?.replace(/^\S+ /, '');
    this.calls.push({ method: request.method, path, body, at: performance.now(), token });
    const fault = this.#faults.find(
      ({ pattern, times }) => times > 0 && pattern.test(`${request.method} ${path}`),
    );
    if (fault) {
      fault.times -= 1;
      return json(fault.status, fault.body, fault.headers);
    }
    const more = this.more.get(`${request.method} ${decodeURIComponent(path)}`);
    if (more !== undefined) return json(200, more);
    return this.#route(request.method, path, url, body as Record<string, string>);
  }

  async #route(method: string, path: string, url: URL, body: Record<string, string>): Promise<Response> {
    const [, last = ''] = /([^/]+)$/.exec(path) ?? [];
    switch (`${method} ${path.replaceAll(/\d+/g, ':n')}`) {
      case 'POST /app/installations/:n/access_tokens':
        return json(201, {
          token: 'ghs_test',
          expires_at: new Date(Date.now() + 3_600_000).toISOString(),
          permissions: {},
        });
      case 'POST /app-manifests/:n/conversions':
        return json(201, this.newApp);
      case 'GET /app':
        return json(200, { id: app.id, slug: app.slug });
      case 'GET /user':
        return this.login
          ? json(200, { id: 1, login: this.login })
          : json(403, { message: 'Resource not accessible' });
      case 'GET /users/eve':
        return json(200, { id: 12, login: 'eve' });
      case 'GET /repos/acme/ops':
        return json(200, this.repository);
      case 'GET /repos/acme/ops/commits':
        return json(200, []);
      case 'GET /repos/acme/ops/issues/:n':
        return json(200, { number: Number(last), labels: [], comments: 1 });
      case 'GET /repos/acme/ops/pulls/comments':
        return json(200, []);
      case 'GET /repos/acme/ops/pulls/comments/:n':
        return json(200, { reactions: rollup(this.reviewCommentReactions) });
      case 'POST /repos/acme/ops/pulls/comments/:n/reactions':
        this.reviewCommentReactions.push(body['content'] ?? '');
        return json(201, { id: this.reviewCommentReactions.length });
      case 'GET /repos/acme/ops/issues/comments':
        return this.#listAll(url);
      case 'GET /repos/acme/ops/issues/:n/comments':
        return this.#list(Number(path.split('/').at(-2)), url);
      case 'POST /repos/acme/ops/issues/:n/comments':
        await this.creating;
        return json(
          201,
          this.addComment(body['body'] ?? '', { user: bot, issue: Number(path.split('/').at(-2)) }),
        );
      case 'GET /repos/acme/ops/issues/comments/:n':
        return this.#one(Number(last), (comment) => comment);
      case 'PATCH /repos/acme/ops/issues/comments/:n':
        return this.#one(Number(last), (comment) => Object.assign(comment, { body: body['body'] }));
      case 'GET /repos/acme/ops/issues/comments/:n/reactions':
        return json(
          200,
          this.reactionsTo(Number(path.split('/').at(-2))).map((content) => ({ content, user: bot })),
        );
      case 'POST /repos/acme/ops/issues/comments/:n/reactions':
        return this.#react(Number(path.split('/').at(-2)), body['content'] ?? '');
      case 'GET /app/hook/deliveries':
        return this.#deliveriesPage(url);
      case 'POST /app/hook/deliveries/:n/attempts':
        this.attempts.push(Number(path.split('/').at(-2)));
        return json(202, {});
      default:
        return this.#permission(path);
    }
  }

  #list(issue: number, url: URL): Response {
    const since = url.searchParams.get('since') ?? '';
    const size = Number(url.searchParams.get('per_page'));
    const page = Number(url.searchParams.get('page'));
    const all = this.comments.filter(
      (one) => one.issue === issue && one.updated_at >= since && !this.hidden.has(one.id),
    );
    const listed = all.map((one) => ({ ...one, reactions: rollup(this.reactionsTo(one.id)) }));
    return json(200, listed.slice((page - 1) * size, page * size));
  }

  /** Lists the repository's comments in the order of their last change. */
  #listAll(url: URL): Response {
    const since = url.searchParams.get('since') ?? '';
    const size = Number(url.searchParams.get('per_page'));
    const page = Number(url.searchParams.get('page'));
    const all = this.comments
      .filter((one) => one.updated_at >= since && !this.hidden.has(one.id))
      .toSorted((a, b) => a.updated_at.localeCompare(b.updated_at))
      .map((one) => ({
        ...one,
        issue_url: `${url.origin}/repos/acme/ops/issues/${one.issue}`,
        reactions: rollup(this.reactionsTo(one.id)),
      }));
    return json(200, all.slice((page - 1) * size, page * size));
  }

  #one(id: number, change: (comment: StoredComment) => StoredComment): Response {
    const found = this.comments.find((one) => one.id === id && !this.hidden.has(id));
    return found ? json(200, change(found)) : json(404, { message: 'Not Found' });
  }

  #react(comment: number, content: string): Response {
    if (!this.comments.some(({ id }) => id === comment)) return json(404, { message: 'Not Found' });
    const known = this.reactions.some((one) => one.comment === comment && one.content === content);
    if (!known) this.reactions.push({ comment, content });
    return json(known ? 200 : 201, { id: 1, content });
  }

  /** Lists deliveries, newest first, two per page. */
  #deliveriesPage(url: URL): Response {
    const from = Number(url.searchParams.get('cursor') ?? 0);
    const next = `<${url.origin}${url.pathname}?cursor=${from + 2}>; rel="next"`;
    return json(
      200,
      this.deliveries.slice(from, from + 2),
      from + 2 < this.deliveries.length ? { link: next } : {},
    );
  }

  #permission(path: string): Response {
    const login = /^\/repos\/acme\/ops\/collaborators\/([^/]+)\/permission$/.exec(path)?.[1];
    const found = login === undefined ? undefined : this.permissions.get(login);
    return found ? json(200, found) : json(404, { message: 'Not Found' });
  }
}
