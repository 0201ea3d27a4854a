import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

// AUTOINCREMENT: an id that was given once is never given again, not even after its row is deleted.
const schema = `
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

/**
 * Opens the sandbox's database in its own folder, made if it is missing. A commit is on disk before it returns.
 * The folder is for its owner only, for people's tokens lie in it.
 */
export const openDatabase = (folder: string): DatabaseSync => {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const database = new DatabaseSync(join(folder, 'github.db'));
  database.exec(
    'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA cache_size = -1024;',
  );
  database.exec(schema);
  return database;
};

/** Runs the writes as one: all of them, or none if it throws. */
export const atomically = <T>(database: DatabaseSync, writes: () => T): T => {
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

/** Now, to the second, as GitHub writes times. */
export const now = (): string => new Date().toISOString().replace(/\.\d+Z$/, 'Z');
