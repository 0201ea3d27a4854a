import type { CommentId } from '../contracts/comment-id.ts';
import type { Author, ThreadRef } from './incoming-comment.ts';

/** One decision: who requested what and where, whether it was allowed, why, and what happened. Contains no secrets. */
export type AuditEntry = {
  v: 1;
  /** ISO 8601. */
  at: string;
  who: Author;
  /** The command as shown in replies. */
  what: string;
  where: { host: string; thread: ThreadRef; comment: CommentId };
  allowed: boolean;
  /** A stable code: `level-suffices`, `not-listed`, `pattern-mismatch`, … */
  reason: string;
  /** sha256 of exactly what was requested; null if nothing would run. */
  request: string | null;
  /** The policy's commit. */
  policy: string | null;
  job: string | null;
  /** A stable code: `started`, `known`, `refused`, `canceled`, `approved`, … */
  outcome: string;
};

/** Records decisions. */
export interface Audit {
  /** Must not throw: the implementation handles its own failures. */
  record(entry: AuditEntry): void;
}
