import * as v from 'valibot';
import { toOwnerAndRepo, getStatus, UnexpectedResponseError, type Octokit } from '../github/api-client.ts';
import type { Repository } from '../incoming-comment.ts';
import { WebhookComment } from '../github/comment.ts';

/** A comment as a repository lists it. */
export const ListedComment = v.object({
  ...WebhookComment.entries,
  updated_at: v.string(),
  issue_url: v.pipe(v.string(), v.regex(/\/issues\/\d+$/)),
  reactions: v.optional(
    v.object({
      total_count: v.number(),
      rocket: v.optional(v.number()),
      confused: v.optional(v.number()),
    }),
  ),
});
export type ListedComment = v.InferOutput<typeof ListedComment>;

/** The number of the thread that a listed comment stands on. */
export const getThreadNumber = ({ issue_url: url }: ListedComment): number => Number(url.split('/').at(-1));

const route = 'GET /repos/{owner}/{repo}/issues/comments';
const pageSize = 100;
/** Pages of one look; the next goes on from there. */
const maxPages = 10;

/** How far back the first look goes. */
const initialWindowMilliseconds = 86_400_000;
/** GitHub may list a comment a moment after a younger one. */
const overlapMilliseconds = 120_000;

/** What a look brings; no comments if nothing has changed. */
type CommentPages = { comments?: ListedComment[]; etag?: string | undefined; more: boolean };

const toIsoSeconds = (time: number): string => new Date(time).toISOString().replace(/\.\d+Z$/, 'Z');

/**
 * The comments of a repository that are new or changed since they were last looked at. While there are none, a look is one
 * conditional request, which costs no quota.
 */
export class RecentComments {
  readonly #repository: Repository;
  #since = toIsoSeconds(Date.now() - initialWindowMilliseconds);
  #etag: string | undefined;

  constructor(repository: Repository) {
    this.#repository = repository;
  }

  /**
   * Hands over each comment, oldest change first; from the first for which `settle` says false, all come again.
   * @returns whether there were more than a look goes through
   * @throws the fault of a call: then all come again
   */
  async poll(octokit: Octokit, settle: (comment: ListedComment) => Promise<boolean>): Promise<boolean> {
    const { comments, etag, more } = await this.#list(octokit);
    if (!comments) return false;
    let oldestOpen: string | undefined;
    for (const comment of comments) {
      if (!(await settle(comment))) oldestOpen ??= comment.updated_at;
    }
    const newest = comments.at(-1)?.updated_at;
    const since =
      oldestOpen ??
      (newest === undefined ? this.#since : toIsoSeconds(Date.parse(newest) - overlapMilliseconds));
    // What is still open has to be listed again, though GitHub has nothing new.
    this.#etag = oldestOpen === undefined && since === this.#since ? etag : undefined;
    this.#since = since > this.#since ? since : this.#since;
    return more;
  }

  /** Page by page from the last change of the page before, so that what changes meanwhile moves nothing out of sight. */
  async #list(octokit: Octokit): Promise<CommentPages> {
    const found = new Map<number, ListedComment>();
    let since = this.#since;
    let etag: string | undefined;
    for (let page = 1, pages = 0; pages < maxPages; pages += 1) {
      const answer = await this.#page(octokit, since, page, pages === 0 ? this.#etag : undefined);
      if (answer === 'unchanged') return { more: false };
      for (const comment of answer.comments) found.set(comment.id, comment);
      const last = answer.comments.at(-1)?.updated_at;
      if (pages === 0) ({ etag } = answer);
      if (answer.comments.length < pageSize || last === undefined)
        return { comments: [...found.values()], etag, more: false };
      page = last === since ? page + 1 : 1;
      since = last;
      etag = undefined;
    }
    return { comments: [...found.values()], more: true };
  }

  async #page(octokit: Octokit, since: string, page: number, etag: string | undefined) {
    const order = { sort: 'updated', direction: 'asc', per_page: pageSize, page };
    const condition = etag === undefined ? {} : { headers: { 'if-none-match': etag } };
    const where = toOwnerAndRepo(this.#repository.name);
    try {
      const { data, headers } = await octokit.request(route, { ...where, since, ...order, ...condition });
      const read = v.safeParse(v.array(ListedComment), data);
      if (!read.success) throw new UnexpectedResponseError(`${route} has not the documented form`);
      return { comments: read.output, etag: headers?.etag };
    } catch (error) {
      if (getStatus(error) === 304) return 'unchanged';
      throw error;
    }
  }
}
