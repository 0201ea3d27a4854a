import type { DatabaseSync } from 'node:sqlite';

import type { CommentOrder } from './comments.ts';
import { commentOrders } from './comments.ts';
import { now } from './database.ts';
import { prepareRows } from '../../sqlite/typed-statement.ts';

/** A comment on a line of a pull request's diff. */
export type ReviewCommentRow = {
  id: number;
  /** The id of its review. */
  review: number;
  /** The number of its pull request. */
  pull: number;
  body: string;
  /** An account's id. */
  author: number;
  path: string;
  /** The line in the file of the head commit; null for a comment on the whole file. */
  line: number | null;
  commitSha: string;
  diffHunk: string;
  /** The id of the first comment of its review thread; null if it is the first one. */
  replyTo: number | null;
  createdAt: string;
  updatedAt: string;
};

/** Selects the review comments of one pull request or of all, changed at or after `since` (ISO 8601, to the second). */
export type ReviewCommentQuery = {
  pull?: number;
  since?: string;
  order?: CommentOrder;
  limit?: number;
  offset?: number;
};

export type ReviewCommentRows = {
  get(id: number): ReviewCommentRow | undefined;
  /** Returns review comments, by default oldest first. */
  list(query: ReviewCommentQuery): ReviewCommentRow[];
  count(query: ReviewCommentQuery): number;
  insert(comment: Omit<ReviewCommentRow, 'id' | 'createdAt' | 'updatedAt'>): ReviewCommentRow;
  update(id: number, body: string): ReviewCommentRow;
  /** Sets the time at which it was drafted, and the time of the last change (ISO 8601, to the second). */
  setDates(id: number, dates: { createdAt: string; updatedAt: string }): void;
  delete(id: number): void;
};

const columns = `id, review, pull, body, author, path, line, commit_sha AS commitSha, diff_hunk AS diffHunk,
  reply_to AS replyTo, created_at AS createdAt, updated_at AS updatedAt`;
const matching = 'FROM review_comments WHERE (?1 IS NULL OR pull = ?1) AND updated_at >= ?2';
const noLimit = -1;

/** Returns the queries on review comments. */
export const reviewCommentRows = (database: DatabaseSync): ReviewCommentRows => {
  const rows = (sql: string) => prepareRows<ReviewCommentRow>(database, sql);
  const get = rows(`SELECT ${columns} FROM review_comments WHERE id = ?`);
  const listBy = (order: string) =>
    rows(`SELECT ${columns} ${matching} ORDER BY ${order} LIMIT ?3 OFFSET ?4`);
  const count = prepareRows<{ n: number }>(database, `SELECT count(*) AS n ${matching}`);
  const insert = rows(
    `INSERT INTO review_comments
       (review, pull, body, author, path, line, commit_sha, diff_hunk, reply_to, created_at, updated_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING ${columns}`,
  );
  // An edit changes the time even within the second in which the comment was written.
  const update = rows(
    `UPDATE review_comments
     SET body = ?, updated_at = max(?, strftime('%Y-%m-%dT%H:%M:%SZ', updated_at, '+1 second'))
     WHERE id = ? RETURNING ${columns}`,
  );
  const date = database.prepare('UPDATE review_comments SET created_at = ?, updated_at = ? WHERE id = ?');
  const remove = database.prepare('DELETE FROM review_comments WHERE id = ?');
  return {
    get: (id) => get.get(id),
    list: ({ pull, since, order = 'created', limit, offset }) =>
      listBy(commentOrders[order]).all(pull ?? null, since ?? '', limit ?? noLimit, offset ?? 0),
    count: ({ pull, since }) => count.getOne(pull ?? null, since ?? '').n,
    insert: ({ review, pull, body, author, path, line, commitSha, diffHunk, replyTo }) => {
      const at = now();
      return insert.getOne(review, pull, body, author, path, line, commitSha, diffHunk, replyTo, at, at);
    },
    update: (id, body) => update.getOne(body, now(), id),
    setDates: (id, { createdAt, updatedAt }) => void date.run(createdAt, updatedAt, id),
    delete: (id) => void remove.run(id),
  };
};
