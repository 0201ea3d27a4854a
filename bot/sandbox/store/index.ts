import { openDatabase, atomically } from './database.ts';
import { commentRows, type CommentRows } from './comments.ts';
import { deliveryRows, type DeliveryRows } from './deliveries.ts';
import { issueRows, type IssueRows } from './issues.ts';
import { reactionRows, type ReactionRows } from './reactions.ts';
import { settingsOf, type Settings } from './settings.ts';

/** All that the sandbox keeps, in one SQLite file. Calls are synchronous; each write is durable when it returns. */
export type Store = {
  settings: Settings;
  issues: IssueRows;
  comments: CommentRows;
  reactions: ReactionRows;
  deliveries: DeliveryRows;
  /** Runs the writes as one: all of them, or none if it throws. */
  atomically<T>(writes: () => T): T;
  close(): void;
};

/** Opens the store in its folder; new folders and files are made. */
export const openStore = (folder: string): Store => {
  const database = openDatabase(folder);
  return {
    settings: atomically(database, () => settingsOf(database)),
    issues: issueRows(database),
    comments: commentRows(database),
    reactions: reactionRows(database),
    deliveries: deliveryRows(database),
    atomically: (writes) => atomically(database, writes),
    close: () => database.close(),
  };
};
