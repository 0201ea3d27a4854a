import type { DatabaseSync } from 'node:sqlite';

import { now } from './database.ts';

export type Issue = {
  id: number;
  number: number;
  title: string;
  body: string;
  /** An account's id. */
  author: number;
  createdAt: string;
  updatedAt: string;
  /** How many comments it has now. */
  comments: number;
};

export type IssueRows = {
  get(number: number): Issue | undefined;
  /** Newest first. */
  list(page: { limit: number; offset: number }): Issue[];
  count(): number;
  insert(issue: { author: number; title: string; body: string }): Issue;
  touch(number: number): void;
};

const columns = `id, number, title, body, author, created_at AS createdAt, updated_at AS updatedAt,
  (SELECT count(*) FROM comments WHERE issue = issues.number) AS comments`;

/** The issues of the database. */
export const issueRows = (database: DatabaseSync): IssueRows => {
  const get = database.prepare(`SELECT ${columns} FROM issues WHERE number = ?`);
  const list = database.prepare(`SELECT ${columns} FROM issues ORDER BY number DESC LIMIT ? OFFSET ?`);
  const count = database.prepare('SELECT count(*) AS n FROM issues');
  const touch = database.prepare('UPDATE issues SET updated_at = ? WHERE number = ?');
  const insert = database.prepare(
    `INSERT INTO issues (number, title, body, author, created_at, updated_at)
     VALUES ((SELECT coalesce(max(number), 0) + 1 FROM issues), ?, ?, ?, ?, ?) RETURNING ${columns}`,
  );
  return {
    get: (number) => get.get(number) as Issue | undefined,
    list: ({ limit, offset }) => list.all(limit, offset) as Issue[],
    count: () => (count.get() as { n: number }).n,
    insert: ({ author, title, body }) => {
      const at = now();
      return insert.get(title, body, author, at, at) as Issue;
    },
    touch: (number) => void touch.run(now(), number),
  };
};
