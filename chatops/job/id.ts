import { createHash } from 'node:crypto';

/** What makes a job of a comment the one it is. */
export type JobKey = {
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
export const jobId = ({ host, repository, comment, command, occurrence }: JobKey): string => {
  const lines = ['v1', host, repository, `issue_comment ${comment}`, command, occurrence];
  return `job-${createHash('sha256').update(lines.join('\n')).digest('hex').slice(0, 32)}`;
};
