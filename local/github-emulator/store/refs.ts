import type { DatabaseSync } from 'node:sqlite';
import { prepareRows } from '../../sqlite/typed-statement.ts';

/** Names of commits, such as `refs/heads/main`. */
export type RefRows = {
  get(name: string): string | undefined;
  set(name: string, sha: string): void;
  /** Returns the refs with a prefix, by name. */
  list(prefix: string): { name: string; sha: string }[];
};

/** Returns the queries on refs. */
export const refRows = (database: DatabaseSync): RefRows => {
  const get = prepareRows<{ sha: string }>(database, 'SELECT sha FROM refs WHERE name = ?');
  const set = database.prepare('INSERT OR REPLACE INTO refs (name, sha) VALUES (?, ?)');
  const list = prepareRows<{ name: string; sha: string }>(
    database,
    'SELECT name, sha FROM refs WHERE substr(name, 1, length(?1)) = ?1 ORDER BY name',
  );
  return {
    get: (name) => get.get(name)?.sha,
    set: (name, sha) => void set.run(name, sha),
    list: (prefix) => list.all(prefix),
  };
};
