import type { DatabaseSync } from 'node:sqlite';

import { now } from './database.ts';
import { prepareRows } from '../../sqlite/typed-statement.ts';

/** GitHub's reasons for closing an issue. */
export const closeReasons = ['completed', 'not_planned', 'duplicate'] as const;
export const lockReasons = ['off-topic', 'too heated', 'resolved', 'spam'] as const;

/** An issue, or the conversation of a pull request. */
export type IssueRow = {
  id: number;
  number: number;
  title: string;
  body: string;
  /** An account's id. */
  author: number;
  createdAt: string;
  updatedAt: string;
  state: 'open' | 'closed';
  stateReason: (typeof closeReasons)[number] | 'reopened' | null;
  closedAt: string | null;
  /** An account's id. */
  closedBy: number | null;
  locked: 0 | 1;
  lockReason: (typeof lockReasons)[number] | null;
  /** The current number of comments. */
  comments: number;
  isPull: 0 | 1;
};

type IssueQuery = { state?: 'open' | 'closed'; limit: number; offset: number };

export type IssueRows = {
  get(number: number): IssueRow | undefined;
  /** Returns issues, newest first. */
  list(query: IssueQuery): IssueRow[];
  count(state?: 'open' | 'closed'): number;
  insert(issue: { author: number; title: string; body: string }): IssueRow;
  /** Stores the fields of an issue that can change: title, text, state and lock. */
  save(issue: IssueRow): IssueRow;
  touch(number: number): void;
  /** Adds a number of absent comments to the count of an issue. */
  setAbsentComments(number: number, comments: number): void;
};

const columns = `id, number, title, body, author, created_at AS createdAt, updated_at AS updatedAt, state,
  state_reason AS stateReason, closed_at AS closedAt, closed_by AS closedBy, locked, lock_reason AS lockReason,
  (SELECT count(*) FROM comments WHERE issue = issues.number) + absent_comments AS comments,
  EXISTS (SELECT 1 FROM pulls WHERE pulls.number = issues.number) AS isPull`;

/** Returns the queries on issues. */
export const issueRows = (database: DatabaseSync): IssueRows => {
  const get = prepareRows<IssueRow>(database, `SELECT ${columns} FROM issues WHERE number = ?`);
  const list = prepareRows<IssueRow>(
    database,
    `SELECT ${columns} FROM issues WHERE ?1 IS NULL OR state = ?1 ORDER BY number DESC LIMIT ?2 OFFSET ?3`,
  );
  const count = prepareRows<{ n: number }>(
    database,
    'SELECT count(*) AS n FROM issues WHERE ?1 IS NULL OR state = ?1',
  );
  const touch = database.prepare('UPDATE issues SET updated_at = ? WHERE number = ?');
  const insert = prepareRows<IssueRow>(
    database,
    `INSERT INTO issues (number, title, body, author, created_at, updated_at)
     VALUES ((SELECT coalesce(max(number), 0) + 1 FROM issues), ?, ?, ?, ?, ?) RETURNING ${columns}`,
  );
  const save = prepareRows<IssueRow>(
    database,
    `UPDATE issues SET title = ?, body = ?, state = ?, state_reason = ?, closed_at = ?, closed_by = ?, locked = ?,
     lock_reason = ?, updated_at = ? WHERE number = ? RETURNING ${columns}`,
  );
  const pretend = database.prepare('UPDATE issues SET absent_comments = ? WHERE number = ?');
  return {
    get: (number) => get.get(number),
    list: ({ state, limit, offset }) => list.all(state ?? null, limit, offset),
    count: (state) => count.getOne(state ?? null).n,
    insert: ({ author, title, body }) => {
      const at = now();
      return insert.getOne(title, body, author, at, at);
    },
    save: ({ title, body, state, stateReason, closedAt, closedBy, locked, lockReason, number }) =>
      save.getOne(title, body, state, stateReason, closedAt, closedBy, locked, lockReason, now(), number),
    touch: (number) => void touch.run(now(), number),
    setAbsentComments: (number, comments) => void pretend.run(comments, number),
  };
};
