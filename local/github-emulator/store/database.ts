import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

import { prepareRows } from '../../sqlite/typed-statement.ts';

// AUTOINCREMENT: ids are never reused, not even after a row is deleted.
const conversations = `
  CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS issues (
    id INTEGER PRIMARY KEY AUTOINCREMENT, number INTEGER NOT NULL UNIQUE, title TEXT NOT NULL, body TEXT NOT NULL,
    author INTEGER NOT NULL, created_at TEXT NOT NULL, updated_at TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS comments (
    id INTEGER PRIMARY KEY AUTOINCREMENT, issue INTEGER NOT NULL REFERENCES issues(number), body TEXT NOT NULL,
    author INTEGER NOT NULL, created_at TEXT NOT NULL, updated_at TEXT NOT NULL) STRICT;
  CREATE INDEX IF NOT EXISTS comments_by_issue ON comments (issue, id);
  CREATE TABLE IF NOT EXISTS reactions (
    id INTEGER PRIMARY KEY AUTOINCREMENT, comment INTEGER NOT NULL REFERENCES comments(id) ON DELETE CASCADE,
    author INTEGER NOT NULL, content TEXT NOT NULL, created_at TEXT NOT NULL, UNIQUE (comment, author, content)) STRICT;
  CREATE TABLE IF NOT EXISTS deliveries (
    id INTEGER PRIMARY KEY AUTOINCREMENT, guid TEXT NOT NULL, event TEXT NOT NULL, action TEXT NOT NULL,
    redelivery INTEGER NOT NULL, created_at TEXT NOT NULL, attempted_at TEXT, url TEXT, status TEXT, status_code INTEGER,
    duration REAL, request_headers TEXT, response_headers TEXT, response_payload TEXT, payload TEXT NOT NULL) STRICT;
  CREATE INDEX IF NOT EXISTS deliveries_by_time ON deliveries (created_at);
  CREATE INDEX IF NOT EXISTS deliveries_not_attempted ON deliveries (id) WHERE attempted_at IS NULL;
`;

const files = `
  ALTER TABLE issues ADD COLUMN state TEXT NOT NULL DEFAULT 'open';
  ALTER TABLE issues ADD COLUMN state_reason TEXT;
  ALTER TABLE issues ADD COLUMN closed_at TEXT;
  ALTER TABLE issues ADD COLUMN closed_by INTEGER;
  ALTER TABLE issues ADD COLUMN locked INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE issues ADD COLUMN lock_reason TEXT;
  ALTER TABLE issues ADD COLUMN absent_comments INTEGER NOT NULL DEFAULT 0;
  CREATE INDEX comments_by_change ON comments (updated_at);
  CREATE TABLE labels (
    id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE COLLATE NOCASE) STRICT;
  CREATE TABLE issue_labels (
    issue INTEGER NOT NULL REFERENCES issues(number), label INTEGER NOT NULL REFERENCES labels(id),
    PRIMARY KEY (issue, label)) STRICT, WITHOUT ROWID;
  CREATE TABLE objects (sha TEXT PRIMARY KEY, kind TEXT NOT NULL, content BLOB NOT NULL) STRICT;
  CREATE TABLE refs (name TEXT PRIMARY KEY, sha TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE pulls (
    number INTEGER PRIMARY KEY REFERENCES issues(number), base TEXT NOT NULL, base_sha TEXT NOT NULL, head TEXT NOT NULL,
    head_sha TEXT NOT NULL, fork INTEGER) STRICT;
  CREATE TABLE check_runs (
    id INTEGER PRIMARY KEY AUTOINCREMENT, sha TEXT NOT NULL, name TEXT NOT NULL, details TEXT NOT NULL) STRICT;
  CREATE INDEX check_runs_by_commit ON check_runs (sha, id);
`;

const otherApps = `
  ALTER TABLE comments ADD COLUMN app_id INTEGER;
  ALTER TABLE comments ADD COLUMN app_slug TEXT;
`;

const reviews = `
  CREATE TABLE reviews (
    id INTEGER PRIMARY KEY AUTOINCREMENT, pull INTEGER NOT NULL REFERENCES pulls(number), body TEXT NOT NULL,
    author INTEGER NOT NULL, state TEXT NOT NULL, commit_sha TEXT NOT NULL, submitted_at TEXT NOT NULL) STRICT;
  CREATE INDEX reviews_by_pull ON reviews (pull, submitted_at);
  CREATE TABLE review_comments (
    id INTEGER PRIMARY KEY AUTOINCREMENT, review INTEGER NOT NULL REFERENCES reviews(id),
    pull INTEGER NOT NULL REFERENCES pulls(number), body TEXT NOT NULL, author INTEGER NOT NULL, path TEXT NOT NULL,
    line INTEGER, commit_sha TEXT NOT NULL, diff_hunk TEXT NOT NULL, reply_to INTEGER, created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL) STRICT;
  CREATE INDEX review_comments_by_pull ON review_comments (pull, id);
  CREATE INDEX review_comments_by_change ON review_comments (updated_at);
  CREATE TABLE review_comment_reactions (
    id INTEGER PRIMARY KEY AUTOINCREMENT, comment INTEGER NOT NULL REFERENCES review_comments(id) ON DELETE CASCADE,
    author INTEGER NOT NULL, content TEXT NOT NULL, created_at TEXT NOT NULL, UNIQUE (comment, author, content)) STRICT;
`;

const merges = `
  ALTER TABLE pulls ADD COLUMN merge_sha TEXT;
  ALTER TABLE pulls ADD COLUMN merged_at TEXT;
  ALTER TABLE pulls ADD COLUMN merged_by INTEGER;
`;

/** The migrations between versions of the database. The first one also accepts databases from before versions were stored. */
const migrations = [conversations, files, otherApps, reviews, merges];

/**
 * Opens the database in its own folder, which is created if it is missing. A commit is on disk when it returns. Only the owner can read
 * the folder, because it contains tokens.
 */
export const openDatabase = (folder: string): DatabaseSync => {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const database = new DatabaseSync(join(folder, 'github.db'));
  database.exec(
    'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA cache_size = -1024;',
  );
  migrate(database);
  return database;
};

const migrate = (database: DatabaseSync): void => {
  const { user_version: version } = prepareRows<{ user_version: number }>(
    database,
    'PRAGMA user_version',
  ).getOne();
  if (version === migrations.length) return;
  runInTransaction(database, () => {
    for (const step of migrations.slice(version)) database.exec(step);
    database.exec(`PRAGMA user_version = ${migrations.length}`);
  });
};

/** Runs writes in a transaction, which is rolled back if they throw. */
export const runInTransaction = <T>(database: DatabaseSync, writes: () => T): T => {
  database.exec('BEGIN IMMEDIATE');
  try {
    const result = writes();
    database.exec('COMMIT');
    return result;
  } catch (error) {
    database.exec('ROLLBACK');
    throw error;
  }
};

/** Returns the current time to the second, in GitHub's format. */
export const now = (): string => new Date().toISOString().replace(/\.\d+Z$/, 'Z');
