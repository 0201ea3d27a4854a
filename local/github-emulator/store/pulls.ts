import type { DatabaseSync } from 'node:sqlite';

/** What a pull request has beyond its conversation, which is the issue of the same number. */
export type PullRow = {
  number: number;
  /** A branch of the repository, and its commit when the request was opened. */
  base: string;
  baseSha: string;
  /** A branch of the repository, or of the fork. */
  head: string;
  headSha: string;
  /** Whose fork it comes from, by the account's id; null: from the repository itself. */
  fork: number | null;
};

type PullQuery = { state?: 'open' | 'closed'; limit: number; offset: number };

export type PullRows = {
  get(number: number): PullRow | undefined;
  /** Newest first. */
  list(query: PullQuery): PullRow[];
  count(state?: 'open' | 'closed'): number;
  /** The open ones that come from a branch. */
  listOpenFrom(head: string, fork: number | null): PullRow[];
  /** The open ones with that head. */
  listOpenAt(sha: string): PullRow[];
  insert(pull: PullRow): PullRow;
  /** Gives a pull request another head. */
  updateHead(number: number, sha: string): PullRow;
};

const columns = 'pulls.number AS number, base, base_sha AS baseSha, head, head_sha AS headSha, fork';
const from = 'FROM pulls JOIN issues ON issues.number = pulls.number';
const inState = `${from} WHERE ?1 IS NULL OR state = ?1`;

/** The pull requests of the database. */
export const pullRows = (database: DatabaseSync): PullRows => {
  const get = database.prepare(`SELECT ${columns} FROM pulls WHERE number = ?`);
  const list = database.prepare(`SELECT ${columns} ${inState} ORDER BY pulls.number DESC LIMIT ?2 OFFSET ?3`);
  const count = database.prepare(`SELECT count(*) AS n ${inState}`);
  const openFrom = database.prepare(
    `SELECT ${columns} ${from} WHERE state = 'open' AND head = ? AND fork IS ?`,
  );
  const openAt = database.prepare(`SELECT ${columns} ${from} WHERE state = 'open' AND head_sha = ?`);
  const insert = database.prepare(
    `INSERT INTO pulls (number, base, base_sha, head, head_sha, fork) VALUES (?, ?, ?, ?, ?, ?) RETURNING ${columns}`,
  );
  const follow = database.prepare(`UPDATE pulls SET head_sha = ? WHERE number = ? RETURNING ${columns}`);
  return {
    get: (number) => get.get(number) as PullRow | undefined,
    list: ({ state, limit, offset }) => list.all(state ?? null, limit, offset) as PullRow[],
    count: (state) => (count.get(state ?? null) as { n: number }).n,
    listOpenFrom: (head, fork) => openFrom.all(head, fork) as PullRow[],
    listOpenAt: (sha) => openAt.all(sha) as PullRow[],
    insert: ({ number, base, baseSha, head, headSha, fork }) =>
      insert.get(number, base, baseSha, head, headSha, fork) as PullRow,
    updateHead: (number, sha) => follow.get(sha, number) as PullRow,
  };
};
