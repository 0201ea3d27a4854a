import * as v from 'valibot';
import { toOwnerAndRepo, getStatus, UnexpectedResponseError, type Octokit } from '../github/api-client.ts';
import type { Repository } from '../incoming-comment.ts';
import { WebhookComment } from '../github/comment.ts';

/** A comment in a repository's list of comments. */
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

/** Returns the number of a listed comment's thread. */
export const getThreadNumber = ({ issue_url: url }: ListedComment): number => Number(url.split('/').at(-1));

const route = 'GET /repos/{owner}/{repo}/issues/comments';
const pageSize = 100;
/** The maximum number of pages of one poll; the next poll continues from there. */
const maxPages = 10;

/** How far back the first poll goes. */
const initialWindowMilliseconds = 86_400_000;
/** GitHub may list a comment shortly after a newer one. */
const overlapMilliseconds = 120_000;

/** The result of a poll; without comments if nothing has changed. */
type CommentPages = { comments?: ListedComment[]; etag?: string | undefined; more: boolean };

const toIsoSeconds = (time: number): string => new Date(time).toISOString().replace(/\.\d+Z$/, 'Z');

/**
 * Lists the comments of a repository that are new or changed since the last poll. If there are none, a poll is one conditional request,
 * which does not count against the rate limit.
 */
export class RecentComments {
  readonly #repository: Repository;
  #since = toIsoSeconds(Date.now() - initialWindowMilliseconds);
  #etag: string | undefined;

  constructor(repository: Repository) {
    this.#repository = repository;
  }

  /**
   * Calls `settle` with each comment, oldest change first. The next poll repeats all comments from the first for which it returned false.
   * @returns whether there are more comments than one poll lists
   * @throws the error of a call; the next poll then repeats all comments
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
    // Comments that were not settled must be listed again, even if GitHub has nothing new.
    this.#etag = oldestOpen === undefined && since === this.#since ? etag : undefined;
    this.#since = since > this.#since ? since : this.#since;
    return more;
  }

  /** Each page starts at the last change of the previous one, so that no comment is skipped when others change in the meantime. */
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
      if (!read.success) throw new UnexpectedResponseError(`${route} does not have the documented form`);
      return { comments: read.output, etag: headers?.etag };
    } catch (error) {
      if (getStatus(error) === 304) return 'unchanged';
      throw error;
    }
  }
}
