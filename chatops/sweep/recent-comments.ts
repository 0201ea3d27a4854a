import * as v from 'valibot';
import { toCommentId, type CommentId } from '../../contracts/comment-id.ts';
import { toOwnerAndRepo, getStatus, UnexpectedResponseError, type Octokit } from '../github/api-client.ts';
import type { Repository } from '../incoming-comment.ts';
import { WebhookComment } from '../github/comment.ts';

const listedFields = {
  ...WebhookComment.entries,
  updated_at: v.string(),
  reactions: v.optional(
    v.object({
      total_count: v.number(),
      rocket: v.optional(v.number()),
      confused: v.optional(v.number()),
    }),
  ),
};

/** The kinds of comments that GitHub lists for a whole repository. It lists reviews only by pull request. */
const listedKinds = ['issue_comment', 'pull_request_review_comment'] as const;
type ListedKind = (typeof listedKinds)[number];

const getLastNumber = (url: string): number => Number(url.split('/').at(-1));

const ListedIssueComment = v.pipe(
  v.object({ ...listedFields, issue_url: v.pipe(v.string(), v.regex(/\/issues\/\d+$/)) }),
  v.transform(({ id, issue_url: url, ...comment }): ListedComment => ({
    ...comment,
    id: toCommentId('issue_comment', id),
    thread: getLastNumber(url),
    review: null,
  })),
);

const ListedReviewComment = v.pipe(
  v.object({
    ...listedFields,
    pull_request_url: v.pipe(v.string(), v.regex(/\/pulls\/\d+$/)),
    pull_request_review_id: v.nullish(v.number()),
  }),
  v.transform(({ id, pull_request_url: url, pull_request_review_id: review, ...comment }): ListedComment => ({
    ...comment,
    id: toCommentId('pull_request_review_comment', id),
    // It was drafted before its review was submitted; the submission is its first change.
    created_at: comment.updated_at,
    thread: getLastNumber(url),
    review: review ?? null,
  })),
);

/**
 * A comment in one of a repository's lists of comments. `thread`: the number of its issue or pull request. `review`: the number of a
 * review comment's review; its `created_at` is its last change, and only its review shows when it was written.
 */
export type ListedComment = Omit<v.InferOutput<v.ObjectSchema<typeof listedFields, undefined>>, 'id'> & {
  id: CommentId;
  thread: number;
  review: number | null;
};

/** A repository's list of comments of one kind. */
const lists = {
  issue_comment: { route: 'GET /repos/{owner}/{repo}/issues/comments', schema: v.array(ListedIssueComment) },
  pull_request_review_comment: {
    route: 'GET /repos/{owner}/{repo}/pulls/comments',
    schema: v.array(ListedReviewComment),
  },
} as const satisfies Record<ListedKind, { route: string; schema: v.GenericSchema<unknown, ListedComment[]> }>;

/** Returns the lists of a repository's recent comments, one for each kind. */
export const openRecentComments = (repository: Repository): readonly RecentComments[] =>
  listedKinds.map((kind) => new RecentComments(repository, kind));

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
 * Lists the comments of a repository, of one kind, that are new or changed since the last poll. If there are none, a poll is one conditional request,
 * which does not count against the rate limit.
 */
export class RecentComments {
  readonly #repository: Repository;
  readonly #kind: ListedKind;
  #since = toIsoSeconds(Date.now() - initialWindowMilliseconds);
  #etag: string | undefined;

  constructor(repository: Repository, kind: ListedKind) {
    this.#repository = repository;
    this.#kind = kind;
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
    const found = new Map<CommentId, ListedComment>();
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
    const { route, schema } = lists[this.#kind];
    try {
      const { data, headers } = await octokit.request(route, { ...where, since, ...order, ...condition });
      const read = v.safeParse(schema, data);
      if (!read.success) throw new UnexpectedResponseError(`${route} does not have the documented form`);
      return { comments: read.output, etag: headers?.etag };
    } catch (error) {
      if (getStatus(error) === 304) return 'unchanged';
      throw error;
    }
  }
}
