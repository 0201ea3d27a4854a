import * as v from 'valibot';
import { ReviewId, type CommentId } from './comment-id.ts';

/**
 * Where a job comes from. The orchestrator stores it, and reads only what it compares and filters jobs by; the bot finds the thread of
 * a reply in it.
 */
export const Origin = v.looseObject({
  /** `github.com` or the host of a GitHub Enterprise Server. */
  host: v.optional(v.string()),
  repository: v.optional(v.looseObject({ id: v.number(), name: v.string() })),
  thread: v.optional(v.looseObject({ number: v.number(), kind: v.picklist(['issue', 'pull-request']) })),
  /** The comment that requested the job, in the conversation of an issue or pull request. */
  comment: v.optional(v.looseObject({ id: v.number(), createdAt: v.string() })),
  /** The review comment or review that requested the job. Older versions would take it for another comment in `comment`. */
  review: v.optional(v.looseObject({ id: ReviewId, createdAt: v.string() })),
  /** The login of the person who gave the command. */
  sender: v.optional(v.string()),
  installation: v.optional(v.number()),
  /** The canonical command, for the reply's heading. */
  command: v.optional(v.string()),
});
export type Origin = v.InferOutput<typeof Origin>;

/** The comment that requested a job. More fields: its `key` and `index`, see `docs/formats.md`. */
type RequestComment = { [field: string]: unknown; id: CommentId; createdAt: string };

/** Returns the comment of any kind that requested a job; undefined if none did. */
export const getRequestComment = ({ comment, review }: Origin): RequestComment | undefined =>
  comment ?? review;
