import type { Octokit } from '../../../../chatops/github/api-client.ts';

const app = { id: 77, slug: 'coxswain' };
const botUser = { id: 9077, login: 'coxswain[bot]', type: 'Bot' };
const mona = { id: 11, login: 'mona', type: 'User' };
export const repository = { id: 501, name: 'acme/ops' };

type Comment = { id: number; body: string; user: typeof botUser; created_at: string; updated_at: string };
type CheckRun = { id: number; external_id: string; conclusion: string | null; output: { title: string } };

/** The ways in which GitHub temporarily refuses writes. */
export const refusals = {
  locked: { status: 403, message: 'Unable to create comment because issue is locked.' },
  forbidden: { status: 403, message: 'Resource not accessible by integration' },
  down: { status: 502, message: 'Bad Gateway' },
  limited: { status: 403, message: 'You have exceeded a secondary rate limit', seconds: 60 },
  quick: { status: 422, message: 'Validation Failed: was submitted too quickly' },
} as const;
export type WriteRefusal = keyof typeof refusals;

const createHttpError = (status: number, message: string, headers: Record<string, string> = {}): Error =>
  Object.assign(new Error(message), { status, response: { status, headers, data: { message } } });

/** A minimal GitHub in memory for one reply: one thread, whose first comment requests the jobs. */
export class MemoryGitHub {
  readonly comments: Comment[] = [];
  readonly reactions = new Set<string>();
  readonly checks: CheckRun[] = [];
  readonly requestComment: { id: number; createdAt: string };
  /** The calls of all processes. */
  calls = 0;
  refusal: WriteRefusal | undefined;
  readonly #now: () => number;
  #ids = 1_000;

  /** @param now its clock, in milliseconds since 1970 */
  constructor(now: () => number) {
    this.#now = now;
    const { id, created_at: createdAt } = this.#comment('/compute 10', mona);
    this.requestComment = { id, createdAt };
  }

  get ownComments(): Comment[] {
    return this.comments.filter(({ user }) => user.id === botUser.id);
  }

  deleteOwnComments(): void {
    const others = this.comments.filter(({ user }) => user.id !== botUser.id);
    this.comments.splice(0, this.comments.length, ...others);
  }

  /**
   * Returns GitHub for one process.
   * @param life the number of writes before the process dies
   */
  octokit(life: { left: number }): Octokit {
    return {
      request: async (route, parameters = {}) => {
        if (life.left <= 0) throw new Error('a dead process asks for nothing');
        this.calls += 1;
        const isWrite = !route.startsWith('GET');
        const { status, message, ...limit } = refusals[this.refusal ?? 'down'];
        if (isWrite && this.refusal !== undefined)
          throw createHttpError(
            status,
            message,
            'seconds' in limit ? { 'retry-after': String(limit.seconds) } : {},
          );
        if (isWrite) life.left -= 1;
        return { data: this.#answer(route, parameters), headers: {} };
      },
    };
  }

  #answer(route: string, parameters: Record<string, unknown>): unknown {
    const id = Number(parameters['comment_id']);
    switch (route) {
      case 'GET /app':
        return app;
      case 'GET /repos/{owner}/{repo}':
        return { id: repository.id, private: true };
      case 'GET /repos/{owner}/{repo}/issues/{issue_number}/comments':
        return this.comments
          .filter(({ updated_at: at }) => at >= String(parameters['since']))
          .map((comment) => ({ ...comment, reactions: this.#rollup(comment.id) }));
      case 'POST /repos/{owner}/{repo}/issues/{issue_number}/comments':
        return this.#comment(String(parameters['body']), botUser);
      case 'GET /repos/{owner}/{repo}/issues/comments/{comment_id}':
        return this.#find(id);
      case 'PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}':
        return Object.assign(this.#find(id), { body: parameters['body'], updated_at: this.#time() });
      case 'POST /repos/{owner}/{repo}/issues/comments/{comment_id}/reactions':
        this.#find(id);
        this.reactions.add(`${id} ${String(parameters['content'])}`);
        return {};
      case 'GET /repos/{owner}/{repo}/commits/{ref}/check-runs':
        return { check_runs: this.checks };
      case 'POST /repos/{owner}/{repo}/check-runs':
        return this.#check({ id: (this.#ids += 1) }, parameters);
      case 'PATCH /repos/{owner}/{repo}/check-runs/{check_run_id}':
        return this.#check({ id: Number(parameters['check_run_id']) }, parameters);
      default:
        throw new Error(`There is no ${route} here`);
    }
  }

  #check({ id }: { id: number }, parameters: Record<string, unknown>): CheckRun {
    const run = {
      app: { id: app.id },
      id,
      external_id: String(parameters['external_id']),
      conclusion: (parameters['conclusion'] as string | undefined) ?? null,
      output: { annotations_count: 0, ...(parameters['output'] as { title: string }) },
    };
    const at = this.checks.findIndex((one) => one.id === id);
    if (at === -1) this.checks.push(run);
    else this.checks[at] = run;
    return run;
  }

  #comment(body: string, user: typeof botUser): Comment {
    const time = this.#time();
    const made = { id: (this.#ids += 1), body, user, created_at: time, updated_at: time };
    this.comments.push(made);
    return made;
  }

  #find(id: number): Comment {
    const found = this.comments.find((one) => one.id === id);
    if (!found) throw createHttpError(404, 'Not Found');
    return found;
  }

  #rollup(id: number): Record<string, number> {
    const count = (content: string): number => Number(this.reactions.has(`${id} ${content}`));
    return { eyes: count('eyes'), rocket: count('rocket'), confused: count('confused') };
  }

  #time(): string {
    return new Date(this.#now()).toISOString().replace(/\.\d+Z$/, 'Z');
  }
}
