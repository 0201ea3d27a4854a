import { randomBytes, randomInt } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';

import { people, workflowAccount } from '../accounts.ts';
import { now } from './database.ts';
import { prepareRows } from '../../sqlite/typed-statement.ts';

/** What is drawn once for a data folder and stays. */
export type RepositorySettings = {
  /** Random: job ids derive from it, so a fresh folder never repeats those of one that was thrown away. */
  repositoryId: number;
  createdAt: string;
  /** The key that makes installation tokens. */
  tokenKey: string;
  /** The key that signs the sessions of the pages. */
  sessionKey: string;
  /** The key that requests a sign-in code for the pages. */
  signInKey: string;
  /** The tokens of people and of workflows, by login. */
  tokens: ReadonlyMap<string, string>;
  /** Whether the repository is archived: then it can only be read. */
  isArchived(): boolean;
  setArchived(is: boolean): void;
};

/** The folder's settings; each that is missing is drawn and kept. */
export const loadSettings = (database: DatabaseSync): RepositorySettings => {
  const insert = database.prepare('INSERT OR IGNORE INTO settings (name, value) VALUES (?, ?)');
  const select = prepareRows<{ value: string }>(database, 'SELECT value FROM settings WHERE name = ?');
  const getOrCreate = (name: string, draw: () => string): string => {
    const before = select.get(name);
    if (before) return before.value;
    const value = draw();
    insert.run(name, value);
    return value;
  };
  const put = database.prepare('INSERT OR REPLACE INTO settings (name, value) VALUES (?, ?)');
  return {
    repositoryId: Number(getOrCreate('repository id', () => String(randomInt(100_000_000, 999_999_999)))),
    createdAt: getOrCreate('created at', now),
    tokenKey: getOrCreate('token key', () => randomBytes(32).toString('hex')),
    sessionKey: getOrCreate('session key', () => randomBytes(32).toString('hex')),
    signInKey: getOrCreate('sign-in key', () => randomBytes(24).toString('base64url')),
    tokens: new Map(
      [...people, workflowAccount].map(({ login, type }) => [
        login,
        getOrCreate(
          `token of ${login}`,
          () => `${type === 'Bot' ? 'ghs' : 'ghp'}_${randomBytes(18).toString('hex')}`,
        ),
      ]),
    ),
    isArchived: () => select.get('archived')?.value === 'yes',
    setArchived: (is) => void put.run('archived', is ? 'yes' : 'no'),
  };
};
