import { createHash } from 'node:crypto';
import type { RunStep } from '../incoming-comment.ts';

/** What makes a job of a comment the one it is. */
export type CommentJobKey = {
  /** `github.com`, or the host of a GitHub Enterprise Server. */
  host: string;
  /** Numeric, so that a renamed repository keeps its jobs. */
  repository: number;
  comment: number;
  /** The canonical command: name, positionals, parameters sorted by name. */
  command: string;
  /** The n-th occurrence of this canonical command in the comment, from 1. */
  occurrence: number;
};

/**
 * The id of a comment's job: `job-` and the first 32 hex digits of sha256 over these six lines in UTF-8, joined by LF,
 * without one at the end:
 *
 *     v1
 *     github.com
 *     1296269
 *     issue_comment 492700400
 *     /compute 1000
 *     1
 *
 * That is: the version, host, repository id, the kind and id of the comment, the canonical command, and which occurrence of
 * it in the comment. So a redelivery, the Action beside the bot, or an edit that adds a line above give the same id.
 */
export const deriveCommentJobId = ({
  host,
  repository,
  comment,
  command,
  occurrence,
}: CommentJobKey): string => {
  return hashLines(['v1', host, repository, `issue_comment ${comment}`, command, occurrence]);
};

/** What makes a job of a workflow the one it is. */
export type WorkflowJobKey = { host: string; repository: number; step: RunStep; command: string };

/**
 * The id of a job that a workflow asks for, like a comment's of the lines: `v1`, host, repository id, run id, the workflow's job, its step, the canonical command, and the key that the workflow gives; from the second attempt on also
 * `attempt <n>`. A value's line breaks are written as `\n`, so that no value makes a line of its own.
 */
export const deriveWorkflowJobId = ({ host, repository, step, command }: WorkflowJobKey): string => {
  const { run, job, step: name, attempt, key } = step;
  const again = attempt > 1 ? [`attempt ${attempt}`] : [];
  return hashLines(['v1', host, repository, run, job, name, command, key, ...again]);
};

const hashLines = (lines: readonly (string | number)[]): string => {
  const text = lines.map((line) => String(line).replaceAll('\n', String.raw`\n`)).join('\n');
  return `job-${createHash('sha256').update(text).digest('hex').slice(0, 32)}`;
};
