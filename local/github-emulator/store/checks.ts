import type { DatabaseSync } from 'node:sqlite';
import { prepareRows } from '../../sqlite/typed-statement.ts';

export const checkStatuses = [
  'queued',
  'in_progress',
  'completed',
  'waiting',
  'requested',
  'pending',
] as const;
export const checkConclusions = [
  'success',
  'failure',
  'neutral',
  'cancelled',
  'skipped',
  'timed_out',
  'action_required',
] as const;
export const annotationLevels = ['notice', 'warning', 'failure'] as const;

/** An annotation of lines of a file. Lines and columns start at 1. */
export type Annotation = {
  path: string;
  startLine: number;
  endLine: number;
  startColumn: number | null;
  endColumn: number | null;
  level: (typeof annotationLevels)[number];
  message: string;
  title: string | null;
  rawDetails: string | null;
};

/** The details that an app reports about a check of a commit. */
export type CheckDetails = {
  status: (typeof checkStatuses)[number];
  conclusion: (typeof checkConclusions)[number] | null;
  startedAt: string | null;
  completedAt: string | null;
  detailsUrl: string | null;
  externalId: string | null;
  title: string | null;
  summary: string | null;
  text: string | null;
  annotations: readonly Annotation[];
};

export type CheckRunRow = CheckDetails & { id: number; sha: string; name: string };

export type CheckRows = {
  get(id: number): CheckRunRow | undefined;
  /** Returns the check runs of a commit, oldest first. */
  listByCommit(sha: string): CheckRunRow[];
  insert(run: Omit<CheckRunRow, 'id'>): CheckRunRow;
  save(run: CheckRunRow): CheckRunRow;
};

type Row = { id: number; sha: string; name: string; details: string };
const columns = 'id, sha, name, details';

/** Returns the queries on check runs. */
export const checkRows = (database: DatabaseSync): CheckRows => {
  const get = prepareRows<Row>(database, `SELECT ${columns} FROM check_runs WHERE id = ?`);
  const of = prepareRows<Row>(database, `SELECT ${columns} FROM check_runs WHERE sha = ? ORDER BY id`);
  const insert = prepareRows<Row>(
    database,
    `INSERT INTO check_runs (sha, name, details) VALUES (?, ?, ?) RETURNING ${columns}`,
  );
  const save = prepareRows<Row>(
    database,
    `UPDATE check_runs SET name = ?, details = ? WHERE id = ? RETURNING ${columns}`,
  );
  return {
    get: (id) => {
      const row = get.get(id);
      return row && toCheckRun(row);
    },
    listByCommit: (sha) => of.all(sha).map(toCheckRun),
    insert: ({ sha, name, ...details }) => toCheckRun(insert.getOne(sha, name, JSON.stringify(details))),
    save: ({ id, sha: _sha, name, ...details }) => toCheckRun(save.getOne(name, JSON.stringify(details), id)),
  };
};

const toCheckRun = ({ details, ...row }: Row): CheckRunRow => ({
  ...(JSON.parse(details) as CheckDetails),
  ...row,
});
