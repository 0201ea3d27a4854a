import { openDatabase, runInTransaction } from './database.ts';
import { commentRows, type CommentRows } from './comments.ts';
import { checkRows, type CheckRows } from './checks.ts';
import { deliveryRows, type DeliveryRows } from './deliveries.ts';
import { issueRows, type IssueRows } from './issues.ts';
import { labelRows, type LabelRows } from './labels.ts';
import { objectRows, type ObjectRows } from './objects.ts';
import { pullRows, type PullRows } from './pulls.ts';
import { reactionRows, type ReactionRows } from './reactions.ts';
import { reviewCommentRows, type ReviewCommentRows } from './review-comments.ts';
import { reviewRows, type ReviewRows } from './reviews.ts';
import { refRows, type RefRows } from './refs.ts';
import { loadSettings, type RepositorySettings } from './settings.ts';

/** The data of the emulator, in one SQLite file. Calls are synchronous; each write is durable when it returns. */
export type EmulatorStore = {
  settings: RepositorySettings;
  issues: IssueRows;
  labels: LabelRows;
  pulls: PullRows;
  comments: CommentRows;
  reactions: ReactionRows;
  reviews: ReviewRows;
  reviewComments: ReviewCommentRows;
  reviewCommentReactions: ReactionRows;
  objects: ObjectRows;
  refs: RefRows;
  checks: CheckRows;
  deliveries: DeliveryRows;
  /** Runs writes in a transaction, which is rolled back if they throw. */
  transaction<T>(writes: () => T): T;
  close(): void;
};

/** Opens the store in its folder, and creates missing folders and files. */
export const openEmulatorStore = (folder: string): EmulatorStore => {
  const database = openDatabase(folder);
  return {
    settings: runInTransaction(database, () => loadSettings(database)),
    issues: issueRows(database),
    labels: labelRows(database),
    pulls: pullRows(database),
    comments: commentRows(database),
    reactions: reactionRows(database, 'reactions'),
    reviews: reviewRows(database),
    reviewComments: reviewCommentRows(database),
    reviewCommentReactions: reactionRows(database, 'review_comment_reactions'),
    objects: objectRows(database),
    refs: refRows(database),
    checks: checkRows(database),
    deliveries: deliveryRows(database),
    transaction: (writes) => runInTransaction(database, writes),
    close: () => database.close(),
  };
};
