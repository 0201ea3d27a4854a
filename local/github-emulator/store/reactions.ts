import type { DatabaseSync } from 'node:sqlite';

import { now } from './database.ts';
import { prepareRows } from '../../sqlite/typed-statement.ts';

/** GitHub's reactions and their emoji, in GitHub's order. */
export const reactionEmoji = {
  '+1': '👍',
  '-1': '👎',
  laugh: '😄',
  hooray: '🎉',
  confused: '😕',
  heart: '❤️',
  rocket: '🚀',
  eyes: '👀',
} as const;
export type ReactionContent = keyof typeof reactionEmoji;

export type ReactionRow = {
  id: number;
  comment: number;
  author: number;
  content: ReactionContent;
  createdAt: string;
};

/** The tables of reactions: to comments of the conversation, and to review comments. */
type ReactionTable = 'reactions' | 'review_comment_reactions';

export type ReactionRows = {
  list(comment: number): ReactionRow[];
  /** Adds a reaction, or returns the existing one of the same author and content. */
  add(reaction: { comment: number; author: number; content: ReactionContent }): {
    reaction: ReactionRow;
    added: boolean;
  };
};

const columns = 'id, comment, author, content, created_at AS createdAt';

/** Returns the queries on the reactions to one kind of comment. */
export const reactionRows = (database: DatabaseSync, table: ReactionTable): ReactionRows => {
  const list = prepareRows<ReactionRow>(
    database,
    `SELECT ${columns} FROM ${table} WHERE comment = ? ORDER BY id`,
  );
  const find = prepareRows<ReactionRow>(
    database,
    `SELECT ${columns} FROM ${table} WHERE comment = ? AND author = ? AND content = ?`,
  );
  const insert = prepareRows<ReactionRow>(
    database,
    `INSERT INTO ${table} (comment, author, content, created_at) VALUES (?, ?, ?, ?) RETURNING ${columns}`,
  );
  return {
    list: (comment) => list.all(comment),
    add: ({ comment, author, content }) => {
      const before = find.get(comment, author, content);
      return before
        ? { reaction: before, added: false }
        : { reaction: insert.getOne(comment, author, content, now()), added: true };
    },
  };
};
