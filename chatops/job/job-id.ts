import { hash } from 'node:crypto';
import { parseCommentId, type CommentId } from '../../contracts/comment-id.ts';
import type { RunStep } from '../incoming-comment.ts';

/** The facts that determine the id of a comment's job. */
type CommentJobKey = {
  /** `github.com`, or the host of a GitHub Enterprise Server. */
  host: string;
  /** The numeric id: a renamed repository keeps its jobs. */
  repository: number;
  comment: CommentId;
  /** The canonical command: name, positionals, parameters sorted by name. */
  command: string;
  /** The n-th occurrence of this canonical command in the comment, from 1. */
  occurrence: number;
};

/**
 * Returns the id of a comment's job: `job-` and the first 32 hex digits of sha256 over these six lines in UTF-8, joined by LF,
 * without a final LF:
 *
 *     v1
 *     github.com
 *     1296269
 *     issue_comment 492700400
 *     /compute 1000
 *     1
 *
 * These are the version, host, repository id, the kind and number of the comment, the canonical command, and its occurrence in the
 * comment. A redelivery, the Action beside the bot, and an edit that adds a line above result in the same id.
 */
export const deriveCommentJobId = ({
  host,
  repository,
  comment,
  command,
  occurrence,
}: CommentJobKey): string => {
  const { kind, number } = parseCommentId(comment);
  return hashLines(['v1', host, repository, `${kind} ${number}`, command, occurrence]);
};

/** The facts that determine the id of a workflow's job. */
type WorkflowJobKey = { host: string; repository: number; step: RunStep; command: string };

/**
 * Returns the id of a workflow's job. It is derived like that of a comment, from these lines: `v1`, host, repository id, run id, the
 * workflow's job, its step, the canonical command, and the key of the request; from the second attempt on also `attempt <n>`. Line
 * breaks in a value are written as `\n`, so that a value cannot add a line.
 */
export const deriveWorkflowJobId = ({ host, repository, step, command }: WorkflowJobKey): string => {
  const { run, job, step: name, attempt, key } = step;
  const again = attempt > 1 ? [`attempt ${attempt}`] : [];
  return hashLines(['v1', host, repository, run, job, name, command, key, ...again]);
};

const hashLines = (lines: readonly (string | number)[]): string => {
  const text = lines.map((line) => String(line).replaceAll('\n', String.raw`\n`)).join('\n');
  return `job-${hash('sha256', text).slice(0, 32)}`;
};
