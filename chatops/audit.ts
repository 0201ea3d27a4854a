import type { Author, ThreadRef } from './github/port.ts';

/** One decision: who wanted what, where, whether it was allowed, why, and what came of it. Holds no secret. */
export type AuditEntry = {
  v: 1;
  /** ISO 8601. */
  at: string;
  who: Author;
  /** The command as it is shown. */
  what: string;
  where: { host: string; thread: ThreadRef; comment: number };
  allowed: boolean;
  /** A stable word: `level-suffices`, `not-listed`, `pattern-mismatch`, … */
  reason: string;
  /** sha256 of what exactly was asked for; null where nothing would run. */
  request: string | null;
  /** The policy's commit. */
  policy: string | null;
  job: string | null;
  /** A stable word: `started`, `known`, `refused`, `canceled`, `approved`, … */
  outcome: string;
};

/** Where decisions are kept. */
export interface Audit {
  /** Must not throw: an audit that fails is the sink's own concern. */
  record(entry: AuditEntry): void;
}
