import { createHash } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import { prepareRows } from '../../sqlite/typed-statement.ts';

type ObjectKind = 'blob' | 'tree' | 'commit';

/** Git objects by their names in git: the SHA-1 of kind, size and bytes. They never change. */
export type ObjectRows = {
  get(sha: string): { kind: ObjectKind; content: Buffer } | undefined;
  /** Stores an object if it is missing, and returns its name. */
  put(kind: ObjectKind, content: Uint8Array): string;
  /** Returns the name of the only object with a prefix; undefined if there is none or more than one. */
  find(prefix: string): string | undefined;
};

/** Returns the queries on git objects. */
export const objectRows = (database: DatabaseSync): ObjectRows => {
  const get = prepareRows<{ kind: ObjectKind; content: Uint8Array }>(
    database,
    'SELECT kind, content FROM objects WHERE sha = ?',
  );
  const put = database.prepare('INSERT OR IGNORE INTO objects (sha, kind, content) VALUES (?, ?, ?)');
  const find = prepareRows<{ sha: string }>(
    database,
    'SELECT sha FROM objects WHERE sha >= ?1 AND sha < ?1 || ?2 LIMIT 2',
  );
  return {
    get: (sha) => {
      const row = get.get(sha);
      return row && { kind: row.kind, content: Buffer.from(row.content) };
    },
    put: (kind, content) => {
      const sha = createHash('sha1').update(`${kind} ${content.length}\0`).update(content).digest('hex');
      put.run(sha, kind, content);
      return sha;
    },
    find: (prefix) => {
      // `g` sorts after all hexadecimal digits.
      const found = find.all(prefix, 'g');
      return found.length === 1 ? found[0]?.sha : undefined;
    },
  };
};
