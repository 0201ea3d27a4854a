import { openDatabase, runInTransaction } from './database.ts';
import { commentRows, type CommentRows } from './comments.ts';
import { checkRows, type CheckRows } from './checks.ts';
import { deliveryRows, type DeliveryRows } from './deliveries.ts';
import { issueRows, type IssueRows } from './issues.ts';
import { labelRows, type LabelRows } from './labels.ts';
import { objectRows, type ObjectRows } from './objects.ts';
import { pullRows, type PullRows } from './pulls.ts';
import { reactionRows, type ReactionRows } from './reactions.ts';
import { refRows, type RefRows } from './refs.ts';
import { loadSettings, type RepositorySettings } from './settings.ts';

/** All that the sandbox keeps, in one SQLite file. Calls are synchronous; each write is durable when it returns. */
export type EmulatorStore = {
  settings: RepositorySettings;
  issues: IssueRows;
  labels: LabelRows;
  pulls: PullRows;
  comments: CommentRows;
  reactions: ReactionRows;
  objects: ObjectRows;
  refs: RefRows;
  checks: CheckRows;
  deliveries: DeliveryRows;
  /** Runs the writes as one: all of them, or none if it throws. */
  transaction<T>(writes: () => T): T;
  close(): void;
};

/** Opens the store in its folder; new folders and files are made. */
export const openEmulatorStore = (folder: string): EmulatorStore => {
  const database = openDatabase(folder);
  return {
    settings: runInTransaction(database, () => loadSettings(database)),
    issues: issueRows(database),
    labels: labelRows(database),
    pulls: pullRows(database),
    comments: commentRows(database),
    reactions: reactionRows(database),
    objects: objectRows(database),
    refs: refRows(database),
    checks: checkRows(database),
    deliveries: deliveryRows(database),
    transaction: (writes) => runInTransaction(database, writes),
    close: () => database.close(),
  };
};
