import type { Job } from '../../compute/client/index.ts';

/**
 * What a reply says to one command of its comment. `key`: tells the comment's commands apart by their content (8 hex digits),
 * so that it stays the same when the comment is edited; `index`: the command's place in the comment, from 0, for the order alone.
 */
export type ReplySection = { key: string; index: number } &
  /** Follows a job to its end. */
  (
    | { kind: 'job'; job: Job }
    /**
     * Says something once: `answer` what was asked for (help, tasks, a cancel that was done), `refusal` why something is not
     * done. Markdown of ours, with text of others already made harmless.
     */
    | { kind: 'answer' | 'refusal'; markdown: string }
  );
