import { randomBytes, randomInt } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';

import { people, workflows } from '../accounts.ts';
import { now } from './database.ts';

/** What is drawn once for a data folder and stays. */
export type Settings = {
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
  archived(): boolean;
  archive(is: boolean): void;
};

/** The folder's settings; each that is missing is drawn and kept. */
export const settingsOf = (database: DatabaseSync): Settings => {
  const insert = database.prepare('INSERT OR IGNORE INTO settings (name, value) VALUES (?, ?)');
  const select = database.prepare('SELECT value FROM settings WHERE name = ?');
  const kept = (name: string, draw: () => string): string => {
    const before = select.get(name) as { value: string } | undefined;
    if (before) return before.value;
    const value = draw();
    insert.run(name, value);
    return value;
  };
  const put = database.prepare('INSERT OR REPLACE INTO settings (name, value) VALUES (?, ?)');
  return {
    repositoryId: Number(kept('repository id', () => String(randomInt(100_000_000, 999_999_999)))),
    createdAt: kept('created at', now),
    tokenKey: kept('token key', () => randomBytes(32).toString('hex')),
    sessionKey: kept('session key', () => randomBytes(32).toString('hex')),
    signInKey: kept('sign-in key', () => randomBytes(24).toString('base64url')),
    tokens: new Map(
      [...people, workflows].map(({ login, type }) => [
        login,
        kept(
          `token of ${login}`,
          () => `${type === 'Bot' ? 'ghs' : 'ghp'}_${randomBytes(18).toString('hex')}`,
        ),
      ]),
    ),
    archived: () => (select.get('archived') as { value: string } | undefined)?.value === 'yes',
    archive: (is) => void put.run('archived', is ? 'yes' : 'no'),
  };
};
