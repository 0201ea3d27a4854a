import { formatShortCommand } from './job/index.ts';
import type { CommandOutcome, SelectedCommand, CommandContext } from './command-context.ts';
import type { Author, ThreadRef } from './incoming-comment.ts';

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

/** Keeps what came of commands: each decision. */
export const recordOutcome = (
  visit: CommandContext,
  items: readonly SelectedCommand[],
  outcome: CommandOutcome,
): void => {
  for (const turned of items) visit.ports.audit.record(toAuditEntry(turned, outcome, visit));
};

const toAuditEntry = (
  { item }: SelectedCommand,
  { allowed, reason, outcome, request, job }: CommandOutcome,
  { comment, policyCommit }: CommandContext,
): AuditEntry => ({
  v: 1,
  at: new Date().toISOString(),
  who: comment.author,
  what: item.kind === 'command' ? formatShortCommand(item.command) : item.heading,
  where: { host: comment.host, thread: comment.thread, comment: comment.comment.id },
  allowed,
  reason,
  request: request ?? null,
  policy: policyCommit,
  job: job ?? null,
  outcome,
});
