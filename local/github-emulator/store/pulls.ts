import type { DatabaseSync } from 'node:sqlite';
import { prepareRows } from '../../sqlite/typed-statement.ts';

/** The fields of a pull request beyond its conversation, which is the issue with the same number. */
export type PullRow = {
  number: number;
  /** A branch of the repository, and its commit when the request was opened. */
  base: string;
  baseSha: string;
  /** A branch of the repository, or of the fork. */
  head: string;
  headSha: string;
  /** The id of the account whose fork it comes from; null for the repository itself. */
  fork: number | null;
  /** The merge commit, the time and the account's id; null until it is merged. */
  mergeSha: string | null;
  mergedAt: string | null;
  mergedBy: number | null;
};

type PullQuery = { state?: 'open' | 'closed'; limit: number; offset: number };

export type PullRows = {
  get(number: number): PullRow | undefined;
  /** Returns pull requests, newest first. */
  list(query: PullQuery): PullRow[];
  count(state?: 'open' | 'closed'): number;
  /** Returns the open pull requests from a branch. */
  listOpenFrom(head: string, fork: number | null): PullRow[];
  /** Returns the open pull requests with a head commit. */
  listOpenAt(sha: string): PullRow[];
  insert(pull: Omit<PullRow, 'mergeSha' | 'mergedAt' | 'mergedBy'>): PullRow;
  setMerged(number: number, merge: { sha: string; at: string; by: number }): PullRow;
  /** Changes the head commit of a pull request. */
  updateHead(number: number, sha: string): PullRow;
};

const columns = `pulls.number AS number, base, base_sha AS baseSha, head, head_sha AS headSha, fork,
  merge_sha AS mergeSha, merged_at AS mergedAt, merged_by AS mergedBy`;
const from = 'FROM pulls JOIN issues ON issues.number = pulls.number';
const inState = `${from} WHERE ?1 IS NULL OR state = ?1`;

/** Returns the queries on pull requests. */
export const pullRows = (database: DatabaseSync): PullRows => {
  const get = prepareRows<PullRow>(database, `SELECT ${columns} FROM pulls WHERE number = ?`);
  const list = prepareRows<PullRow>(
    database,
    `SELECT ${columns} ${inState} ORDER BY pulls.number DESC LIMIT ?2 OFFSET ?3`,
  );
  const count = prepareRows<{ n: number }>(database, `SELECT count(*) AS n ${inState}`);
  const openFrom = prepareRows<PullRow>(
    database,
    `SELECT ${columns} ${from} WHERE state = 'open' AND head = ? AND fork IS ?`,
  );
  const openAt = prepareRows<PullRow>(
    database,
    `SELECT ${columns} ${from} WHERE state = 'open' AND head_sha = ?`,
  );
  const insert = prepareRows<PullRow>(
    database,
    `INSERT INTO pulls (number, base, base_sha, head, head_sha, fork) VALUES (?, ?, ?, ?, ?, ?) RETURNING ${columns}`,
  );
  const follow = prepareRows<PullRow>(
    database,
    `UPDATE pulls SET head_sha = ? WHERE number = ? RETURNING ${columns}`,
  );
  const merge = prepareRows<PullRow>(
    database,
    `UPDATE pulls SET merge_sha = ?, merged_at = ?, merged_by = ? WHERE number = ? RETURNING ${columns}`,
  );
  return {
    get: (number) => get.get(number),
    list: ({ state, limit, offset }) => list.all(state ?? null, limit, offset),
    count: (state) => count.getOne(state ?? null).n,
    listOpenFrom: (head, fork) => openFrom.all(head, fork),
    listOpenAt: (sha) => openAt.all(sha),
    insert: ({ number, base, baseSha, head, headSha, fork }) =>
      insert.getOne(number, base, baseSha, head, headSha, fork),
    setMerged: (number, { sha, at, by }) => merge.getOne(sha, at, by, number),
    updateHead: (number, sha) => follow.getOne(sha, number),
  };
};
