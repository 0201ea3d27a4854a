import type { DatabaseSync } from 'node:sqlite';

import { now } from './database.ts';
import { prepareRows } from '../../sqlite/typed-statement.ts';

/** The maximum number of comments on an issue on GitHub. */
export const maxComments = 2_500;

/** A GitHub App that posts comments with a user token. */
export type OtherApp = { id: number; slug: string };

export type CommentRow = {
  id: number;
  /** The number of its issue. */
  issue: number;
  body: string;
  /** An account's id. */
  author: number;
  createdAt: string;
  updatedAt: string;
  /** The id of the app that posted the comment on behalf of its author, if any. */
  appId: number | null;
  appSlug: string | null;
  /** Whether it is on a pull request. */
  onPull: 0 | 1;
};

/** The order of comments: by creation or by change, oldest or newest first. */
export type CommentOrder = 'created' | 'newest' | 'changed' | 'last-changed';

/** The terms of `ORDER BY`. */
export const commentOrders: Record<CommentOrder, string> = {
  created: 'id',
  newest: 'id DESC',
  changed: 'updated_at, id',
  'last-changed': 'updated_at DESC, id DESC',
};

/** Selects the comments of one issue or of all, changed at or after `since` (ISO 8601, to the second). */
export type CommentQuery = {
  issue?: number;
  since?: string;
  order?: CommentOrder;
  limit?: number;
  offset?: number;
};

export type CommentRows = {
  get(id: number): CommentRow | undefined;
  /** Returns comments, by default oldest first. */
  list(query: CommentQuery): CommentRow[];
  count(query: CommentQuery): number;
  insert(comment: { issue: number; author: number; body: string; app?: OtherApp | undefined }): CommentRow;
  update(id: number, body: string): CommentRow;
  /** Sets the times of creation and of the last change (ISO 8601, to the second). */
  setDate(id: number, at: string): void;
  delete(id: number): void;
};

const columns = `id, issue, body, author, created_at AS createdAt, updated_at AS updatedAt,
  app_id AS appId, app_slug AS appSlug,
  EXISTS (SELECT 1 FROM pulls WHERE number = issue) AS onPull`;
const matching = 'FROM comments WHERE (?1 IS NULL OR issue = ?1) AND updated_at >= ?2';
const noLimit = -1;

/** Returns the queries on comments. */
export const commentRows = (database: DatabaseSync): CommentRows => {
  const get = prepareRows<CommentRow>(database, `SELECT ${columns} FROM comments WHERE id = ?`);
  const listBy = (order: string) =>
    prepareRows<CommentRow>(database, `SELECT ${columns} ${matching} ORDER BY ${order} LIMIT ?3 OFFSET ?4`);
  const count = prepareRows<{ n: number }>(database, `SELECT count(*) AS n ${matching}`);
  const insert = prepareRows<CommentRow>(
    database,
    `INSERT INTO comments (issue, body, author, created_at, updated_at, app_id, app_slug)
     VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING ${columns}`,
  );
  // An edit changes the time even within the second in which the comment was written.
  const update = prepareRows<CommentRow>(
    database,
    `UPDATE comments SET body = ?, updated_at = max(?, strftime('%Y-%m-%dT%H:%M:%SZ', created_at, '+1 second'))
     WHERE id = ? RETURNING ${columns}`,
  );
  const date = database.prepare('UPDATE comments SET created_at = ?1, updated_at = ?1 WHERE id = ?2');
  const remove = database.prepare('DELETE FROM comments WHERE id = ?');
  return {
    get: (id) => get.get(id),
    list: ({ issue, since, order = 'created', limit, offset }) =>
      listBy(commentOrders[order]).all(issue ?? null, since ?? '', limit ?? noLimit, offset ?? 0),
    count: ({ issue, since }) => count.getOne(issue ?? null, since ?? '').n,
    insert: ({ issue, author, body, app }) => {
      const at = now();
      return insert.getOne(issue, body, author, at, at, app?.id ?? null, app?.slug ?? null);
    },
    update: (id, body) => update.getOne(body, now(), id),
    setDate: (id, at) => void date.run(at, id),
    delete: (id) => void remove.run(id),
  };
};
