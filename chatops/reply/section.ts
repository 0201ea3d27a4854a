import type { Job } from '../../compute/client/index.ts';

/** What a reply says to one command of its comment. `index`: the command's place in the comment, from 0. */
export type Section =
  /** Follows a job to its end. */
  | { kind: 'job'; index: number; job: Job }
  /**
   * Says something once: `answer` what was asked for (help, tasks, a cancel that was done), `refusal` why something is not
   * done. Markdown of ours, with text of others already made harmless.
   */
  | { kind: 'answer' | 'refusal'; index: number; markdown: string };
