import { createHash } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import { prepareRows } from '../../sqlite/typed-statement.ts';

type ObjectKind = 'blob' | 'tree' | 'commit';

/** Git's objects, each under the name that git gives it: the SHA-1 of its kind, size and bytes. They are never changed. */
export type ObjectRows = {
  get(sha: string): { kind: ObjectKind; content: Buffer } | undefined;
  /** Puts an object down, if it is not there, and tells its name. */
  put(kind: ObjectKind, content: Uint8Array): string;
  /** The name of the one object whose name begins so; undefined if there is none or more than one. */
  find(prefix: string): string | undefined;
};

/** The objects of the database. */
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
      // `g` comes after all digits.
      const found = find.all(prefix, 'g');
      return found.length === 1 ? found[0]?.sha : undefined;
    },
  };
};
