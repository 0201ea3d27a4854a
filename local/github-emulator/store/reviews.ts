import type { DatabaseSync } from 'node:sqlite';

import { now } from './database.ts';
import { prepareRows } from '../../sqlite/typed-statement.ts';

export const reviewStates = ['commented', 'approved', 'changes_requested'] as const;
export type ReviewState = (typeof reviewStates)[number];

/** A submitted review of a pull request. The emulator has no pending reviews. */
export type ReviewRow = {
  id: number;
  /** The number of its pull request. */
  pull: number;
  /** Empty if the review consists of review comments only. */
  body: string;
  /** An account's id. */
  author: number;
  state: ReviewState;
  /** The head commit when the review was submitted. */
  commitSha: string;
  submittedAt: string;
};

export type ReviewRows = {
  get(id: number): ReviewRow | undefined;
  /** Returns the reviews of a pull request, oldest first. */
  list(pull: number): ReviewRow[];
  insert(review: Omit<ReviewRow, 'id' | 'submittedAt'>): ReviewRow;
  update(id: number, body: string): ReviewRow;
  /** Sets the time of submission (ISO 8601, to the second). */
  setDate(id: number, at: string): void;
};

const columns = 'id, pull, body, author, state, commit_sha AS commitSha, submitted_at AS submittedAt';

/** Returns the queries on reviews. */
export const reviewRows = (database: DatabaseSync): ReviewRows => {
  const get = prepareRows<ReviewRow>(database, `SELECT ${columns} FROM reviews WHERE id = ?`);
  const list = prepareRows<ReviewRow>(
    database,
    `SELECT ${columns} FROM reviews WHERE pull = ? ORDER BY submitted_at, id`,
  );
  const insert = prepareRows<ReviewRow>(
    database,
    `INSERT INTO reviews (pull, body, author, state, commit_sha, submitted_at)
     VALUES (?, ?, ?, ?, ?, ?) RETURNING ${columns}`,
  );
  const update = prepareRows<ReviewRow>(
    database,
    `UPDATE reviews SET body = ? WHERE id = ? RETURNING ${columns}`,
  );
  const date = database.prepare('UPDATE reviews SET submitted_at = ? WHERE id = ?');
  return {
    get: (id) => get.get(id),
    list: (pull) => list.all(pull),
    insert: ({ pull, body, author, state, commitSha }) =>
      insert.getOne(pull, body, author, state, commitSha, now()),
    update: (id, body) => update.getOne(body, id),
    setDate: (id, at) => void date.run(at, id),
  };
};
