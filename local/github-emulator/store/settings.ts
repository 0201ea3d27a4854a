import { randomBytes, randomInt } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';

import { people, workflowAccount } from '../accounts.ts';
import { now } from './database.ts';
import { prepareRows } from '../../sqlite/typed-statement.ts';

/** The values that are generated once per data folder, and the archived state. */
export type RepositorySettings = {
  /** Random, because job ids are derived from it: a new folder never repeats the ids of a deleted one. */
  repositoryId: number;
  createdAt: string;
  /** The key that signs installation tokens. */
  tokenKey: string;
  /** The key that signs the sessions of the pages. */
  sessionKey: string;
  /** The key that requests a sign-in code for the pages. */
  signInKey: string;
  /** The tokens of people and of workflows, by login. */
  tokens: ReadonlyMap<string, string>;
  /** Returns whether the repository is archived, which makes it read-only. */
  isArchived(): boolean;
  setArchived(is: boolean): void;
};

/** Loads the settings of the folder. Generates and stores missing ones. */
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
